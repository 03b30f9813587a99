"""The change of each step, which is written in one transaction."""

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
from wardrop.deployments.deployment import Deployment, Joined
from wardrop.deployments.history import Moment
from wardrop.deployments.promotion import NextStage
from wardrop.deployments.standing import Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import (
    Adopt,
    AlarmRaised,
    AskApproval,
    Bake,
    Deploy,
    End,
    Recheck,
    Remind,
    Report,
    Requeue,
    RollBack,
    Unchecked,
    Unhealthy,
    Wait,
)
from wardrop.deployments.update import Timers, UnacceptableHealth
from wardrop.environments.model import Health, Progress
from wardrop.environments.origin import Origin
from wardrop.evidence.alarms import WatchedAlarms
from wardrop.evidence.check_record import CheckRecord, Result
from wardrop.structs import replace

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
        change = outcome.change_by_step(Wait("shop-staging is Updating", NOT_READY), queued(), NOW)
        [waiting] = change.deployments
        assert (waiting.state, waiting.waits_for) == (State.QUEUED, NOT_READY)
        assert kinds(change) == [Kind.DEPLOYMENT_WAITING]
        assert outcome.change_by_step(Wait("shop-staging is Updating", NOT_READY), waiting, NOW) is None

    def test_a_reworded_reason_notifies_nobody(self):
        waiting = queued(waits_for=NOT_READY, reason="shop-staging is Updating")
        assert outcome.change_by_step(Wait("the environment is being updated", NOT_READY), waiting, NOW) is None

    @pytest.mark.parametrize(
        "other",
        [
            WaitsFor(WaitKind.NOT_READY, "Aborting"),
            WaitsFor(WaitKind.HELD, "jane", NOW),
            WaitsFor(WaitKind.FROZEN, "x"),
        ],
    )
    def test_they_are_notified_again_if_it_waits_for_something_else(self, other):
        assert kinds(outcome.change_by_step(Wait("why", other), queued(waits_for=NOT_READY), NOW)) == [
            Kind.DEPLOYMENT_WAITING
        ]

    def test_another_hold_by_the_same_person_is_something_else(self):
        before, later = (WaitsFor(WaitKind.HELD, "jane", at) for at in (NOW, NOW + timedelta(hours=1)))
        assert outcome.change_by_step(Wait("why", later), queued(waits_for=before), NOW) is not None

    def test_a_deployment_that_has_begun_waits_without_a_write(self):
        assert outcome.change_by_step(Wait("why", WaitsFor(WaitKind.UPDATE)), deploying(), NOW) is None


CLAIMED = deploying(update=update(request_id=None))
ILL = Timers(unacceptable=UnacceptableHealth(since=NOW, looks=1))
LATER = NOW + timedelta(minutes=1)


