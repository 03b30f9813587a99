"""What a step changes, as one value for one transaction."""

from datetime import timedelta

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    OUR_REQUEST,
    baking,
    deploying,
    good,
    queued,
    release,
    rollback,
    rolling_back,
    situation,
    standing,
    update,
)
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import LastGood
from wardrop.configuration.rules import Rules
from wardrop.deployments import claim as claims
from wardrop.deployments import outcome
from wardrop.deployments.change import Change, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.promotion import NextStage
from wardrop.deployments.standing import Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import (
    Adopt,
    AskApproval,
    Bake,
    Deploy,
    End,
    Recheck,
    Remind,
    Report,
    Requeue,
    RollBack,
    Wait,
)
from wardrop.deployments.update import Timers
from wardrop.environments.model import Health, Progress
from wardrop.environments.origin import Origin

NOT_READY = WaitsFor(WaitKind.NOT_READY, "Updating")
STAGE = ["shop-staging", "shop-worker"]
NEXT = {"shop-prod": Rules()}
SUCCESS = End(State.SUCCEEDED, "all is well")
HELD = Hold(by="jane", at=NOW, because="rolled back to shop-1.0")


def record(*deployments: Deployment, known: Standing | None = None, **differs) -> EnvironmentRecord:
    return EnvironmentRecord(known or standing(), list(deployments), **differs)


def kinds(change: Change) -> list[Kind]:
    return [alert.kind for alert in change.alerts]


class TestWaiting:
    def test_people_are_notified_once_of_what_a_deployment_waits_for(self):
        change = outcome.of_step(Wait("shop-staging is Updating", NOT_READY), queued(), NOW)
        [waiting] = change.deployments
        assert (waiting.state, waiting.waits_for) == (State.QUEUED, NOT_READY)
        assert kinds(change) == [Kind.DEPLOYMENT_WAITING]
        assert outcome.of_step(Wait("shop-staging is Updating", NOT_READY), waiting, NOW) is None

    def test_a_reworded_reason_notifies_nobody(self):
        waiting = queued(waits_for=NOT_READY, reason="shop-staging is Updating")
        assert outcome.of_step(Wait("the environment is being updated", NOT_READY), waiting, NOW) is None

    @pytest.mark.parametrize(
        "other",
        [
            WaitsFor(WaitKind.NOT_READY, "Aborting"),
            WaitsFor(WaitKind.HELD, "jane", NOW),
            WaitsFor(WaitKind.FROZEN, "x"),
        ],
    )
    def test_they_are_notified_again_if_it_waits_for_something_else(self, other):
        assert kinds(outcome.of_step(Wait("why", other), queued(waits_for=NOT_READY), NOW)) == [Kind.DEPLOYMENT_WAITING]

    def test_another_hold_by_the_same_person_is_something_else(self):
        before, later = (WaitsFor(WaitKind.HELD, "jane", at) for at in (NOW, NOW + timedelta(hours=1)))
        assert outcome.of_step(Wait("why", later), queued(waits_for=before), NOW) is not None

    def test_a_deployment_that_has_begun_waits_without_a_write(self):
        assert outcome.of_step(Wait("why", WaitsFor(WaitKind.UPDATE)), deploying(), NOW) is None


