"""Receiving a drop: it becomes a version and queued deployments, or is rejected with the reason."""

import importlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.unit.fakes import FakeBeanstalk
from tests.unit.samples import NOW, archive, drop, environment, event_files, instance, queued, seconds, war
from tests.unit.world import Crash, World, once, raising
from wardrop.configuration.duration import Duration
from wardrop.deployments import line
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import QuarantinedVersion, Standing
from wardrop.deployments.state import State
from wardrop.drops.delivery import Delivery
from wardrop.drops.drop import Drop, read_event
from wardrop.drops.empty import GRACE, StillEmpty
from wardrop.drops.joining import RunningUnconfirmed
from wardrop.drops.receipt import Receipt
from wardrop.drops.receive import ReceiveDrop
from wardrop.drops.targets import HELD_FOR, FirstStageUnknown
from wardrop.environments.model import Environment, Health
from wardrop.errors import NoRoom, NotNow, Outdated, Refused

FULL = "You cannot have more than 1000 Application Versions."


class DropWorld(World):
    def __init__(self, *environments: Environment) -> None:
        super().__init__(*environments or (environment(),))

    def receive(self, dropped: Drop, now: datetime = NOW, first_at: datetime | None = None) -> Receipt:
        delivery = Delivery(dropped, now, first_at or now, is_first=False)
        return self.verb(ReceiveDrop, processor_time=lambda: 0.0)(delivery)

    def drop(
        self,
        key: str = "shop/shop-staging/shop-2.0.war",
        content: bytes = war(),
        metadata: Mapping[str, str] | None = None,
        **differs: Any,
    ) -> Receipt:
        return self.receive(self.bundles.put(drop(key, **differs), content, **metadata or {}))

    def queued(self, name: str = "shop-staging") -> list[Deployment]:
        return self.environment(name).deployments

    def deployed(self, state: State = State.SUCCEEDED) -> None:
        """Ends the queued deployment."""
        [deployment] = self.queued()
        self.ledger.write(Change([msgspec.structs.replace(deployment, state=state)]))


class OccupiedBeanstalk(FakeBeanstalk):
    """Beanstalk has a version of another bundle under every label."""

    def create_version(self, *_: str) -> bool:
        return False


@pytest.fixture
def world() -> DropWorld:
    return DropWorld()


@pytest.fixture
def both() -> DropWorld:
    return DropWorld(environment(), environment(name="shop-prod", id="e-2"))


class TestAccepted:
    def test_a_version_is_made_and_its_deployment_is_queued_and_woken(self, world):
        receipt = world.drop(metadata={"dropped_by": "jenkins"})
        assert (receipt.status, receipt.label) == ("accepted", "shop-2.0")
        [deployment] = world.queued()
        assert (deployment.id, deployment.state, deployment.label) == (receipt.deployments[0], State.QUEUED, "shop-2.0")
        assert deployment.dropped_by == "jenkins"
        assert deployment.reason == "shop-2.0 was dropped as shop/shop-staging/shop-2.0.war, by jenkins as stated"
        assert deployment.arrival[0] == NOW
        assert world.beanstalk.bundles_by_label == {"shop-2.0": (deployment.release.bucket, deployment.release.key)}
        assert world.woken == [("shop-staging", deployment.id)]
        assert world.alert_kinds == ["deployment_queued"]

    def test_the_outcome_is_tagged_on_the_object_in_s3s_alphabet(self, world):
        receipt = world.drop("shop/shop-staging/가게 2.0.war")
        assert world.bundles.tags[receipt.drop] == {
            "wardrop-status": "accepted",
            "wardrop-version": "2.0",
            "wardrop-deployment": receipt.deployments[0],
            "wardrop-reason": "2.0 is queued for shop-staging",
        }

    def test_a_second_delivery_changes_nothing_and_tags_the_same(self, world):
        first = world.drop()
        tags = dict(world.bundles.tags)
        world.calls.clear()
        assert world.drop() == first
        assert world.calls == ["ledger.receipts.find", "bundles.tag"]
        assert world.bundles.tags == tags
        assert len(world.queued()) == 1

    def test_the_label_may_be_stated(self, world):
        assert world.drop(metadata={"version_label": "golden"}).label == "golden"

    def test_on_failure_may_be_stated(self, world):
        world.drop(metadata={"on_failure": "hold"})
        assert world.queued()[0].rules.on_failure == "hold"

    def test_a_name_without_a_version_gets_the_manifests(self, world):
        assert world.drop("shop/shop-staging/ROOT.war").label == "ROOT-7.1"

    def test_a_deployment_has_the_fields_of_the_samples(self, world):
        world.drop()
        assert set(msgspec.structs.asdict(world.queued()[0])) == set(msgspec.structs.asdict(queued()))


