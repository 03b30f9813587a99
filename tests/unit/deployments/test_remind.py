"""A deployment that starts or ends late is reported once, and does not fail because of this."""

from datetime import timedelta

from tests.unit.samples import NOW, baking, deploying, deployment_settings, queued, rolling_back, situation, update
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments.lifecycle import advance
from wardrop.deployments.remind import LONG_NOT_READY, remind
from wardrop.deployments.state import WaitKind, WaitsFor
from wardrop.deployments.steps import Remind, Wait

UPDATING = {"waits_for": WaitsFor(WaitKind.NOT_READY, "Updating")}
ROLLING = deployment_settings(policy="Rolling", batch="1")


class TestALateStart:
    def test_an_environment_that_is_not_ready_for_an_hour_is_reported_once(self):
        early = situation(queued(**UPDATING), status="Updating", now=NOW + LONG_NOT_READY - timedelta(minutes=1))
        assert isinstance(advance(early), Wait)
        late = {"status": "Updating", "now": NOW + LONG_NOT_READY}
        assert advance(situation(queued(**UPDATING), **late)) == Remind(
            "shop-2.0 has waited for 1 h, and shop-staging is Updating; "
            "check the environment and its CloudFormation stack awseb-e-1-stack"
        )
        assert isinstance(advance(situation(queued(reminded=True, **UPDATING), **late)), Wait)

    def test_the_hour_starts_again_with_another_status(self):
        step = advance(situation(queued(**UPDATING), status="Aborting", now=NOW + LONG_NOT_READY))
        assert isinstance(step, Wait)

    def test_a_reworded_reason_changes_nothing(self):
        reworded = queued(reason="in other words", **UPDATING)
        assert isinstance(advance(situation(reworded, status="Updating", now=NOW + LONG_NOT_READY)), Remind)

    def test_a_rollback_that_cannot_start_for_an_hour_is_reported(self):
        step = advance(situation(rolling_back(update=None), status="Updating", now=NOW + LONG_NOT_READY))
        assert isinstance(step, Remind)


class TestALateEnd:
    def test_a_deadline_that_passes_is_reported_once_and_ends_nothing(self):
        rules = Rules(deadline=timedelta(minutes=1))
        step = advance(situation(deploying(rules=rules), status="Updating"))
        assert step == Remind(
            "shop-2.0 is not proven after 5 min, although the deadline was 1 min: shop-staging is Updating; "
            "of 2 instances, 2 have shop-2.0"
        )
        reminded = deploying(rules=rules, reminded=True)
        assert not isinstance(advance(situation(reminded, status="Updating")), Remind)

    def test_without_a_configured_deadline_it_follows_from_policy_batches_and_timeout(self):
        slow = deploying(settings=ROLLING, update=update(claimed_at=NOW - timedelta(minutes=43)))
        step = advance(situation(slow, status="Updating"))
        assert isinstance(step, Remind)
        assert "the deadline was 43 min" in step.reason
        assert not isinstance(advance(situation(deploying(settings=ROLLING), status="Updating")), Remind)


class TestALateProof:
    """A version that bakes has its deadline and the bake time before it is reported as late."""

    RULES = Rules(bake=Duration(minutes=2), deadline=Duration(minutes=3))

    def late(self, minutes: float):
        deployment = baking(rules=self.RULES, update=update(claimed_at=NOW - timedelta(minutes=minutes)))
        return remind(situation(deployment), Wait("the instances have stopped reporting", WaitsFor(WaitKind.PROOF)))

    def test_the_time_of_both_counts(self):
        assert self.late(4.99) is None
        assert self.late(5) == Remind(
            "shop-2.0 is not proven after 5 min, although the deadline, including the bake time, was 5 min: "
            "the instances have stopped reporting"
        )