class TestStepsThatOnlyWrite:
    def test_an_approval_is_asked_for_once(self):
        change = outcome.of_step(AskApproval("it needs approval"), queued(), NOW)
        assert kinds(change) == [Kind.DEPLOYMENT_AWAITING_APPROVAL]
        assert outcome.of_step(AskApproval("it needs approval"), change.deployments[0], NOW) is None

    def test_timers_are_written_only_if_they_change(self):
        since = Timers(good_since=NOW)
        assert outcome.of_step(Recheck("well", since), baking(timers=since), NOW) is None
        change = outcome.of_step(Recheck("ill", Timers()), baking(timers=since), NOW)
        assert change.deployments[0].timers == Timers()
        assert change.deployments[0].history == baking().history
        assert kinds(change) == []

    def test_an_adopted_update_has_its_request_id_and_only_a_deployment_is_announced(self):
        unanswered = update(request_id=None)
        change = outcome.of_step(Adopt(OUR_REQUEST, "it is ours"), deploying(update=unanswered), NOW)
        assert change.deployments[0].update.request_id == OUR_REQUEST
        assert kinds(change) == [Kind.DEPLOYMENT_STARTED]
        assert kinds(outcome.of_step(Adopt(OUR_REQUEST, "it is ours"), rolling_back(update=unanswered), NOW)) == []

    def test_a_void_claim_is_counted_and_the_deployment_queued_again(self):
        [again] = outcome.of_step(Requeue("no update"), deploying(), NOW).deployments
        assert (again.state, again.update, again.lost_answers) == (State.QUEUED, None, 1)
        [back] = outcome.of_step(Requeue("no update"), rolling_back(), NOW).deployments
        assert (back.state, back.update, back.lost_answers) == (State.ROLLING_BACK, None, 1)

    def test_progress_reminder_and_bake_are_announced(self):
        progress = Progress(done=1, instances=2)
        change = outcome.of_step(Report(progress, "half"), deploying(), NOW)
        assert change.deployments[0].update.progress == progress
        assert kinds(change) == [Kind.DEPLOYMENT_PROGRESSED]
        assert outcome.of_step(Remind("late"), deploying(), NOW).deployments[0].reminded
        assert outcome.of_step(Bake("live", NOW), deploying(), NOW).deployments[0].timers == Timers(good_since=NOW)


class TestTheEnd:
    def test_a_version_that_an_instance_ran_and_failed_is_quarantined(self):
        end = End(State.FAILED, "the command failed", quarantine=True)
        change = outcome.ended(deploying(), record(deploying()), end, NOW).change
        assert [version.label for version in change.standing.quarantined] == [NEW]
        assert change.standing.hold is None

    def test_a_failed_rollback_holds_the_environment_at_its_target(self):
        end = End(State.ROLLBACK_FAILED, "it failed too")
        change = outcome.ended(rolling_back(), record(rolling_back()), end, NOW).change
        assert (change.standing.hold.by, change.standing.hold.label) == ("Wardrop", OLD)

    def test_an_end_without_evidence_changes_no_standing(self):
        finished = outcome.ended(deploying(), record(deploying()), End(State.SUPERSEDED, "why"), NOW)
        assert finished.change.standing is None
        assert finished.wake == {}

    def test_waiting_deployments_are_woken(self):
        finished = outcome.ended(deploying(), record(deploying(), queued("d-2")), End(State.FAILED, "why"), NOW)
        assert finished.wake == {"shop-staging": "after/d-1"}

    def test_a_failure_names_the_last_good_version_and_where_both_come_from(self):
        bad, before = Origin(commit="b"), Origin(commit="a", build="https://ci.acme.test/1")
        known = standing(good(OLD, origin=before), good("shop-0.9"))
        end = End(State.FAILED, "it failed")
        failed = outcome.ended(deploying(origin=bad), EnvironmentRecord(known, []), end, NOW)
        [alert] = failed.change.alerts
        assert alert.origin == bad
        assert alert.last_good == LastGood(label=OLD, at=good().at, origin=before)

    def test_a_rollback_names_its_target_as_the_last_good_version(self):
        step = RollBack([good()], NOW, "the command failed", quarantine=True)
        [alert] = outcome.rolling_back(step, situation(deploying()), good(OLD, origin=Origin(commit="a"))).change.alerts
        assert alert.last_good == LastGood(label=OLD, at=good().at, origin=Origin(commit="a"))

    def test_a_good_version_keeps_where_it_comes_from_and_so_does_its_promotion(self):
        origin = Origin(commit="a")
        proven = baking(origin=origin, promotes=True, stage=["shop-staging"])
        change = outcome.succeeded(situation(proven), record(proven), SUCCESS, NextStage(NEXT, ())).change
        assert change.standing.good[0].origin == origin
        assert [each.origin for each in change.deployments] == [origin, origin]

    def test_a_rollback_has_to_reach_the_health_before_the_version_that_failed(self):
        bad = rolling_back(update=None, rollback=rollback(health=Health.OK))
        found = situation(bad, health=Health.DEGRADED)
        change = claims.claimed(Deploy("now"), found, EnvironmentRecord(standing(), [bad]), None)
        assert change.deployments[0].update.health is Health.OK

    def test_a_rollback_names_its_target_and_why(self):
        step = RollBack([good()], NOW, "the command failed", quarantine=True)
        started = outcome.rolling_back(step, situation(deploying()), good())
        [back] = started.change.deployments
        assert back.rollback == rollback(deployment_id=8, health=Health.OK)
        assert back.reason == "the command failed; rolling back to shop-1.0"
        assert [version.label for version in started.change.standing.quarantined] == [NEW]
        assert started.wake == {"shop-staging": "back/d-1"}