class TestLabelsAndBytes:
    def test_new_bytes_under_a_label_that_exists_get_a_label_of_their_own(self, world):
        world.drop()
        receipt = world.drop(content=war(more=b"other"), version_id="v2")
        assert receipt.label.startswith("shop-2.0-")
        assert len(receipt.label) == len("shop-2.0-") + 8

    def test_the_same_bytes_under_another_name_are_the_same_version_and_are_deployed(self, world):
        world.drop()
        receipt = world.drop("shop/shop-staging/shop-copy-9.war", version_id="v2")
        assert receipt.label == "shop-2.0"
        assert len(receipt.deployments) == 1
        assert list(world.beanstalk.bundles_by_label) == ["shop-2.0"]

    def test_a_label_of_a_version_that_wardrop_did_not_make_is_not_used(self, world):
        world.beanstalk.bundles_by_label["shop-2.0"] = ("elsewhere", "key")
        receipt = world.drop()
        assert receipt.status == "accepted"
        assert receipt.label.startswith("shop-2.0-")

    def test_bytes_whose_stored_bundle_is_gone_become_another_version(self, world):
        first = world.drop()
        world.bundles.fault = "its bundle is gone"
        again = world.drop(version_id="v2")
        assert again.status == "accepted"
        assert again.label != first.label
        assert len({deployment.release.key for deployment in world.queued()}) == 2

    def test_a_drop_is_rejected_if_every_label_belongs_to_another_bundle(self, world):
        world.beanstalk = OccupiedBeanstalk(environment())
        assert "belong to other bundles; drop the file again with another version-label" in world.drop().reason