class TestStepsThatOnlyWrite:
    @pytest.mark.parametrize(
        ("step", "deployment", "state", "kind"),
        [
            (Wait("why", NOT_READY), queued(), State.QUEUED, Kind.DEPLOYMENT_WAITING),
            (Wait("why", WaitsFor(WaitKind.CONFIGURATION)), baking(), State.BAKING, Kind.DEPLOYMENT_WAITING),
            (Unhealthy("why", ILL), baking(), State.BAKING, Kind.DEPLOYMENT_UNHEALTHY),
            (AlarmRaised("why", WatchedAlarms(entries=["x"])), deploying(), State.DEPLOYING, Kind.DEPLOYMENT_UNHEALTHY),
            (Unchecked("why"), baking(), State.BAKING, Kind.DEPLOYMENT_UNCHECKED),
            (AskApproval("why"), queued(), State.AWAITING_APPROVAL, Kind.DEPLOYMENT_AWAITING_APPROVAL),
            (Adopt(OUR_REQUEST, "why"), CLAIMED, State.DEPLOYING, Kind.DEPLOYMENT_STARTED),
            (Requeue("why"), deploying(), State.QUEUED, Kind.DEPLOYMENT_WAITING),
            (Report(Progress(done=1, instances=2), "why"), deploying(), State.DEPLOYING, Kind.DEPLOYMENT_PROGRESSED),
            (Remind("why"), deploying(), State.DEPLOYING, Kind.DEPLOYMENT_OVERDUE),
            (Bake("why", NOW), deploying(), State.BAKING, Kind.DEPLOYMENT_BAKING),
        ],
    )
    def test_the_history_and_the_alert_say_when_and_why(self, step, deployment, state, kind):
        change = outcome.change_by_step(step, deployment, LATER)
        [after] = change.deployments
        assert (after.state, after.reason) == (state, "why")
        assert after.history == [*deployment.history, Moment(LATER, state, "why")]
        [alert] = change.alerts
        assert (alert.kind, alert.at, alert.text) == (kind, LATER, "why")

    def test_the_next_look_finds_what_the_step_recorded(self):
        def after(step, deployment):
            return outcome.change_by_step(step, deployment, LATER).deployments[0]

        waits_for, alarms = WaitsFor(WaitKind.CONFIGURATION, "x"), WatchedAlarms(entries=["x"])
        assert after(Wait("why", NOT_READY), queued()).waits_for == NOT_READY
        assert after(Wait("why", waits_for), baking()).waits_for == waits_for
        assert after(Unhealthy("why", ILL), baking()).timers == ILL
        assert after(AlarmRaised("why", alarms), deploying()).alarms == alarms
        assert after(Unchecked("why"), baking()).timers == Timers()
        assert after(Requeue("why"), deploying(waits_for=NOT_READY)).waits_for is None

    def test_a_check_that_was_reported_as_unknown_is_not_reported_again(self):
        unknown = deploying(state=State.BAKING, checks=[CheckRecord(result=Result.UNKNOWN)])
        reported = [record.reported() for record in unknown.checks]
        starting = replace(unknown, state=State.DEPLOYING)
        for step, deployment in ((Unchecked("why"), unknown), (Bake("why", None), starting)):
            assert outcome.change_by_step(step, deployment, LATER).deployments[0].checks == reported

    def test_an_approval_is_asked_for_once(self):
        change = outcome.change_by_step(AskApproval("it needs approval"), queued(), NOW)
        assert kinds(change) == [Kind.DEPLOYMENT_AWAITING_APPROVAL]
        assert outcome.change_by_step(AskApproval("it needs approval"), change.deployments[0], NOW) is None

    def test_timers_are_written_only_if_they_change(self):
        since = Timers(good_since=NOW)
        assert outcome.change_by_step(Recheck("well", since), baking(timers=since), NOW) is None
        change = outcome.change_by_step(Recheck("ill", Timers()), baking(timers=since), NOW)
        assert change.deployments[0].timers == Timers()
        assert change.deployments[0].history == baking().history
        assert kinds(change) == []

    def test_the_times_of_alarms_count_for_an_adopted_update_because_it_may_have_started_after_they_were_read(self):
        watched = WatchedAlarms(entries=["shop-5xx"], before=["shop-5xx"])
        unanswered = deploying(update=update(request_id=None), alarms=watched)
        change = outcome.change_by_step(Adopt(OUR_REQUEST, "it is ours"), unanswered, NOW)
        assert change.deployments[0].alarms == WatchedAlarms(entries=["shop-5xx"], before=None)

    def test_an_adopted_update_has_its_request_id_and_only_a_deployment_is_announced(self):
        unanswered = update(request_id=None)
        change = outcome.change_by_step(Adopt(OUR_REQUEST, "it is ours"), deploying(update=unanswered), NOW)
        assert change.deployments[0].update.request_id == OUR_REQUEST
        assert kinds(change) == [Kind.DEPLOYMENT_STARTED]
        assert (
            kinds(outcome.change_by_step(Adopt(OUR_REQUEST, "it is ours"), rolling_back(update=unanswered), NOW)) == []
        )

    def test_a_void_claim_is_counted_and_the_deployment_queued_again(self):
        [again] = outcome.change_by_step(Requeue("no update"), deploying(), NOW).deployments
        assert (again.state, again.update, again.lost_answers) == (State.QUEUED, None, 1)
        [back] = outcome.change_by_step(Requeue("no update"), rolling_back(), NOW).deployments
        assert (back.state, back.update, back.lost_answers) == (State.ROLLING_BACK, None, 1)

    def test_progress_reminder_and_bake_are_announced(self):
        progress = Progress(done=1, instances=2)
        change = outcome.change_by_step(Report(progress, "half"), deploying(), NOW)
        assert change.deployments[0].update.progress == progress
        assert kinds(change) == [Kind.DEPLOYMENT_PROGRESSED]
        assert outcome.change_by_step(Remind("late"), deploying(), NOW).deployments[0].reminded
        assert outcome.change_by_step(Bake("live", NOW), deploying(), NOW).deployments[0].timers == Timers(
            good_since=NOW
        )


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

    def test_a_superseded_version_that_was_dropped_again_is_queued_again_for_the_newest_drop(self):
        joined = [Joined(drop=f"drop-{n}", at=NOW, dropped_by=by) for n, by in ((1, None), (2, None), (3, "jenkins"))]
        deployment = deploying(joined=joined, promotes=True, stage=STAGE, rules=Rules(bake=timedelta(minutes=7)))
        end = End(State.SUPERSEDED, "somebody else deployed theirs-1", repeats=True)
        finished = outcome.ended(deployment, record(deployment), end, NOW)
        over, again = finished.change.deployments
        assert (over.state, again.state) == (State.SUPERSEDED, State.QUEUED)
        assert again.id != over.id
        for name in ("label", "release", "arrival", "rules", "promotes", "stage", "environment"):
            assert getattr(again, name) == getattr(deployment, name)
        assert (again.drop, again.dropped_by, again.joined) == ("drop-3", "jenkins", [])
        assert (again.update, again.checks, again.approval) == (None, [], None)
        assert again.reason == (
            "shop-2.0 was dropped again after somebody else's deployment to shop-staging had started, so it is "
            "deployed again"
        )
        assert [alert.deployment for alert in finished.change.alerts] == [over.id, again.id]
        assert finished.wake == {"shop-staging": again.id}

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
        assert back.rollback == rollback(deployment_id=8, version_label=OLD, health=Health.OK)
        assert back.reason == "the command failed; Wardrop rolls back to shop-1.0"
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