class TestSuccess:
    def succeed(self, *peers: Standing, known: Standing | None = None, **differs) -> outcome.Outcome:
        deployment = deploying(**({"promotes": True, "stage": STAGE} | differs))
        found = situation(deployment, standing=known or standing())
        return outcome.succeeded(found, record(deployment), SUCCESS, NextStage(NEXT, peers))

    def peer(self, label: str = NEW, **differs) -> Standing:
        return standing(good(label), environment="shop-worker", **differs)

    def test_the_version_is_the_newest_good_one_and_its_quarantine_is_lifted(self):
        quarantined = [QuarantinedVersion(label=label, at=NOW, because="x") for label in (NEW, "shop-9")]
        known = standing(good(OLD), good(NEW), quarantined=quarantined)
        after = self.succeed(known=known, promotes=False).change.standing
        assert [version.label for version in after.good] == [NEW, OLD]
        assert [version.label for version in after.quarantined] == ["shop-9"]
        assert after.good[0].release == release()

    def test_the_next_stage_is_queued_with_it_when_all_peers_are_good(self):
        finished = self.succeed(self.peer())
        ended, promoted = finished.change.deployments
        assert (ended.state, promoted.environment, promoted.state) == (State.SUCCEEDED, "shop-prod", State.QUEUED)
        assert promoted.reason == "shop-2.0 is good in shop-staging and shop-worker, and is promoted"
        assert promoted.arrival == ended.arrival
        assert finished.change.unchanged == (self.peer(),)
        assert finished.wake == {"shop-prod": promoted.id}

    def test_an_environment_that_has_a_deployment_of_the_drop_does_not_get_a_second_one(self):
        deployment = deploying(promotes=True, stage=STAGE)
        next_stage = NextStage(NEXT, (self.peer(),), reached={"shop-prod"})
        finished = outcome.succeeded(
            situation(deployment, standing=standing()), record(deployment), SUCCESS, next_stage
        )
        assert [each.environment for each in finished.change.deployments] == ["shop-staging"]

    def test_it_is_not_queued_before_a_peer_is_good_but_the_peer_must_be_unchanged(self):
        for peer in (standing(environment="shop-worker"), self.peer(OLD), self.peer(hold=HELD)):
            change = self.succeed(peer).change
            assert len(change.deployments) == 1
            assert change.unchanged == (peer,)

    def test_a_hold_withholds_the_promotion(self):
        change = self.succeed(self.peer(), known=standing(hold=HELD)).change
        [ended] = change.deployments
        assert ended.reason == (
            "all is well; the version is not promoted, because shop-staging is held: rolled back to shop-1.0"
        )


def test_deployments_that_never_start_end_first_and_are_announced():
    older, newer = queued("d-1", OLD), queued("d-2", minutes=1)
    [change], remaining = outcome.superseding(record(older, newer), NOW)
    assert [(over.id, over.state) for over in change.deployments] == [("d-1", State.SUPERSEDED)]
    assert kinds(change) == [Kind.DEPLOYMENT_SUPERSEDED]
    assert remaining.deployments == [newer]