class TestBytesThatRunAlready:
    def test_they_are_accepted_and_not_deployed(self, world):
        world.drop()
        world.deployed()
        world.show(version_label="shop-2.0")
        launched = instance(3, None, None, deployment_id=0)
        world.beanstalk.fleet = (instance(1, "shop-2.0"), instance(2, "shop-2.0"), launched)
        receipt = world.drop(version_id="v2")
        assert (receipt.status, receipt.deployments) == ("accepted", [])
        assert receipt.reason == "shop-2.0 already runs in shop-staging; there is nothing to deploy"
        assert world.bundles.tags[receipt.drop]["wardrop-deployment"] == "none"
        assert len(world.woken) == 1

    def test_only_the_second_look_counts_because_an_update_may_just_have_begun(self, world):
        world.drop()
        world.deployed()
        world.show(version_label="shop-2.0", reports_instances=False)
        again = world.bundles.put(drop("shop/shop-staging/shop-2.0.war", version_id="v2"), war())
        receive = world.verb(ReceiveDrop, processor_time=lambda: 0.0)
        with pytest.raises(RunningUnconfirmed) as waits:
            receive(Delivery(again, NOW, NOW, is_first=True))
        assert waits.value.retry_after == 5
        assert waits.value.reason == "shop-2.0 seems to run in shop-staging already; Wardrop looks again after 5 s"
        world.show(version_label="shop-2.0", status="Updating")
        receipt = receive(Delivery(again, NOW, NOW, is_first=False))
        assert receipt.reason == "shop-2.0 is queued for shop-staging"

    def test_an_older_upload_that_is_received_later_never_replaces_them(self, world):
        world.drop()
        world.deployed()
        world.show(version_label="shop-2.0")
        world.beanstalk.fleet = (instance(1, "shop-2.0"),)
        older, newer = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
        world.bundles.uploaded_at = newer
        world.drop(version_id="v3", event_time=newer)
        world.bundles.uploaded_at = older
        world.drop("shop/shop-staging/shop-1.9.war", war(more=b"other"), version_id="v2", event_time=older)
        [late] = world.queued()
        [(superseded, end)] = line.superseded([late], world.environment().standing)
        assert (superseded.label, end.state) == ("shop-1.9", State.SUPERSEDED)

    def test_with_basic_health_the_label_of_the_environment_decides(self, world):
        world.drop()
        world.deployed()
        world.show(version_label="shop-2.0", reports_instances=False)
        assert world.drop(version_id="v2").deployments == []

    @pytest.mark.parametrize(
        ("described", "fleet"),
        [
            ({"version_label": "shop-1.0"}, [("shop-2.0", "Deployed")]),
            ({"status": "Updating"}, [("shop-2.0", "Deployed")]),
            ({}, [("shop-2.0", "Deployed"), ("shop-1.0", "Deployed")]),
            ({}, [("shop-2.0", "Failed")]),
            ({}, []),
        ],
    )
    def test_they_are_deployed_unless_every_instance_of_a_ready_environment_runs_them(self, world, described, fleet):
        world.drop()
        world.deployed(State.FAILED)
        world.show(**({"version_label": "shop-2.0"} | described))
        world.beanstalk.fleet = tuple(instance(n, label, status) for n, (label, status) in enumerate(fleet))
        assert len(world.drop(version_id="v2").deployments) == 1

    def test_they_are_deployed_while_another_version_is_active(self, world):
        world.drop()
        world.deployed()
        world.show(version_label="shop-2.0")
        world.beanstalk.fleet = (instance(1, "shop-2.0"),)
        world.drop("shop/shop-staging/shop-3.0.war", war(more=b"3"), version_id="v3")
        assert len(world.drop(version_id="v4").deployments) == 1

    def test_they_are_not_deployed_under_another_label_that_nobody_states(self, world):
        world.drop()
        world.deployed()
        world.drop(metadata={"version_label": "2.0"}, version_id="v2")
        world.deployed()
        world.show(version_label="2.0")
        world.beanstalk.fleet = (instance(1, "2.0"),)
        assert world.drop(version_id="v3").deployments == []


