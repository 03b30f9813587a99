"""From a dropped file to a version and a queued deployment, or to a rejection with its reason."""

import importlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

from tests.unit.fakes import FakeDeadLetters
from tests.unit.samples import NOW, archive, drop, environment, event_files, instance, queued, war
from tests.unit.world import Crash, World, once, raising
from wardrop.configuration.duration import Duration
from wardrop.configuration.load import Configurations
from wardrop.deployments.change import Change
from wardrop.deployments.state import State
from wardrop.drops.drop import Drop, read_event
from wardrop.drops.receipt import Receipt
from wardrop.drops.receive import ReceiveDrop
from wardrop.environments.model import Environment, Health
from wardrop.errors import NoRoom, NotNow, Outdated, Refused

STAGED = "environments: [{name: shop-staging}, {name: shop-prod, accept: [Ok], bad_for: 90s}]"


class DropWorld(World):
    def __init__(self) -> None:
        super().__init__(environment())
        self.receive = self.verb(ReceiveDrop)

    def serve(self, *environments: Environment) -> None:
        self.beanstalk.described = {environment.name: environment for environment in environments}

    def drop(self, key: str = "shop/shop-staging/shop-2.0.war", content: bytes = war(), **more: Any) -> Receipt:
        metadata = more.pop("metadata", {})
        return self.receive(self.bundles.put(drop(key, **more), content, **metadata), NOW)

    def waiting(self, name: str = "shop-staging") -> list[Any]:
        return self.environment(name).deployments


@pytest.fixture
def world() -> DropWorld:
    return DropWorld()


class TestAccepted:
    def test_a_version_is_made_and_its_deployment_queued_and_woken(self, world):
        receipt = world.drop(metadata={"dropped_by": "jenkins"})
        assert (receipt.status, receipt.label) == ("accepted", "shop-2.0")
        [deployment] = world.waiting()
        assert (deployment.id, deployment.state, deployment.label) == (receipt.deployments[0], State.QUEUED, "shop-2.0")
        assert deployment.dropped_by == "jenkins"
        assert "by jenkins as stated" in deployment.reason
        assert deployment.arrival[0] == NOW
        assert list(world.beanstalk.bundles_by_label) == ["shop-2.0"]
        assert world.beanstalk.bundles_by_label["shop-2.0"] == (deployment.release.bucket, deployment.release.key)
        assert [one.environment for one in world.mailbox.woken] == ["shop-staging"]
        assert world.alert_kinds == ["deployment_queued"]

    def test_the_outcome_is_tagged_on_the_object_in_s3s_alphabet(self, world):
        receipt = world.drop("shop/shop-staging/가게 2.0.war")
        assert world.bundles.tags[receipt.drop] == {
            "wardrop-status": "accepted",
            "wardrop-version": "2.0",
            "wardrop-deployment": receipt.deployments[0],
            "wardrop-reason": "2.0 is queued for shop-staging",
        }

    def test_the_same_event_again_changes_nothing_and_tags_the_same(self, world):
        first = world.drop()
        tags = dict(world.bundles.tags)
        world.calls.clear()
        assert world.drop() == first
        assert world.calls == ["ledger.receipts.find", "bundles.tag"]
        assert world.bundles.tags == tags
        assert len(world.waiting()) == 1

    def test_the_label_may_be_stated(self, world):
        assert world.drop(metadata={"version_label": "golden"}).label == "golden"

    def test_the_manifests_version_serves_a_name_without_one(self, world):
        assert world.drop("shop/shop-staging/ROOT.war").label == "ROOT-7.1"

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

    def test_a_label_that_somebody_made_without_wardrop_is_not_taken_over(self, world):
        world.beanstalk.bundles_by_label["shop-2.0"] = ("elsewhere", "key")
        receipt = world.drop()
        assert receipt.status == "accepted"
        assert receipt.label.startswith("shop-2.0-")

    def test_bytes_that_run_on_all_instances_already_are_accepted_and_not_deployed(self, world):
        world.drop()
        ended = msgspec.structs.replace(world.waiting()[0], state=State.SUCCEEDED)
        world.ledger.write(Change([ended]))
        world.beanstalk.described["shop-staging"] = environment(version_label="shop-2.0")
        world.beanstalk.fleet = (instance(1, "shop-2.0"), instance(2, "shop-2.0"))
        receipt = world.drop(version_id="v2")
        assert (receipt.status, receipt.deployments) == ("accepted", [])
        assert "there is nothing to deploy" in receipt.reason
        assert world.bundles.tags[receipt.drop]["wardrop-deployment"] == "none"
        assert world.mailbox.woken[1:] == []

    def test_bytes_whose_kept_bundle_is_not_what_it_was_come_back_as_another_version(self, world):
        first = world.drop()
        world.bundles.fault = "its bundle is gone"
        again = world.drop(version_id="v2")
        assert again.status == "accepted"
        assert again.label != first.label
        assert len({one.release.key for one in world.waiting()}) == 2

    @pytest.mark.parametrize(
        ("shown", "fleet"),
        [
            ({"version_label": "shop-1.0"}, [("shop-2.0", "Deployed")]),
            ({"status": "Updating"}, [("shop-2.0", "Deployed")]),
            ({}, [("shop-2.0", "Deployed"), ("shop-1.0", "Deployed")]),
            ({}, [("shop-2.0", "Failed")]),
            ({}, []),
        ],
    )
    def test_they_are_deployed_again_where_anything_speaks_against_it(self, world, shown, fleet):
        world.drop()
        world.ledger.write(Change([msgspec.structs.replace(world.waiting()[0], state=State.FAILED)]))
        world.beanstalk.described["shop-staging"] = environment(**({"version_label": "shop-2.0"} | shown))
        world.beanstalk.fleet = tuple(instance(n, label, status) for n, (label, status) in enumerate(fleet))
        assert len(world.drop(version_id="v2").deployments) == 1

    def test_they_are_deployed_again_while_something_else_waits_there(self, world):
        world.drop()
        world.beanstalk.described["shop-staging"] = environment(version_label="shop-2.0")
        world.beanstalk.fleet = (instance(1, "shop-2.0"),)
        assert len(world.drop(version_id="v2").deployments) == 1


