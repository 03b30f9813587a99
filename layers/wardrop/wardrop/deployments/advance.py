"""Evaluates one environment, and takes the next step of its deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.cloudwatch import Alarms
from wardrop.aws.instance_logs import InstanceLogs
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp, without_snapshots
from wardrop.configuration.load import Configurations
from wardrop.deployments import claim as claims
from wardrop.deployments import explain, freshness, lifecycle, line, outcome, start
from wardrop.deployments.abort import AbortUpdate
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.instance_logs import ExplainByInstances
from wardrop.deployments.next_stage import NextStageReading
from wardrop.deployments.reading import SituationReading
from wardrop.deployments.situation import Situation
from wardrop.deployments.standing import GoodVersion
from wardrop.deployments.state import State
from wardrop.deployments.steps import Deploy, End, Look, Noted, Prepare, RollBack, Step, Wait
from wardrop.deployments.version_check import VersionCheck
from wardrop.environments.model import Environment
from wardrop.errors import NotNow, Refused
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.gather import GatherEvidence
from wardrop.evidence.log_part import LogName
from wardrop.evidence.run_checks import Checks


@dataclass(frozen=True)
class AdvanceDeployment:
    beanstalk: Beanstalk
    bundles: Bundles
    ledger: Ledger
    mailbox: Mailbox
    configurations: Configurations
    evidence: GatherEvidence
    instance_logs: InstanceLogs
    alarms: Alarms
    checks: Checks
    settle: timedelta

    def __call__(self, environment: str, wake_ups: Sequence[WakeUp], now: datetime) -> Look:
        """Takes one step. Raises NotNow if the step must wait, and Outdated if another invocation changed the records.

        The logs of instances are processed last, so that they delay no step.
        """
        record = self._read(environment, now)
        look = self._step(record, wake_ups, now)
        added = self._by_instances(environment, now) if record.log_request is not None else None
        return replace(look, reason=f"{look.reason}; {added}") if added else look

    def _step(self, record: EnvironmentRecord, wake_ups: Sequence[WakeUp], now: datetime) -> Look:
        abort = AbortUpdate(self.beanstalk, self.ledger)(record, now)
        deployment = line.deployment_to_advance(record.deployments)
        if deployment is None:
            return Look(None, None, abort or "there is no active deployment")
        decided = self._decide(deployment, record, wake_ups, now)
        if decided is None:
            absence = lifecycle.when_absent(deployment, now)
            self._write(absence, deployment, record, now)
            return Look(deployment.label, absence, absence.reason)
        situation, step = decided
        if log := explain.log_of(situation, step):
            explanation = deployment.explanation or self._explain(log, situation, record)
            situation, step = explain.explained(situation, step, explanation)
        taken = self._carry_out(step, situation, record)
        return Look(deployment.label, taken, taken.reason)

    def _decide(
        self, deployment: Deployment, record: EnvironmentRecord, wake_ups: Sequence[WakeUp], now: datetime
    ) -> tuple[Situation, Step] | None:
        """Returns the situation and the next step, or None if Beanstalk does not list the environment.

        The environment's state may come from a wake-up message. Before a step that a later evaluation cannot correct,
        Wardrop reads the state from Beanstalk.
        """
        reading = SituationReading(
            self.beanstalk, self.ledger, self.alarms, self.checks, self.configurations, self.settle
        )
        situation = reading(deployment, record, wake_ups, now)
        if situation is None:
            return None
        step = lifecycle.advance(situation)
        if situation.is_snapshot and not freshness.is_provisional(step) and not reading.is_confirmed(situation):
            return self._decide(deployment, record, without_snapshots(wake_ups), now)
        return situation, step

    def _explain(self, log: LogName, situation: Situation, record: EnvironmentRecord) -> Explanation:
        explanation = self.evidence.explain(log, situation.now)
        return self._by_instances.request(situation, record, explanation)

    @property
    def _next_stage(self) -> NextStageReading:
        return NextStageReading(self.beanstalk, self.ledger, self.configurations)

    @property
    def _by_instances(self) -> ExplainByInstances:
        return ExplainByInstances(self.instance_logs, self.ledger, self.settle)

    def _read(self, environment: str, now: datetime) -> EnvironmentRecord:
        """Reads the environment's record, and ends the superseded deployments. Returns the record without them."""
        changes, remaining = outcome.superseding(self.ledger.environments.read(environment), now)
        for change in changes:
            self.ledger.write(change)
        return remaining

    def _carry_out(self, step: Step, situation: Situation, record: EnvironmentRecord) -> Step:
        """Returns the step that was taken.

        If the version is good but its next stage is not known yet, the step is a Wait.
        """
        match step:
            case Deploy() | Prepare():
                self._update(step, situation, record)
            case RollBack():
                self._roll_back(step, situation, record)
            case End() if step.state is State.SUCCEEDED:
                next_stage = self._next_stage(situation.deployment, situation.standing, situation.now)
                if isinstance(next_stage, Wait):
                    return self._carry_out(next_stage, situation, record)
                self._finish(outcome.succeeded(situation, record, step, next_stage))
            case _:
                self._write(step, situation.deployment, record, situation.now)
        return step

    def _write(self, step: Noted, deployment: Deployment, record: EnvironmentRecord, now: datetime) -> None:
        if isinstance(step, End):
            self._finish(outcome.ended(deployment, record, step, now))
        elif change := outcome.change_by_step(step, deployment, now) or outcome.change_by_checks(
            step.reason, deployment, record
        ):
            self.ledger.write(change)

    def _finish(self, finished: outcome.Outcome) -> None:
        self.ledger.write(finished.change)
        if finished.wake:
            self.mailbox.wake([WakeUp(environment=name, cause=cause) for name, cause in finished.wake.items()])

    def _update(self, step: Deploy | Prepare, situation: Situation, record: EnvironmentRecord) -> None:
        """Writes the claim before it calls UpdateEnvironment.

        If the function is killed, the next evaluation recovers the lost response.
        """
        deployment, now = situation.deployment, situation.now
        label, release = deployment.target_label, deployment.target_release
        check = VersionCheck(self.beanstalk, self.bundles)
        if release is not None and freshness.is_new(deployment, now):
            problem = self.bundles.prove(release)
        else:
            problem = check.problem(deployment.application, label, release)
        if problem:
            self._write(End(deployment.failure, f"{label} cannot be deployed: {problem}"), deployment, record, now)
            return
        adopted = self._adopted(situation)
        if adopted and not adopted.release and (doubt := check.doubt(deployment.application, adopted.label)):
            step = replace(step, reason=f"{step.reason}; {doubt}")
        claim, *_ = self.ledger.write(claims.claimed(step, situation, record, adopted))
        try:
            request_id = self._call(step, situation.environment, label)
        except NotNow as error:
            self.ledger.write(claims.declined(deployment, claim, error.reason, now))
            raise
        except Refused as error:
            self._write(End(claim.failure, f"Beanstalk refused: {error.reason}"), claim, record, now)
        else:
            self.ledger.write(claims.answered(step, deployment, claim, request_id))

    def _call(self, step: Deploy | Prepare, environment: Environment, label: str) -> str:
        if isinstance(step, Prepare):
            return self.beanstalk.configure(environment.id, step.options)
        return self.beanstalk.update(environment.id, label)

    def _adopted(self, situation: Situation) -> GoodVersion | None:
        label = start.adopted_label(situation)
        if label is None or situation.deployment.rollback is not None:
            return None
        version = self.ledger.versions.find(situation.deployment.application, label)
        release = version.release if version else None
        return outcome.good_version(label, release, situation.environment, situation.now)

    def _roll_back(self, step: RollBack, situation: Situation, record: EnvironmentRecord) -> None:
        """Rolls back to the first target whose bundle is unchanged."""
        deployment, check, problems = situation.deployment, VersionCheck(self.beanstalk, self.bundles), []
        for target in step.targets:
            problem = check.problem(deployment.application, target.label, target.release)
            if problem is None:
                self._finish(outcome.rolling_back(step, situation, target))
                return
            problems.append(f"{target.label}: {problem}")
        reason = f"{step.reason}; no good version can be deployed again ({'; '.join(problems)})"
        self._write(End(State.FAILED, reason, step.quarantine), deployment, record, situation.now)