class TestBytesThatAreDeployedAlready:
    def test_a_drop_joins_the_deployment_that_waits_and_says_so(self, world):
        first = world.drop()
        again = world.drop(version_id="v2", metadata={"dropped_by": "jenkins"})
        assert again.deployments == first.deployments
        assert (
            again.reason == "shop-2.0 already waits to be deployed to shop-staging, so this drop joins that deployment"
        )
        assert world.bundles.tags[again.drop]["wardrop-deployment"] == first.deployments[0]
        [deployment] = world.queued()
        assert [(one.drop, one.dropped_by) for one in deployment.joined] == [(again.drop, "jenkins")]
        assert world.alert_kinds == ["deployment_queued"]

    def test_a_drop_joins_the_deployment_that_moves(self, world):
        first = world.drop()
        [waiting] = world.queued()
        world.ledger.write(Change([msgspec.structs.replace(waiting, state=State.DEPLOYING)]))
        again = world.drop(version_id="v2")
        assert again.deployments == first.deployments
        assert "is already being deployed to shop-staging" in again.reason
        assert world.environment().standing.newest == world.queued()[0].arrival

    @pytest.mark.parametrize(("others", "joins"), [(["shop-2.0", None], True), (["shop-2.0", "theirs-1"], False)])
    def test_a_drop_joins_no_deployment_whose_version_a_failed_update_by_another_user_replaced(
        self, world, others, joins
    ):
        """After the failed update, the environment still has the label of the previous version."""
        first = world.drop()
        [waiting] = world.queued()
        world.ledger.write(Change([msgspec.structs.replace(waiting, state=State.BAKING)]))
        world.show(version_label="shop-2.0")
        world.beanstalk.fleet = [instance(number, label) for number, label in enumerate(others)]
        again = world.drop(version_id="v2")
        assert (again.deployments == first.deployments) == joins
        assert len(world.queued()) == (1 if joins else 2)

    def test_an_upload_in_three_steps_is_one_deployment_and_no_alert_but_of_that(self, world):
        empty = world.bundles.put(drop(size=0), b"")
        content = world.bundles.put(drop(version_id="v2"), war())
        replaced = world.receive(empty)
        receipts = [world.receive(content), world.drop(version_id="v3")]
        assert (replaced.status, replaced.deployments) == ("replaced", [])
        assert world.bundles.tags[empty.id]["wardrop-status"] == "replaced"
        assert receipts[0].deployments == receipts[1].deployments
        assert len(world.queued()) == 1
        assert world.alert_kinds == ["deployment_queued"]

    def test_of_two_drops_of_new_bytes_at_the_same_time_one_starts_the_deployment(self, world):
        other: list[Receipt] = []
        world.before["ledger.write"] = once(lambda: other.append(world.drop(version_id="v2")))
        receipt = world.drop()
        assert receipt.deployments == other[0].deployments
        assert len(world.queued()) == 1
        assert len(world.alerts) == 1

    def test_of_two_drops_of_known_bytes_at_the_same_time_one_starts_the_deployment(self, world):
        world.drop()
        world.deployed(State.FAILED)
        other: list[Receipt] = []
        world.before["ledger.write"] = once(lambda: other.append(world.drop(version_id="v2")))
        receipt = world.drop(version_id="v3")
        assert receipt.deployments == other[0].deployments
        assert len(world.queued()) == 1

    def test_a_drop_that_comes_too_late_four_times_is_delivered_again(self, world):
        world.before["ledger.write"] = raising(Outdated())
        with pytest.raises(Outdated):
            world.drop()
        assert world.calls.count("ledger.write") == 4

    def test_an_environment_that_already_runs_the_content_still_belongs_to_the_stage(self, both):
        both.drop()
        both.deployed()
        both.show(version_label="shop-2.0")
        both.beanstalk.fleet = (instance(1, "shop-2.0"), instance(2, "shop-2.0"))
        both.parameters.documents["shop"] = "environments: [[{name: shop-prod}, {name: shop-staging}]]"
        receipt = both.drop("shop/shop-2.0.war", version_id="v2")
        [own] = both.queued("shop-prod")
        assert receipt.deployments == [own.id]
        assert (own.stage, own.promotes) == (["shop-prod", "shop-staging"], True)
        assert receipt.reason == "shop-2.0 is queued for shop-prod; shop-2.0 already runs in shop-staging"

    def test_in_a_stage_each_environment_joins_or_gets_its_own_deployment(self, both):
        first = both.drop()
        both.parameters.documents["shop"] = "environments: [[{name: shop-prod}, {name: shop-staging}]]"
        receipt = both.drop("shop/shop-2.0.war", version_id="v2")
        [waiting], [own] = both.queued(), both.queued("shop-prod")
        assert receipt.deployments == [own.id, *first.deployments]
        assert (waiting.stage, waiting.promotes) == (["shop-prod", "shop-staging"], True)
        assert own.stage == ["shop-prod", "shop-staging"]
        assert receipt.reason == (
            "shop-2.0 is queued for shop-prod; "
            "shop-2.0 already waits to be deployed to shop-staging, so this drop joins that deployment"
        )

    def test_a_new_version_costs_no_look_at_the_environment_and_no_other_call(self, world):
        world.drop()
        assert world.calls == [
            "ledger.receipts.find",
            "beanstalk.environments_of",
            "configurations.load",
            "parameters.read",
            "ledger.configurations.read",
            "bundles.open",
            "bundles.keep",
            "ledger.versions.reserve",
            "beanstalk.create_version",
            "ledger.write",
            "mailbox.wake",
            "bundles.tag",
        ]


