"""Aborts an update that was started outside Wardrop, if the guard has requested the abort.

This step is separate from `advance.py`, because it concerns no deployment and needs other permissions.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.deployments.change import EnvironmentRecord
from wardrop.environments.operation import newest_operation
from wardrop.errors import NotNow, Refused
from wardrop.guard.abort import AbortDecision, AbortSituation, decide
from wardrop.guard.alerts import alert_of_abort
from wardrop.guard.guarded_update import AbortState, GuardedUpdate
from wardrop.guard.ownership import combined
from wardrop.structs import replace

MOST_FINISHED = 5
"""The number of finished deployments that are read, because one of them may have started the update."""

MARGIN = timedelta(minutes=1)
"""Events are read from this long before the update's start, because the event about a managed update may be earlier."""


@dataclass(frozen=True)
class AbortUpdate:
    beanstalk: Beanstalk
    ledger: Ledger

    def __call__(self, record: EnvironmentRecord, now: datetime) -> str | None:
        """Returns the message to log, or None if no abort is pending. Raises NotNow and Outdated."""
        update = record.guarded
        if update is None or update.abort is None or not update.abort.is_open:
            return None
        decision = decide(self._observe(update, record, now))
        match decision.state:
            case AbortState.CLAIMED:
                return self._abort(update, decision, now)
            case AbortState.REQUESTED:
                raise NotNow(decision.reason)
            case AbortState.ABORTED | AbortState.LEFT:
                return self._finish(update, decision, now)

    def _observe(self, update: GuardedUpdate, record: EnvironmentRecord, now: datetime) -> AbortSituation:
        """Reads the environment, its events and its settings, because the guard's data may be some seconds old."""
        name = update.environment
        environment = self.beanstalk.environments([name]).get(name)
        operation = newest_operation(self.beanstalk.events(name, update.started_at - MARGIN)) if environment else None
        deployments = [*record.deployments, *self.ledger.environments.history(name, MOST_FINISHED)]
        is_readable = environment is not None and not environment.is_ready
        return AbortSituation(
            update=update,
            environment=environment,
            operation=operation,
            ownership=combined(each.ownership(update.request_id, update.started_at) for each in deployments),
            sets=self.beanstalk.settings_and_draft(update.application, name) if is_readable else None,
            now=now,
        )

    def _abort(self, update: GuardedUpdate, decision: AbortDecision, now: datetime) -> str:
        """Writes the claim, and then calls AbortEnvironmentUpdate.

        If the function is killed after the claim was written, no later evaluation makes the call.
        """
        self.ledger.guarded_updates.write(replace(update, abort=AbortState.CLAIMED, claimed_at=now))
        claim = replace(update, claimed_at=now, revision=update.revision + 1)
        try:
            self.beanstalk.abort_update(update.environment_id)
        except (NotNow, Refused) as error:
            return self._finish(claim, AbortDecision(AbortState.LEFT, f"Beanstalk refused: {error.reason}"), now)
        return self._finish(claim, AbortDecision(AbortState.ABORTED, decision.reason, decision.outcome), now)

    def _finish(self, update: GuardedUpdate, decision: AbortDecision, now: datetime) -> str:
        alert = alert_of_abort(update, decision, now)
        self.ledger.guarded_updates.write(replace(update, abort=decision.state), [alert])
        return alert.text
