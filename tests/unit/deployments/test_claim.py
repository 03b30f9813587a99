"""A claim records an update before the call, and the answer after it."""

from tests.unit.samples import (
    NOW,
    OLD,
    baking,
    deploying,
    deployment_settings,
    good,
    queued,
    rolling_back,
    situation,
    standing,
    update,
)
from wardrop.alerts.kinds import Kind
from wardrop.configuration.rules import Rules
from wardrop.deployments import claim as claims
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import Change, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import (
    Deploy,
    Prepare,
)
from wardrop.evidence.alarms import AlarmsReading

START = Deploy("it starts")


def record(*deployments: Deployment, known: Standing | None = None, **differs) -> EnvironmentRecord:
    return EnvironmentRecord(known or standing(), list(deployments), **differs)


def kinds(change: Change) -> list[Kind]:
    return [alert.kind for alert in change.alerts]


class TestTheCall:
    SETTINGS = deployment_settings(policy="Rolling")

    def claim(self, deployment: Deployment, *others: Deployment, step=START) -> Change:
        before_the_call = situation(deployment, settings=self.SETTINGS)
        return claims.claimed(step, before_the_call, record(deployment, *others), None)

    def test_a_claim_records_the_environment_as_it_was_before_the_update(self):
        change = self.claim(queued())
        [claimed] = change.deployments
        assert claimed.state is State.DEPLOYING
        assert claimed.update == update(
            claimed_at=NOW, deployment_id=8, reports_instances=True, request_id=None, version_label=OLD
        )
        assert change.standing.newest == queued().arrival
        assert change.standing.unsettled == [queued().label]
        assert change.settings == {"shop-staging": self.SETTINGS}
        assert claimed.settings == self.SETTINGS.without_options()
        assert claimed.lost_answers == 0
        assert kinds(change) == [], "the alert is written only after Beanstalk has accepted the call"

    def test_settings_that_the_ledger_has_are_not_written_again(self):
        before_the_call = situation(queued(), settings=self.SETTINGS)
        change = claims.claimed(Deploy("it starts"), before_the_call, record(queued(), settings=self.SETTINGS), None)
        assert change.settings == {}

    def test_a_change_of_settings_deploys_nothing_and_watches_no_alarms(self):
        deployment = queued(rules=Rules(alarms=["shop-5xx"]))
        before_the_call = situation(deployment, alarms=AlarmsReading())
        change = claims.claimed(Prepare({}, "first"), before_the_call, record(deployment), None)
        assert change.deployments[0].alarms is None
        assert change.standing.unsettled == []

    def test_a_standing_that_has_the_start_already_is_not_written(self):
        known = standing().started(queued().arrival).deploying(queued().label)
        change = claims.claimed(START, situation(queued(), standing=known), record(queued(), known=known), None)
        assert change.standing is None

    def test_a_version_that_ran_well_is_recorded_as_good_in_the_same_transaction(self):
        change = claims.claimed(Deploy("it starts"), situation(queued()), record(queued()), good("shop-1.5"))
        assert [version.label for version in change.standing.good] == ["shop-1.5"]

    def test_a_deployment_that_bakes_makes_way_in_the_same_transaction(self):
        urgent = queued("d-2", asked=Asked(by="jane", at=NOW, now=True))
        change = self.claim(urgent, baking(), queued("d-3"))
        claimed, over = change.deployments
        assert (claimed.id, over.id, over.state) == ("d-2", "d-1", State.SUPERSEDED)
        assert over.reason == "Wardrop ends the bake of this version, because jane requested shop-2.0"
        assert kinds(change) == [Kind.DEPLOYMENT_SUPERSEDED]

    def test_a_rollback_counts_as_a_deployment_that_may_leave_settings_and_not_as_the_newest_drop(self):
        change = self.claim(rolling_back(update=None))
        assert change.deployments[0].state is State.ROLLING_BACK
        assert change.standing == standing(unsettled=[OLD])

    def test_a_repeated_change_of_settings_counts_as_a_lost_answer_and_is_not_announced(self):
        preparing = deploying(state=State.PREPARING)
        step = Prepare({"DeploymentPolicy": "Rolling"}, "again")
        assert self.claim(preparing, step=step).deployments[0].lost_answers == 1
        assert claims.is_repeated(step, preparing)
        assert not claims.is_repeated(step, queued())
        assert kinds(claims.answered(step, preparing, preparing, "r-2")) == []

    def test_a_declined_call_is_reported_once(self):
        before, claim = queued(revision=1), deploying(revision=2)
        change = claims.declined(before, claim, "Rate exceeded", NOW)
        [waiting] = change.deployments
        assert (waiting.state, waiting.update, waiting.revision) == (State.QUEUED, None, 2)
        assert kinds(change) == [Kind.DEPLOYMENT_WAITING]
        again = claims.declined(waiting, deploying(revision=3), "Must be Ready.", NOW)
        assert kinds(again) == []
        assert again.deployments[0].history == waiting.history

    def test_a_declined_call_after_a_change_of_settings_queues_the_deployment_again(self):
        preparing = deploying(state=State.PREPARING, waits_for=WaitsFor(WaitKind.CALL_DECLINED))
        [waiting] = claims.declined(preparing, deploying(), "Rate exceeded", NOW).deployments
        assert waiting.state is State.QUEUED

    def test_a_declined_rollback_is_tried_again_without_a_word(self):
        change = claims.declined(rolling_back(update=None), rolling_back(revision=5), "Rate exceeded", NOW)
        [back] = change.deployments
        assert (back.state, back.update, back.revision, kinds(change)) == (State.ROLLING_BACK, None, 5, [])