class TestAnotherLabelForTheSameBytes:
    def test_a_release_candidate_becomes_the_release_on_the_same_bundle_and_is_deployed(self, world):
        world.drop("shop/shop-staging/shop-2.0-rc1.war")
        world.deployed()
        receipt = world.drop(metadata={"version_label": "2.0"}, version_id="v2")
        assert (receipt.label, len(receipt.deployments)) == ("2.0", 1)
        bundles = world.beanstalk.bundles_by_label
        assert bundles["2.0"] == bundles["shop-2.0-rc1"]
        [deployment] = world.queued()
        assert (deployment.label, deployment.release.key) == ("2.0", bundles["2.0"][1])

    def test_the_same_label_again_is_the_same_version(self, world):
        world.drop("shop/shop-staging/shop-2.0-rc1.war")
        for number in (2, 3):
            world.drop(metadata={"version_label": "2.0"}, version_id=f"v{number}")
        assert list(world.beanstalk.bundles_by_label) == ["shop-2.0-rc1", "2.0"]

    def test_a_label_of_other_bytes_is_made_distinct_and_still_stated(self, world):
        world.drop("shop/shop-staging/2.0.war", war(more=b"other"))
        world.drop("shop/shop-staging/shop-2.0-rc1.war", version_id="v2")
        receipt = world.drop(metadata={"version_label": "2.0"}, version_id="v3")
        assert receipt.label.startswith("2.0-")
        bundles = world.beanstalk.bundles_by_label
        assert bundles[receipt.label] == bundles["shop-2.0-rc1"]

    def test_if_the_first_bundle_is_not_sound_the_release_gets_the_new_copy(self, world):
        world.drop("shop/shop-staging/shop-2.0-rc1.war")
        world.bundles.fault = "its bundle is gone"
        receipt = world.drop(metadata={"version_label": "2.0"}, version_id="v2")
        bundles = world.beanstalk.bundles_by_label
        assert receipt.status == "accepted"
        assert bundles[receipt.label] != bundles["shop-2.0-rc1"]

    def test_quarantined_bytes_are_rejected_under_another_label(self, world):
        world.drop()
        [deployment] = world.queued()
        bad = QuarantinedVersion(label="shop-2.0", at=NOW, because="it failed", sha256=deployment.release.sha256)
        world.deployed(State.ROLLED_BACK)
        world.ledger.write(Change(standing=Standing(environment="shop-staging", quarantined=[bad])))
        reason = world.drop(metadata={"version_label": "2.0"}, version_id="v2").reason
        assert reason.startswith("shop-2.0, which has the same bytes as 2.0, is quarantined in shop-staging")