class TestWhereItGoes:
    BOTH = (environment(), environment(name="shop-prod", id="e-2"))

    def test_the_only_environment_needs_no_name(self, world):
        assert len(world.drop("shop/shop-2.0.war").deployments) == 1

    def test_the_first_configured_one_is_taken_and_its_settings_are_pinned(self, world):
        world.serve(*self.BOTH)
        world.parameters.documents["shop"] = "environments: [{name: shop-prod, accept: [Ok], bad_for: 90s}]"
        world.drop("shop/shop-2.0.war")
        [deployment] = world.waiting("shop-prod")
        assert (deployment.rules.accept, deployment.rules.bad_for) == ((Health.OK,), Duration(seconds=90))
        assert world.waiting("shop-staging") == []

    def test_a_stage_of_two_is_deployed_side_by_side(self, world):
        world.serve(*self.BOTH)
        world.parameters.documents["shop"] = "environments: [[{name: shop-prod}, {name: shop-staging}]]"
        receipt = world.drop("shop/shop-2.0.war")
        assert len(receipt.deployments) == 2
        assert receipt.reason == "shop-2.0 is queued for shop-prod and shop-staging"

    def test_with_several_and_no_configuration_the_version_is_made_and_nothing_deployed(self, world):
        world.serve(*self.BOTH)
        receipt = world.drop("shop/shop-2.0.war")
        assert (receipt.status, receipt.deployments) == ("accepted", [])
        assert "shop-prod, shop-staging" in receipt.reason
        assert list(world.beanstalk.bundles_by_label) == ["shop-2.0"]
        assert world.alert_kinds == ["version_made"]

    def test_an_application_without_any_environment_gets_the_version(self, world):
        receipt = world.drop("empty/shop-2.0.war")
        assert (receipt.status, receipt.deployments) == ("accepted", [])

    def test_a_named_environment_is_taken_whatever_is_configured(self, world):
        world.serve(*self.BOTH)
        world.parameters.documents["shop"] = STAGED
        world.drop("shop/shop-prod/shop-2.0.war")
        assert len(world.waiting("shop-prod")) == 1