class TestTheStanding:
    """Compares complete standings, because later deployments depend on each field."""

    def test_every_version_since_the_last_proof_is_unsettled_the_newest_first(self):
        assert standing().deploying(OLD).deploying(NEW).deploying(OLD).unsettled == [OLD, NEW]

    def test_a_quarantine_covers_the_bytes_as_well_as_the_label(self):
        bad = QuarantinedVersion(label=NEW, at=NOW, because="it failed", sha256=release().sha256)
        assert outcome.quarantined(standing(), deploying(), "it failed", NOW).quarantined == [bad]
        without_release = outcome.quarantined(standing(), deploying(release=None), "it failed", NOW)
        assert without_release.quarantined == [replace(bad, sha256=None)]

    def test_a_new_quarantine_replaces_the_one_of_the_same_label(self):
        before = [QuarantinedVersion(label=label, at=NOW, because="before") for label in (NEW, OLD)]
        after = outcome.quarantined(standing(quarantined=before), deploying(), "again", NOW).quarantined
        assert sorted((version.label, version.because) for version in after) == [(OLD, "before"), (NEW, "again")]

    def test_a_success_lifts_the_quarantine_of_the_same_bytes_under_another_label(self):
        other = QuarantinedVersion(label="shop-2.0-copy", at=NOW, because="x", sha256=release().sha256)
        deployment = deploying()
        finished = outcome.succeeded(
            situation(deployment, standing=standing(quarantined=[other])),
            record(deployment),
            SUCCESS,
            NextStage({}, ()),
        )
        assert finished.change.standing.quarantined == []

    def test_a_success_that_is_not_withheld_has_the_reason_of_its_step(self):
        deployment = deploying(promotes=True, stage=STAGE)
        finished = outcome.succeeded(
            situation(deployment, standing=standing()), record(deployment), SUCCESS, NextStage(NEXT, ())
        )
        assert finished.change.deployments[0].reason == SUCCESS.reason

    def test_a_withheld_promotion_does_not_depend_on_the_peers(self):
        deployment = deploying(promotes=True, stage=STAGE)
        held = situation(deployment, standing=standing(hold=HELD))
        peer = standing(good(NEW), environment="shop-worker")
        assert outcome.succeeded(held, record(deployment), SUCCESS, NextStage(NEXT, (peer,))).change.unchanged == ()

    def test_a_success_before_the_other_environments_of_its_stage_says_what_the_promotion_requires(self):
        deployment = deploying(promotes=True, stage=STAGE)
        good_here = situation(deployment, standing=standing())
        peer = standing(environment="shop-worker")
        next_stage = NextStage(NEXT, (peer,), pending={"shop-worker"})
        finished = outcome.succeeded(good_here, record(deployment), SUCCESS, next_stage)
        assert finished.change.deployments[0].reason == (
            f"{SUCCESS.reason}; the version is promoted when it is also good in shop-worker"
        )
        assert finished.change.unchanged == (peer,)

    @pytest.mark.parametrize(("quarantine", "labels"), [(True, [NEW]), (False, None)])
    def test_a_rollback_quarantines_only_if_its_step_says_so(self, quarantine, labels):
        step = RollBack([good()], NOW, "the command failed", quarantine=quarantine)
        after = outcome.rolling_back(step, situation(deploying()), good()).change.standing
        assert (after and [version.label for version in after.quarantined]) == labels

    def test_a_rollback_of_a_deployment_without_an_update_compares_with_no_health(self):
        step = RollBack([good()], NOW, "the command failed", quarantine=False)
        [back] = outcome.rolling_back(step, situation(deploying(update=None)), good()).change.deployments
        assert back.rollback.health is None

    def test_a_proof_settles_the_environment(self):
        before = standing(unsettled=["shop-1.5"], settled_at=None, request_ids=["r-0"])
        end, settled = End(State.ROLLED_BACK, "why", settled_at=NOW), standing(settled_at=NOW)
        back, proven = rolling_back(), baking()
        assert outcome.ended(back, record(back, known=before), end, NOW).change.standing == settled
        success, seen = End(State.SUCCEEDED, "why", settled_at=NOW), situation(proven, standing=before)
        after = outcome.succeeded(seen, record(proven, known=before), success, NextStage({}, ())).change.standing
        assert (after.unsettled, after.settled_at, after.request_ids) == ([], NOW, [])

    def test_a_success_does_not_settle_the_environment_if_the_end_of_the_update_is_not_known(self):
        before, proven = standing(unsettled=["shop-1.5"], request_ids=["r-0"]), baking()
        success, seen = End(State.SUCCEEDED, "why"), situation(proven, standing=before)
        after = outcome.succeeded(seen, record(proven, known=before), success, NextStage({}, ())).change.standing
        assert (after.unsettled, after.settled_at, after.request_ids) == (["shop-1.5"], before.settled_at, ["r-0"])

    @pytest.mark.parametrize("state", [State.ROLLED_BACK, State.FAILED])
    def test_without_a_proof_the_updates_of_the_deployment_are_remembered(self, state):
        deployment = deploying(request_ids=["r-1", "r-2"])
        before = record(deployment, known=standing(unsettled=["shop-1.5"], request_ids=["r-0"]))
        after = outcome.ended(deployment, before, End(state, "why"), NOW).change.standing
        assert (after.unsettled, after.request_ids) == (["shop-1.5"], ["r-0", "r-1", "r-2"])

    def test_the_number_of_remembered_updates_is_bounded(self):
        assert standing().with_requests([f"r-{number}" for number in range(200)]).request_ids[0] == "r-100"

    def test_a_void_claim_of_a_rollback_is_dated(self):
        [back] = outcome.change_by_step(Requeue("no update"), rolling_back(), NOW).deployments
        assert back.history[-1] == Moment(NOW, State.ROLLING_BACK, "no update")