class TestTargets:
    def test_the_rules_of_the_configured_environment_are_pinned(self, both):
        both.parameters.documents["shop"] = "environments: [{name: shop-prod, accept: [Ok], bad_for: 90s}]"
        both.drop("shop/shop-2.0.war")
        [deployment] = both.queued("shop-prod")
        assert (deployment.rules.accept, deployment.rules.bad_for) == ((Health.OK,), Duration(seconds=90))
        assert deployment.promotes
        assert both.queued("shop-staging") == []

    def test_the_environments_of_one_stage_are_deployed_side_by_side(self, both):
        both.parameters.documents["shop"] = "environments: [[{name: shop-prod}, {name: shop-staging}]]"
        receipt = both.drop("shop/shop-2.0.war")
        assert len(receipt.deployments) == 2
        assert receipt.reason == "shop-2.0 is queued for shop-prod and shop-staging"

    def test_without_a_target_only_the_version_is_made(self, both):
        receipt = both.drop("shop/shop-2.0.war")
        assert (receipt.status, receipt.deployments) == ("accepted", [])
        assert "shop-prod, shop-staging" in receipt.reason
        assert list(both.beanstalk.bundles_by_label) == ["shop-2.0"]
        assert both.alert_kinds == ["version_made"]

    def test_an_application_without_environments_gets_the_version(self, world):
        receipt = world.drop("empty/shop-2.0.war")
        assert (receipt.status, receipt.deployments) == ("accepted", [])

    def test_a_drop_to_a_named_environment_is_not_promoted(self, both):
        both.parameters.documents["shop"] = "environments: [{name: shop-staging}, {name: shop-prod}]"
        both.drop("shop/shop-prod/shop-2.0.war")
        [deployment] = both.queued("shop-prod")
        assert not deployment.promotes


class TestRejected:
    @pytest.mark.parametrize(
        ("key", "content", "reason"),
        [
            ("shop/a/b/shop-2.0.war", war(), "does not have the form <application>"),
            ("mall/shop-2.0.war", war(), "the application mall does not exist"),
            ("shop/shop-prod/shop-2.0.war", war(), "has no environment shop-prod; it has shop-staging"),
            ("shop/shop-staging/shop-2.0.war", archive({"a": b""}), "no folder WEB-INF"),
            ("shop/shop-staging/shop-2.0.war", archive({"WEB-INF/../../x": b""}), "path outside the archive"),
        ],
    )
    def test_the_reason_is_in_ledger_alert_and_tags_and_nothing_is_made(self, world, key, content, reason):
        receipt = world.drop(key, content)
        assert (receipt.status, receipt.label, receipt.deployments) == ("rejected", None, [])
        assert reason in receipt.reason
        assert world.ledger.receipts.find(receipt.drop) == receipt
        [alert] = world.alerts
        assert (alert.kind, alert.text) == ("drop_rejected", f"{key}: {receipt.reason}")
        tags = world.bundles.tags[receipt.drop]
        assert (tags["wardrop-status"], tags["wardrop-version"], tags["wardrop-deployment"]) == (
            "rejected",
            "none",
            "none",
        )
        assert world.beanstalk.bundles_by_label == {}
        assert world.queued() == []

    def test_by_its_size_it_is_rejected_before_anything_is_read(self, world):
        assert "up to 500 MB" in world.drop(size=524_288_001).reason
        assert "bundles.open" not in world.calls

    def test_an_empty_file_is_rejected_when_no_content_has_followed(self, world):
        empty = world.bundles.put(drop(size=0), b"")
        with pytest.raises(NotNow):
            world.receive(empty)
        assert (world.alerts, world.bundles.tags) == ([], {})
        receipt = world.receive(empty, NOW + GRACE)
        assert (receipt.status, receipt.reason) == ("rejected", "the file is empty; drop it again with its content")
        assert world.alert_kinds == ["drop_rejected"]
        assert "bundles.open" not in world.calls

    def test_unknown_metadata_is_rejected_before_a_version_is_made(self, world):
        assert "the metadata on-failure is ignore" in world.drop(metadata={"on_failure": "ignore"}).reason
        assert world.beanstalk.bundles_by_label == {}

    def test_a_drop_that_was_deleted_meanwhile_is_rejected(self, world):
        assert "was deleted before it could be read" in world.receive(drop()).reason

    def test_a_version_that_is_quarantined_in_the_environment_is_rejected(self, world):
        world.drop()
        world.deployed(State.ROLLED_BACK)
        bad = QuarantinedVersion(label="shop-2.0", at=NOW, because="2 instances failed")
        world.ledger.write(Change(standing=Standing(environment="shop-staging", quarantined=[bad])))
        assert world.drop(version_id="v2").reason == (
            "shop-2.0 is quarantined in shop-staging: 2 instances failed; "
            "to deploy it anyway: wardrop deploy shop-staging shop-2.0"
        )

    def test_a_refusal_of_beanstalk_is_the_reason(self, world):
        world.before["beanstalk.create_version"] = raising(Refused("The S3 bucket is in another region."))
        assert world.drop().reason == "The S3 bucket is in another region."

    def test_without_room_it_waits_for_a_clean_up_and_is_rejected_if_one_has_run_since_the_first_delivery(self, world):
        world.before["beanstalk.create_version"] = once(raising(NoRoom(FULL)))
        with pytest.raises(NotNow, match=r"1000 Application Versions\.; a clean-up has been requested"):
            world.drop()
        assert world.clean_ups.started == ["the drop of shop/shop-staging/shop-2.0.war"]
        assert world.alerts == []
        assert world.drop().status == "accepted"

        world.before["beanstalk.create_version"] = raising(NoRoom(FULL))
        late = world.bundles.put(drop("shop/shop-staging/shop-3.0.war", version_id="v3"), war(more=b"3"))
        world.clean_ups.completed = NOW + seconds(60)
        with pytest.raises(NotNow, match="a clean-up has been requested"):
            world.receive(late, NOW + seconds(90))
        receipt = world.receive(late, NOW + seconds(90), first_at=NOW)
        assert receipt.status == "rejected"
        assert "a clean-up has run, but there is still no room" in receipt.reason

    def test_a_late_event_waits_as_long_for_the_configuration_as_any_other(self, both):
        """A first delivery long after the upload is only one attempt to read the configuration."""
        both.parameters.documents["shop"] = "environments: [not a mapping]"
        dropped = both.bundles.put(drop("shop/shop-2.0.war"), war())
        late = NOW + timedelta(days=3)
        for now in (late, late + HELD_FOR - seconds(1)):
            with pytest.raises(FirstStageUnknown, match=r"shop-2\.0\.war is held"):
                both.receive(dropped, now, first_at=late)
        receipt = both.receive(dropped, late + HELD_FOR, first_at=late)
        assert receipt.status == "rejected"
        assert "Wardrop has waited for 1 h 30 min" in receipt.reason

    def test_a_rejected_drop_is_not_inspected_again(self, world):
        first = world.drop(content=b"text")
        world.calls.clear()
        assert world.drop(content=b"text") == first
        assert world.calls == ["ledger.receipts.find", "bundles.tag"]