class TestConfiguration:
    def test_a_configuration_that_is_refused_is_told_and_the_last_good_one_stays_in_force(self, world):
        world.serve(*TestWhereItGoes.BOTH)
        world.parameters.documents["shop"] = "environments: [{name: shop-prod, bad_for: 90s}]"
        world.drop("shop/shop-1.0.war", content=war(a=b"1"))
        world.parameters.documents["shop"] = "environments: [{name: shop-prod, badfor: 30s}]"
        world.drop("shop/shop-2.0.war", version_id="v2")
        assert [one.rules.bad_for for one in world.waiting("shop-prod")] == [Duration(seconds=90)] * 2
        assert "configuration_refused" in world.alert_kinds

    def test_one_that_only_others_could_read_who_do_not_know_the_environments_is_not_the_last_good_one(self, world):
        world.serve(*TestWhereItGoes.BOTH)
        world.parameters.documents["shop"] = "environments: [{name: shop-prod, bad_for: 90s}]"
        world.drop("shop/shop-1.0.war", content=war(a=b"1"))
        world.parameters.documents["shop"] = "environments: [{name: shop-prod, bad_for: 30s}, {name: shop-typo}]"
        Configurations(world.parameters, world.ledger).in_force("shop", NOW)
        world.drop("shop/shop-2.0.war", version_id="v2")
        assert [one.rules.bad_for for one in world.waiting("shop-prod")] == [Duration(seconds=90)] * 2

    def test_one_that_was_good_for_another_wardrop_gives_way_to_the_defaults(self, world):
        document = "environments: [{name: shop-staging, of_tomorrow: 1}]"
        world.parameters.documents["shop"] = document
        world.ledger.configurations.keep("shop", document)
        world.drop()
        assert world.waiting()[0].rules.bad_for == Duration(minutes=3)
        assert "configuration_refused" in world.alert_kinds

    def test_without_a_good_one_the_defaults_are_in_force(self, world):
        world.parameters.documents["shop"] = "nonsense"
        world.drop()
        assert world.waiting()[0].rules.bad_for == Duration(minutes=3)


class TestRejected:
    @pytest.mark.parametrize(
        ("key", "content", "reason"),
        [
            ("shop/shop-staging/shop-2.0.tar", war(), "does not end in .war"),
            ("shop/a/b/shop-2.0.war", war(), "does not have the form <application>"),
            ("mall/shop-2.0.war", war(), "there is no application mall"),
            ("shop/shop-prod/shop-2.0.war", war(), "has no environment shop-prod; it has shop-staging"),
            ("shop/shop-staging/shop-2.0.war", b"text", "was the upload complete?"),
            ("shop/shop-staging/shop-2.0.war", archive({"a": b""}), "no folder WEB-INF"),
            ("shop/shop-staging/shop-2.0.zip", archive({"a/b": b""}), "only the folder a"),
            ("shop/shop-staging/shop-2.0.war", archive({"WEB-INF/../../x": b""}), "path outside the archive"),
        ],
    )
    def test_the_reason_is_in_ledger_alert_and_tags_and_nothing_is_made(self, world, key, content, reason):
        receipt = world.drop(key, content)
        assert (receipt.status, receipt.label, receipt.deployments) == ("rejected", None, [])
        assert reason in receipt.reason
        assert world.ledger.receipts.find(receipt.drop) == receipt
        assert world.alert_kinds == ["drop_rejected"]
        tags = world.bundles.tags[receipt.drop]
        assert (tags["wardrop-status"], tags["wardrop-version"], tags["wardrop-deployment"]) == (
            "rejected",
            "none",
            "none",
        )
        assert world.beanstalk.bundles_by_label == {}
        assert world.waiting() == []

    @pytest.mark.parametrize(
        ("size", "reason"), [(0, "empty"), (524_288_001, "accepts source bundles of up to 500 MB")]
    )
    def test_by_its_size_it_is_rejected_before_anything_is_read(self, world, size, reason):
        assert reason in world.drop(size=size).reason
        assert "bundles.open" not in world.calls

    def test_a_drop_that_was_deleted_meanwhile_is_rejected(self, world):
        assert "was deleted before it could be read" in world.receive(drop(), NOW).reason

    def test_what_beanstalk_refuses_is_rejected_in_its_words(self, world):
        refusal = "You cannot have more than 1000 Application Versions."
        world.before["beanstalk.create_version"] = raising(Refused(refusal))
        assert world.drop().reason == refusal

    def test_without_room_it_waits_for_a_clean_up_and_is_rejected_if_one_has_run_since_it_came(self, world):
        full = raising(NoRoom("You cannot have more than 1000 Application Versions."))
        world.before["beanstalk.create_version"] = full
        with pytest.raises(NotNow, match=r"1000 Application Versions\.; a clean-up has been started"):
            world.drop()
        assert world.clean_ups.started == ["the drop of shop/shop-staging/shop-2.0.war"]
        assert world.alert_kinds == []
        del world.before["beanstalk.create_version"]
        assert world.drop().status == "accepted"

        world.before["beanstalk.create_version"] = full
        world.clean_ups.makes_room = False
        receipt = world.drop("shop/shop-staging/shop-3.0.war", war(more=b"3"), version_id="v3")
        assert receipt.status == "rejected"
        assert "a clean-up has run and made no room" in receipt.reason

    def test_a_rejected_drop_is_not_looked_at_again(self, world):
        first = world.drop(content=b"text")
        world.calls.clear()
        assert world.drop(content=b"text") == first
        assert world.calls == ["ledger.receipts.find", "bundles.tag"]

    def test_labels_that_are_all_taken_by_others_is_rejected(self, world):
        class TakenByOthers(dict[str, tuple[str, str]]):
            def setdefault(self, *_: object) -> tuple[str, str]:
                return "elsewhere", "key"

        world.beanstalk.bundles_by_label = TakenByOthers()
        assert "belong to other bundles; drop the file again with another version-label" in world.drop().reason


