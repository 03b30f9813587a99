"""A drop of content that has a version joins a deployment, or gets its own deployment."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    baking,
    deploying,
    drop,
    environment,
    good,
    queued,
    release,
    release_of,
    rollback,
    rolling_back,
    seconds,
    standing,
    update,
    version,
)
from wardrop.configuration.rules import OnFailure
from wardrop.deployments import line
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import QuarantinedVersion
from wardrop.deployments.state import State
from wardrop.drops.bundle import BundleContents
from wardrop.drops.inspected_drop import InspectedDrop, Metadata
from wardrop.drops.joining import ANSWER_TAKES, AnswerPending, check_quarantine, join, to_join
from wardrop.drops.key import read_key
from wardrop.environments.model import Environment
from wardrop.errors import Rejected
from wardrop.structs import replace

CLAIMED = update().claimed_at


def dropped(minutes: float = 5, key: str = "shop/shop-staging/shop-2.0.war", **stated: Any) -> InspectedDrop:
    """A drop that was uploaded this number of minutes after the content of the first deployment."""
    again = drop(key, version_id="v2")
    return InspectedDrop(
        again, read_key(key), NOW + seconds(60 * minutes), Metadata(**stated), BundleContents(None, [], [])
    )


def target(*active: Deployment, **given: Any) -> Deployment | None:
    """The deployment that a drop of the new version joins."""
    record = EnvironmentRecord(given.get("standing", standing()), list(active))
    described = given.get("environment", shown_with(*active))
    return to_join(given.get("inspected", dropped()), given.get("version", version()), described, record)


def shown_with(*active: Deployment) -> Environment:
    """While a deployment bakes, the environment has its version."""
    baked = next((deployment.label for deployment in active if deployment.state is State.BAKING), OLD)
    return environment(version_label=baked)


def asked(minutes: float, **differs: Any) -> Asked:
    return Asked(by="jane", at=NOW + seconds(60 * minutes), **differs)


class TestWhichDeploymentIsJoined:
    @pytest.mark.parametrize(
        "deployment",
        [
            queued(),
            queued(state=State.AWAITING_APPROVAL),
            deploying(state=State.PREPARING),
            deploying(),
            baking(),
            queued(asked=asked(1)),
            deploying(asked=asked(1)),
        ],
    )
    def test_one_that_waits_or_moves_with_the_same_bytes(self, deployment):
        assert target(deployment) == deployment

    @pytest.mark.parametrize(
        ("why", "active"),
        [
            ("nothing is active", []),
            ("another version waits", [queued(label=OLD)]),
            ("another version moves", [deploying(label=OLD)]),
            ("it is being rolled back", [rolling_back()]),
            ("another one is being rolled back to it", [rolling_back(label=OLD, rollback=rollback(target=good(NEW)))]),
            ("its environment was recreated", [deploying(update=update(environment_id="e-0"))]),
            ("a newer drop waits before it", [queued(), queued("d-2", OLD, minutes=1)]),
            ("a newer request waits", [queued(asked=asked(1)), queued("d-2", OLD, asked=asked(2))]),
            ("a request for another version comes after it", [deploying(), queued("d-2", OLD, asked=asked(1))]),
        ],
    )
    def test_none_if(self, why, active):
        assert target(*active) is None, why

    def test_one_that_moves_though_an_older_drop_waits_behind_it(self):
        moving = deploying()
        assert target(moving, queued("d-2", OLD, minutes=1)) == moving

    def test_one_that_moves_though_a_request_that_is_newer_than_the_drop_waits_behind_it(self):
        moving = deploying()
        assert target(moving, queued("d-2", OLD, asked=asked(9))) == moving

    def test_of_two_the_one_that_waits(self):
        waiting = queued("d-2", minutes=2)
        assert target(deploying(), waiting) == waiting

    def test_one_that_was_uploaded_before_what_is_already_deployed_is_not_joined(self):
        newest = (NOW + seconds(1), NOW, "")
        assert target(queued(), standing=standing(newest=newest)) is None

    @pytest.mark.parametrize(
        ("deployment", "described"),
        [
            (baking(), {"version_label": OLD}),
            (deploying(), {"version_label": OLD, "updated_at": CLAIMED + seconds(31)}),
            (deploying(), {"version_label": "theirs", "status": "Updating", "updated_at": CLAIMED + seconds(31)}),
            (deploying(), {"version_label": NEW, "status": "Updating", "updated_at": CLAIMED + seconds(31)}),
            (baking(), {"version_label": NEW, "status": "Updating", "updated_at": CLAIMED + seconds(600)}),
        ],
    )
    def test_one_that_a_later_update_has_replaced_or_may_replace_is_not_joined(self, deployment, described):
        assert target(deployment, environment=environment(**described)) is None

    @pytest.mark.parametrize(
        ("deployment", "described"),
        [
            (baking(), {"version_label": NEW, "updated_at": CLAIMED + seconds(600)}),
            (deploying(), {"version_label": NEW, "updated_at": CLAIMED + seconds(600)}),
            (deploying(), {"version_label": OLD, "status": "Updating", "updated_at": CLAIMED + seconds(30)}),
            (deploying(), {"version_label": OLD, "updated_at": CLAIMED + seconds(30)}),
            (deploying(state=State.PREPARING), {"version_label": OLD, "updated_at": CLAIMED + seconds(31)}),
            (queued(), {"version_label": OLD, "updated_at": CLAIMED + seconds(31)}),
        ],
    )
    def test_one_that_has_its_version_or_whose_update_may_still_change_it_is_joined(self, deployment, described):
        assert target(deployment, environment=environment(**described)) == deployment


class TestLabels:
    SECOND = version("2.0")

    def test_a_stated_label_joins_only_a_deployment_of_that_label(self):
        stated = dropped(version_label="2.0")
        assert target(queued(), inspected=stated, version=self.SECOND) is None
        second = queued(label="2.0", release=release())
        assert target(second, inspected=stated, version=self.SECOND) == second

    def test_without_a_stated_label_the_bundle_decides(self):
        second = queued(label="2.0", release=release())
        assert target(second) == second
        assert target(queued(label="2.0", release=release_of("2.0"))) is None


class TestJoining:
    def joined(self, deployment: Deployment, **stated: Any) -> Deployment:
        return join(deployment, standing(), dropped(**stated), ["shop-staging"], NOW).deployment

    def test_the_deployment_names_the_drop_and_keeps_its_state_and_reason(self):
        joined = self.joined(deploying(), dropped_by="jenkins")
        [newer] = joined.joined
        assert (newer.drop, newer.at, newer.dropped_by) == (dropped().drop.id, NOW, "jenkins")
        assert (joined.state, joined.reason, joined.history) == (
            State.DEPLOYING,
            deploying().reason,
            deploying().history,
        )

    def test_it_is_as_recent_as_the_drop_and_never_less_recent_than_before(self):
        assert self.joined(queued()).arrival == dropped().arrival
        assert self.joined(queued(minutes=9)).arrival == queued(minutes=9).arrival

    def test_a_deployment_that_moves_makes_older_drops_late(self):
        assert join(deploying(), standing(), dropped(), [], NOW).standing == standing().started(dropped().arrival)
        assert join(queued(), standing(), dropped(), [], NOW).standing is None

    def test_on_failure_counts_if_the_newer_drop_states_it(self):
        assert self.joined(deploying(), on_failure=OnFailure.HOLD).rules.on_failure is OnFailure.HOLD
        held = deploying(rules=replace(deploying().rules, on_failure=OnFailure.HOLD))
        assert self.joined(held).rules.on_failure is OnFailure.HOLD

    def test_a_drop_to_the_application_has_the_version_promoted(self):
        joined = self.joined(deploying(), key="shop/shop-2.0.war")
        assert (joined.promotes, joined.stage) == (True, ["shop-staging"])

    def test_a_drop_to_the_environment_takes_no_promotion_back(self):
        promotes = deploying(promotes=True, stage=["shop-staging", "shop-worker"])
        joined = self.joined(promotes)
        assert (joined.promotes, joined.stage) == (True, ["shop-staging", "shop-worker"])

    def test_only_the_newest_drops_that_joined_are_kept(self):
        deployment = queued()
        for _ in range(50):
            deployment = self.joined(deployment)
        assert len(deployment.joined) == 20

    def test_while_the_answer_of_an_update_is_pending_the_drop_waits(self):
        claimed = deploying(update=update(request_id=None, claimed_at=NOW - seconds(2)))
        with pytest.raises(AnswerPending) as pending:
            self.joined(claimed)
        assert pending.value.retry_after == 15
        lost = deploying(update=update(request_id=None, claimed_at=NOW - ANSWER_TAKES))
        assert self.joined(lost).joined


class TestQuarantine:
    BAD = QuarantinedVersion(label=NEW, at=NOW, because="2 instances failed", sha256=release().sha256)

    def test_the_same_bytes_are_rejected_under_any_label(self):
        with pytest.raises(Rejected, match=r"shop-2\.0, which has the same bytes as 2\.0, is quarantined in shop-stag"):
            check_quarantine(version("2.0"), standing(quarantined=[self.BAD]))

    def test_other_bytes_are_not(self):
        check_quarantine(version(OLD, release=release_of(OLD)), standing(quarantined=[self.BAD]))


LABELS = (NEW, OLD, "shop-3")


@st.composite
def records(draw: st.DrawFn) -> EnvironmentRecord:
    """The possible active deployments of an environment: at most one has begun, and the others wait."""

    def deployment(number: int, builder: Any) -> Deployment:
        label, minutes = draw(st.sampled_from(LABELS)), draw(st.integers(0, 10))
        request = asked(draw(st.integers(0, 10))) if draw(st.booleans()) else None
        return builder(name=f"d-{number}", label=label, minutes=minutes, asked=request)

    begun = [deployment(0, draw(st.sampled_from([deploying, baking])))] if draw(st.booleans()) else []
    waiting = [deployment(number + 1, queued) for number in range(draw(st.integers(0, 4)))]
    now = standing()
    for one in begun:
        now = now.started(one.arrival)
    return EnvironmentRecord(now, [*begun, *waiting])


def runs_in_the_end(record: EnvironmentRecord) -> tuple[str | None, int]:
    """The label of the environment when no deployment waits any more, and the number of deployments until then."""
    begun = [one for one in record.deployments if not one.is_waiting]
    waiting = [one for one in record.deployments if one.is_waiting]
    label, count, now = next((one.label for one in begun), None), len(begun), record.standing
    while waiting:
        over = {one.id for one, _ in line.superseded(waiting, now)}
        waiting = [one for one in waiting if one.id not in over]
        following = line.next_in_line(waiting)
        if following is None:
            break
        waiting.remove(following)
        label, count, now = following.label, count + 1, now.started(following.arrival)
    return label, count


@given(records(), st.integers(0, 10), st.sampled_from(LABELS))
def test_joining_leads_to_the_same_version_as_an_own_deployment_with_no_more_rollouts(record, minutes, label):
    inspected, of = dropped(minutes), version(label, release=release_of(label))
    own = queued("own", label, arrival=inspected.arrival)
    expected, most = runs_in_the_end(EnvironmentRecord(record.standing, [*record.deployments, own]))
    known = to_join(inspected, of, shown_with(*record.deployments), record)
    if known is None:
        return
    joined = join(known, record.standing, inspected, [], NOW)
    others = [one for one in record.deployments if one.id != known.id]
    after = EnvironmentRecord(joined.standing or record.standing, [*others, joined.deployment])
    ends_with, rollouts = runs_in_the_end(after)
    assert ends_with == expected
    assert rollouts <= most


@given(records(), st.integers(0, 10), st.sampled_from(LABELS))
def test_bytes_that_are_the_last_to_be_deployed_are_never_deployed_twice(record, minutes, label):
    inspected, of = dropped(minutes), version(label, release=release_of(label))
    last, _ = runs_in_the_end(record)
    requests = any(one.asked for one in record.deployments if one.is_waiting)
    if last == label and not requests:
        assert to_join(inspected, of, shown_with(*record.deployments), record) is not None