class TestInterruptions:
    @pytest.mark.parametrize(
        "call", ["bundles.keep", "ledger.versions.reserve", "beanstalk.create_version", "ledger.write", "mailbox.wake"]
    )
    def test_the_next_delivery_continues_after_a_crash(self, world, call):
        world.after[call] = once(raising(Crash()))
        with pytest.raises(Crash):
            world.drop()
        receipt = world.drop()
        assert (receipt.status, receipt.label) == ("accepted", "shop-2.0")
        assert [deployment.id for deployment in world.queued()] == receipt.deployments
        assert list(world.beanstalk.bundles_by_label) == ["shop-2.0"]

    @pytest.mark.parametrize("content", [war(), b"text"])
    def test_two_simultaneous_deliveries_have_one_receipt_and_the_same_tags(self, world, content):
        other: list[Receipt] = []
        world.before["ledger.write"] = once(lambda: other.append(world.drop(content=content)))
        assert [world.drop(content=content)] == other
        assert len(world.alerts) == 1

    def test_throttling_does_not_reject_a_drop(self, world):
        world.before["beanstalk.create_version"] = raising(NotNow("Rate exceeded"))
        with pytest.raises(NotNow):
            world.drop()
        assert world.ledger.receipts.find(drop().id) is None

    def test_a_change_of_the_ledger_without_a_receipt_is_raised(self, world):
        world.before["ledger.write"] = raising(Outdated("changed"))
        with pytest.raises(Outdated):
            world.drop()