class TestTrouble:
    @pytest.mark.parametrize("call", ["bundles.keep", "beanstalk.create_version", "ledger.write", "mailbox.wake"])
    def test_after_a_crash_anywhere_the_next_delivery_continues(self, world, call):
        world.after[call] = once(raising(Crash()))
        with pytest.raises(Crash):
            world.drop()
        receipt = world.drop()
        assert (receipt.status, receipt.label) == ("accepted", "shop-2.0")
        assert [one.id for one in world.waiting()] == receipt.deployments
        assert list(world.beanstalk.bundles_by_label) == ["shop-2.0"]

    def test_of_two_concurrent_deliveries_one_counts_and_both_have_its_receipt(self, world):
        first = []
        world.before["ledger.write"] = once(lambda: first.append(world.drop()))
        assert [world.drop()] == first
        assert len(world.waiting()) == 1

    def test_throttling_does_not_reject_a_drop(self, world):
        world.before["beanstalk.create_version"] = raising(NotNow("Rate exceeded"))
        with pytest.raises(NotNow):
            world.drop()
        assert world.ledger.receipts.find(drop().id) is None

    def test_an_outdated_write_without_a_receipt_is_raised(self, world):
        world.before["ledger.write"] = raising(Outdated("changed"))
        with pytest.raises(Outdated):
            world.drop()


FILES = event_files("receive_drop")


app: Any = importlib.import_module("functions.receive_drop.app")


@pytest.fixture
def dead_letters() -> FakeDeadLetters:
    return FakeDeadLetters()


@pytest.fixture
def respond(world, dead_letters) -> Callable[[str], Any]:
    def receive(dropped: Drop, now: datetime) -> Receipt:
        world.bundles.put(dropped, war())
        return world.receive(dropped, now)

    world.serve(environment(), environment(name="my-staging", application="my shop"))
    return lambda name: app.respond(FILES[name], receive, dead_letters)


class TestTheFunction:
    @pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("_ignored")])
    def test_every_event_file_ends_as_its_name_says(self, respond, dead_letters, world, name):
        if name == "key_with_plus_space_percent_and_korean":
            world.serve(environment(application="my shop"))
        assert respond(name) == {"batchItemFailures": []}
        statuses = [tags["wardrop-status"] for tags in world.bundles.tags.values()]
        if name.endswith("_malformed"):
            assert len(dead_letters.parked) == 1
            assert statuses == []
        elif name == "folder_without_drop":
            assert (statuses, dead_letters.parked) == ([], [])
        else:
            assert statuses == ["rejected" if name.endswith("_rejected") else "accepted"]

    def test_the_key_arrives_as_it_was_dropped(self):
        [record] = FILES["key_with_plus_space_percent_and_korean"]["Records"]
        read = read_event(record["body"])
        assert read is not None
        assert read.key == "my shop/shop-staging/가게 1.4+build%2F7.war"

    def test_an_error_is_raised_so_that_the_message_is_delivered_again(self, dead_letters):
        def throttled(*_: object) -> Receipt:
            raise NotNow("throttled")

        with pytest.raises(NotNow):
            app.respond(FILES["put_object_to_environment"], throttled, dead_letters)

    def test_the_bodies_are_envelopes_of_eventbridge(self):
        for name, event in FILES.items():
            if not name.endswith("_malformed"):
                assert json.loads(event["Records"][0]["body"])["source"] == "aws.s3"


def test_a_deployment_that_is_queued_reads_as_the_samples_do(world):
    world.drop()
    assert set(msgspec.structs.asdict(world.waiting()[0])) == set(msgspec.structs.asdict(queued()))
