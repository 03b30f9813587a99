"""The invariants of every history. They are checked against the actions of the model of Beanstalk, not the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.simulation.alarms import ModelAlarms
from tests.simulation.checks import ModelChecks
from tests.simulation.environment import ModelEnvironment, Update
from tests.simulation.memory import MemoryLedger
from tests.simulation.requirement import Requirement
from tests.simulation.upload_invariants import NEVER, UploadInvariants
from tests.simulation.world import ModelBeanstalk
from wardrop.alerts.kinds import Kind
from wardrop.commands.requests import Cancel, Decline, Deploy, Rollback
from wardrop.configuration.rules import Guard
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.deployments.update import AutomaticRollback
from wardrop.evidence.check_record import Result

BAD_ENDS = (State.FAILED, State.ROLLED_BACK, State.ROLLBACK_FAILED)


class Invariants:
    def __init__(
        self,
        seed: int,
        beanstalk: ModelBeanstalk,
        evidence: tuple[ModelAlarms, ModelChecks],
        ledger: MemoryLedger,
        stages: list[list[str]],
    ) -> None:
        self._beanstalk, self._ledger, self._stages = beanstalk, ledger, stages
        self._require = Requirement(seed)
        self.uploads = UploadInvariants(self._require, beanstalk, ledger)
        self._alarms, self._checks = evidence
        self._in_alarm_before: dict[str, set[str]] = {}
        """By RequestId of Wardrop's updates, the alarms that were in ALARM when the update started."""

        self._checked = 0
        """The number of the ledger's writes that `always` has checked."""

        self._began = beanstalk.clock.now
        self._condemned: dict[str, set[str]] = defaultdict(set)
        self._asked_at: dict[str, datetime] = defaultdict(lambda: NEVER)
        """By environment, the time at which a person last requested a version."""

        self._rollbacks: dict[str, set[AutomaticRollback]] = defaultdict(set)
        """By deployment id."""

        self._refused_by_people: set[str] = set()
        """The environments in which a person cancelled or declined a deployment."""

    # The history calls these methods

    def asked(self, name: str, request: Any) -> None:
        match request:
            case Deploy():
                self._condemned[name].discard(request.label)
                self._asked_at[name] = self._beanstalk.clock.now
            case Rollback():
                self._asked_at[name] = self._beanstalk.clock.now
            case Cancel() | Decline():
                self._refused_by_people.add(name)

    # Checks after each call of AdvanceDeployment

    @contextmanager
    def of_look(self, name: str) -> Iterator[None]:
        model = self._beanstalk.models[name]
        begun, over = len(model.begun), {deployment.id for deployment in self._ledger.environments.history(name)}
        there, writes = {other: self._ids(other) for stage in self._stages for other in stage}, self._ledger.writes
        yield
        for update in model.begun[begun:]:
            self._of_update(model, update)
        if self._ledger.writes == writes:
            return
        for deployment in self._ledger.environments.history(name):
            if deployment.id not in over:
                self._of_end(model, deployment)
                self._of_alarms(model, deployment)
                self._of_failed_checks(deployment)
        for deployment in self._ledger.read(name).deployments:
            if deployment.rollback is not None:
                self._rollbacks[deployment.id].add(deployment.rollback)
                self._of_alarms(model, deployment)
                self._of_failed_checks(deployment)
        for quarantined in self._ledger.read(name).standing.quarantined:
            label = quarantined.label
            own = [past for past in self._ledger.environments.history(name) if past.label == label]
            has_alarm = any(self._raised_during(model, deployment) for deployment in [*own, *self._active(name, label)])
            failed = label in model.failed_labels or has_alarm or self._checks.may_condemn(name, label)
            self._require(failed, f"{label} is quarantined in {name}, but no instance failed with it")
            self._condemned[name].add(label)
        # A new deployment to the same environment repeats a version, which is no promotion.
        for other in there.keys() - {name}:
            for deployment in self._ledger.read(other).deployments:
                if deployment.id not in there[other]:
                    self._of_promotion(name, deployment)

    def _active(self, name: str, label: str) -> list[Deployment]:
        return [deployment for deployment in self._ledger.read(name).deployments if deployment.label == label]

    def _ids(self, name: str) -> set[str]:
        return {deployment.id for deployment in self._ledger.read(name).deployments}

    def _of_update(self, model: ModelEnvironment, update: Update) -> None:
        name, label = model.name, update.label
        self._in_alarm_before[update.request_id] = self._alarms.in_alarm(name)
        self._require(label is None or not update.options, "an update has both a version and settings")
        if label is None:
            return
        active = self._ledger.read(name).deployments
        by = next(
            (deployment for deployment in active if not deployment.is_waiting and deployment.target_label == label),
            None,
        )
        self._require(by is not None, f"{label} was deployed to {name}, but the ledger has no such deployment")
        if by is None:
            return
        self._of_replacement(update, by)
        self._require(
            label not in self._condemned[name], f"{label}, quarantined in {name}, was deployed again without a request"
        )
        if by.rollback is not None or by.is_requested_rollback:
            self._require(
                (model.id, label) in model.proved, f"{name} was rolled back to {label}, but the version was never good"
            )
        if by.rollback is not None and by.asked is None:
            undid = f"the rollback to {label} in {name} undid"
            own = next(update for update in reversed(model.begun) if update.ours and update.label == by.label)
            undone = own.foreign_label not in (None, label, *self._condemned[name])
            self._require(
                not undone,
                f"{undid} another user's earlier deployment of {own.foreign_label}",
            )
            theirs = next((update for update in reversed(model.begun[:-1]) if update.label), own)
            since = not theirs.ours and theirs.label != label and model.all_run(str(theirs.label))
            self._require(not since, f"{undid} another user's later deployment")

    def _of_replacement(self, update: Update, by: Deployment) -> None:
        """Nobody is surprised by an update that replaces the instances."""
        if not update.replaces:
            return
        subject = f"{update.label} replaced the instances of {by.environment}"
        self._require("keeps the service up" not in by.reason, f"{subject}, and the history assures the opposite")
        guard, record, is_rollback = by.rules.guard, by.replacement, by.rollback or by.is_requested_rollback
        announced = any(
            alert.deployment == by.id and alert.kind is Kind.DEPLOYMENT_REPLACES_INSTANCES
            for alert in self._ledger.alerts.values()
        )
        is_approved = record.approved is not None
        if guard is Guard.ABORT and not is_rollback:
            self._require(is_approved, f"{subject} without an approval")
        elif guard is not Guard.OFF:
            self._require(announced or is_approved, f"{subject}, but nobody was notified before")

    def _of_end(self, model: ModelEnvironment, deployment: Deployment) -> None:
        self._require(not deployment.is_active, f"{deployment.label} is in the history as {deployment.state}")
        if deployment.state is State.SUCCEEDED:
            labels = model.labels
            self._require(model.all_run(deployment.label), f"{deployment.label} succeeded, but instances run {labels}")
            self._of_success_with_alarms(model, deployment)
            self._of_success_with_checks(deployment)
        if "so there is nothing to roll back" in deployment.reason and not self._beanstalk.clock.skew:
            runs = deployment.label in model.labels
            self._require(not runs, f"{deployment.label} was not rolled back, but an instance runs it")
        self._of_hanging_commands(model, deployment)
        back = len(self._rollbacks[deployment.id])
        most = 0 if deployment.is_requested_rollback else 1
        self._require(back <= most, f"{deployment.label} was rolled back {back} times")

    def _of_hanging_commands(self, model: ModelEnvironment, deployment: Deployment) -> None:
        """A rollback that fails because commands hang ends with the advice to replace these instances."""
        *_, last = deployment.reason.rpartition("failed too: ")
        if deployment.state is not State.ROLLBACK_FAILED or "Unsuccessful command" not in last:
            return
        own = (update for update in reversed(model.begun) if update.ours and update.label == deployment.target_label)
        for id_ in next((update.unresponsive for update in own), []):
            is_named = "Terminate" in deployment.reason and id_ in deployment.reason
            self._require(is_named, f"{id_} hangs in {model.name}, and nobody is advised to replace it")

    def _of_alarms(self, model: ModelEnvironment, deployment: Deployment) -> None:
        """An alarm that was in ALARM before the update never counts against the version."""
        watched = deployment.alarms
        if watched is None or watched.before is None:
            return
        named = {name for name in self._alarms.names(model.name) if f"the alarm {name} went" in deployment.reason}
        wrong = named - self._raised_during(model, deployment)
        self._require(not wrong, f"{wrong} counted against {deployment.label}, but was in ALARM before its update")

    def _of_success_with_alarms(self, model: ModelEnvironment, deployment: Deployment) -> None:
        name, label, watched = model.name, deployment.label, deployment.alarms
        if not deployment.rules.alarms:
            return
        self._require(self._alarms.are_complete(name), f"{label} succeeded, but alarms could not be read")
        if watched is None or watched.before is None:
            return
        ignored = self._alarms.in_alarm(name) & self._raised_during(model, deployment)
        self._require(not ignored, f"{label} succeeded, but {ignored} was raised after its update started")

    def _of_success_with_checks(self, deployment: Deployment) -> None:
        """A requested rollback is judged without checks."""
        name, label, checks = deployment.environment, deployment.label, deployment.rules.checks
        if not checks or deployment.is_requested_rollback:
            return
        passed = [self._checks.has_passed(name, label, check) for check in checks]
        last = [record.result for record in deployment.checks]
        is_proven = all(passed) and last == [Result.PASSED] * len(checks)
        self._require(is_proven, f"{label} succeeded in {name}, but its checks had not passed: {last}")

    def _of_failed_checks(self, deployment: Deployment) -> None:
        """Only answers count against a version. One answer of a function is enough, but a request needs three."""
        name, label, because = deployment.environment, deployment.label, deployment.reason
        if deployment.state not in (State.BAKING, State.SUCCEEDED, State.SUPERSEDED) and "the check " in because:
            condemned = any(self._checks.may_condemn(name, each) for each in self._labels_of_content(label))
            self._require(condemned, f"{label} failed in {name} because of checks that do not condemn it: {because}")

    def _labels_of_content(self, label: str) -> set[str]:
        """The labels of all versions with the same bytes. A quarantine applies to all of them."""
        contents = self._beanstalk.contents
        return {label, *(other for other in contents if label in contents and contents[other] == contents[label])}

    def _raised_during(self, model: ModelEnvironment, deployment: Deployment) -> set[str]:
        """The alarms that were raised after the update started, without those that were in ALARM before.

        If the alarms could not be read before the update, each alarm counts that was raised after its start. After a
        lost answer, the deployment may have adopted an update that another user started.
        """
        own = (
            update
            for update in reversed(model.begun)
            if (update.label == deployment.label if update.ours else update.request_id in deployment.request_ids)
        )
        update = next(own, None)
        if not deployment.rules.alarms or update is None:
            return set()
        watched = deployment.alarms
        were_read = watched is not None and watched.before is not None
        before = self._in_alarm_before.get(update.request_id, set()) if were_read else set()
        return self._alarms.raised_since(model.name, update.began) - before

    def _of_promotion(self, name: str, deployment: Deployment) -> None:
        stage = next((stage for stage in self._stages if name in stage), [])
        for peer in stage:
            at = self._beanstalk.models[peer]
            proved = {label for _, label in at.proved}
            labels = self._labels_of_content(deployment.label)
            good = bool(labels & proved) or any(self._succeeded(peer, label) for label in labels)
            self._require(
                good, f"{deployment.label} was promoted to {deployment.environment} before it was good in {peer}"
            )
            held = self._ledger.read(peer).standing.hold
            self._require(
                held is None, f"{deployment.label} was promoted to {deployment.environment} while {peer} is held"
            )

    def _succeeded(self, name: str, label: str) -> bool:
        return any(
            deployment.label == label and deployment.state is State.SUCCEEDED
            for deployment in self._ledger.environments.history(name)
        )

    # Checks after every event

    def always(self) -> None:
        self._beanstalk.proceed()
        if self._ledger.writes != self._checked:
            self._of_deployments()
            self._checked = self._ledger.writes

    def _of_deployments(self) -> None:
        counts: Counter[tuple[str | None, str]] = Counter()
        there: set[str] = set()
        for name in self._beanstalk.models:
            record, past = self._ledger.read(name), self._ledger.environments.history(name)
            self.uploads.record_quarantines(record.standing)
            active = record.deployments
            begun = [deployment.label for deployment in active if not deployment.is_waiting]
            self._require(len(begun) <= 1, f"{begun} are in progress in {name} at the same time")
            both = {deployment.id for deployment in active} & {deployment.id for deployment in past}
            self._require(not both, f"{both} are both active and in the history")
            there |= {deployment.id for deployment in [*active, *past]}
            counts.update((deployment.drop, name) for deployment in [*active, *past] if deployment.drop)
        lost = {id_ for receipt in self.uploads.receipts.values() for id_ in receipt.deployments} - there
        self._require(not lost, f"receipts name {lost}, but the ledger has no deployment")
        twice = [key for key, count in counts.items() if count > 1]
        self._require(not twice, f"{twice} are in the ledger more than once")

    # Checks at the end

    def are_at_rest(self) -> bool:
        return not self.uploads.without_receipt() and all(
            model.update is None and not self._unfinished(name) for name, model in self._beanstalk.models.items()
        )

    def _unfinished(self, name: str) -> list[Deployment]:
        """The active deployments, except those that wait until a person ends a hold."""
        record = self._ledger.read(name)
        return [deployment for deployment in record.deployments if not (record.standing.hold and deployment.is_waiting)]

    def at_rest(self, *, quiet: bool) -> None:
        """`quiet`: the history had no faults other than bad versions."""
        for name, model in self._beanstalk.models.items():
            self._require(model.update is None, f"an update of {name} is still in progress")
            stuck = [(deployment.label, deployment.state, deployment.reason) for deployment in self._unfinished(name)]
            self._require(not stuck, f"{name} does not come to rest: {stuck}")
            deployments = [*self._ledger.read(name).deployments, *self._ledger.environments.history(name)]
            newest = max(
                (deployment for deployment in deployments if deployment.drop or deployment.joined),
                key=lambda deployment: deployment.arrival,
                default=None,
            )
            if newest is not None and not self.uploads.found_running(name, newest.arrival):
                self._of_newest(model, newest, quiet=quiet)
        self._of_stages()
        self.uploads.at_rest(self._asked_at)

    def _of_newest(self, model: ModelEnvironment, newest: Deployment, *, quiet: bool) -> None:
        """The newest drop runs unless it failed, was held, or a person decided otherwise."""
        name, summary = model.name, f"the newest drop for {model.name}, {newest.label}, is {newest.state}"
        if newest.is_active or not model.exists or max(model.foreign_at, self._asked_at[name]) >= newest.arrival[0]:
            return
        match newest.state:
            case State.SUCCEEDED:
                self._require(model.all_run(newest.label), f"{summary}, but the instances run {model.labels}")
            case State.CANCELLED | State.DECLINED:
                self._require(name in self._refused_by_people, f"{summary}, but not by a person")
            case State.SUPERSEDED:
                self._require(False, f"{summary} by an older version: {newest.reason}")
            case _ if quiet:
                has_alarm = self._raised_during(model, newest)
                is_bad = (
                    newest.label in model.failed_labels or has_alarm or self._checks.may_condemn(name, newest.label)
                )
                self._require(bool(is_bad), f"{summary}, but its version is not bad: {newest.reason}")

    def _of_stages(self) -> None:
        """The newest drop that is good in a whole stage has been promoted to the next stage."""
        for stage, following in pairwise(self._stages):
            standings = [self._ledger.read(name).standing for name in stage]
            labels = {standing.good[0].label if standing.good else "" for standing in standings}
            if len(labels) > 1 or any(standing.hold for standing in standings) or any(map(self._touched, stage)):
                continue
            [label] = labels
            if not all(self._promoted_from(name, label) for name in stage):
                continue
            for name in following:
                there = any(deployment.label == label for deployment in self._ledger.environments.history(name))
                waits = any(deployment.label == label for deployment in self._ledger.read(name).deployments)
                self._require(there or waits, f"{label} is good in {stage}, but was not promoted to {name}")

    def _promoted_from(self, name: str, label: str) -> bool:
        """Whether the last success with this version here was a deployment that is promoted."""
        ended = self._ledger.environments.history(name)
        succeeded = [past for past in ended if past.label == label and past.state is State.SUCCEEDED]
        last = max(succeeded, key=lambda past: past.history[-1].at, default=None)
        return last is not None and last.id in self.uploads.promoted

    def _touched(self, name: str) -> bool:
        return max(self._beanstalk.models[name].foreign_at, self._asked_at[name]) > self._began