FILES = event_files("receive_drop")
app: Any = importlib.import_module("functions.receive_drop.app")


@pytest.fixture
def respond(world) -> Callable[[str], Any]:
    def receive(delivery: Delivery) -> Receipt:
        return world.receive(world.bundles.put(delivery.drop, war()), delivery.now, delivery.first_at)

    world.show("my-staging", application="my shop")
    return lambda name: app.respond(FILES[name], receive, None, world.dead_letters, world.drops_queue)


class TestTheFunction:
    @pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("_ignored")])
    def test_the_outcome_of_every_event_file_is_in_its_name(self, respond, world, name):
        if name == "key_with_plus_space_percent_and_korean":
            world.show(application="my shop")
        assert respond(name) == {"batchItemFailures": []}
        statuses = [tags["wardrop-status"] for tags in world.bundles.tags.values()]
        if name.endswith("_malformed"):
            assert len(world.dead_letters.parked) == 1
            assert statuses == []
        elif name == "folder_without_drop":
            assert (statuses, world.dead_letters.parked) == ([], [])
        else:
            assert statuses == ["rejected" if name.endswith("_rejected") else "accepted"]

    def test_a_key_is_read_as_it_was_dropped(self):
        [record] = FILES["key_with_plus_space_percent_and_korean"]["Records"]
        read = read_event(record["body"])
        assert read is not None
        assert read.key == "my shop/shop-staging/가게 1.4+build%2F7.war"

    def test_an_error_is_raised_so_that_the_message_is_delivered_again(self, world):
        def throttled(*_: object) -> Receipt:
            raise NotNow("throttled")

        with pytest.raises(NotNow):
            app.respond(FILES["put_object_to_environment"], throttled, None, world.dead_letters, world.drops_queue)
        assert world.drops_queue.retried == []

    def test_a_drop_that_waits_for_its_content_is_delivered_again_when_the_wait_is_over(self, world):
        def waits(delivery: Delivery) -> Receipt:
            assert delivery.first_at == datetime(2026, 1, 2, 3, 4, 5, 131_000, UTC)
            assert delivery.is_first
            raise StillEmpty(delivery.drop, 42)

        event = FILES["put_object_to_environment"]
        message_id = event["Records"][0]["messageId"]
        answer = app.respond(event, waits, None, world.dead_letters, world.drops_queue)
        assert answer == {"batchItemFailures": [{"itemIdentifier": message_id}]}
        assert world.drops_queue.retried == [(message_id, 42)]

    def test_every_body_is_an_event_of_s3(self):
        for name, event in FILES.items():
            if not name.endswith("_malformed"):
                assert json.loads(event["Records"][0]["body"])["source"] == "aws.s3"


class TestWhatTheEnvironmentIs:
    def test_a_bundle_for_the_cluster_tier_is_rejected_before_it_is_read_and_before_a_version_is_made(self):
        world = DropWorld(environment(tier="Cluster", reports_instances=False))
        receipt = world.drop(content=b"not read")
        assert receipt.status == "rejected"
        assert receipt.reason.startswith("shop-staging is an environment of the Cluster tier (EKS)")
        assert world.beanstalk.bundles_by_label == {}

    def test_a_war_for_java_se_is_rejected_before_a_version_is_made(self):
        arn = "arn:aws:elasticbeanstalk:us-east-1::platform/Corretto 21 running on 64bit Amazon Linux 2023/4.7.0"
        world = DropWorld(environment(platform=arn))
        assert "which accepts a JAR or a ZIP but not a WAR" in world.drop().reason
        assert world.beanstalk.bundles_by_label == {}
        assert world.drop("shop/shop-staging/shop-2.0.jar").status == "accepted"
