"""Judges an environment update that was started outside Wardrop, and records the settings in force."""

import logging
from dataclasses import dataclass
from datetime import datetime

from wardrop.alerts.model import Alert
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.configuration.load import RememberedConfigurations
from wardrop.configuration.rules import Guard
from wardrop.environments.model import Environment
from wardrop.environments.operation import Operation, newest_operation
from wardrop.environments.settings import DeploymentSettings, SettingsAndDraft
from wardrop.errors import NotNow
from wardrop.guard.alerts import alert_of, alert_of_caller, alert_of_drift
from wardrop.guard.call import Caller
from wardrop.guard.drift import drift, has_drifted
from wardrop.guard.guarded_update import AbortState, GuardedUpdate
from wardrop.guard.judge import Judgement
from wardrop.guard.look import Look
from wardrop.guard.ownership import Ownership, combined
from wardrop.guard.request import GuardRequest
from wardrop.structs import replace

OUR_OWN = "the update is Wardrop's own"

MOST_FINISHED = 5
"""The number of finished deployments to read. Any of them may have started the update."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class GuardConfiguration:
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    configurations: RememberedConfigurations

    def __call__(self, request: GuardRequest, now: datetime) -> str:
        """Returns the outcome to log. If this method raises NotNow or Outdated, another request follows in a minute."""
        if request.caller is not None:
            return self._report_caller(request.environment, request.caller, now)
        name = request.environment
        environment = request.recent_snapshot(now) or self.beanstalk.environments([name]).get(name)
        if environment is None:
            return "Beanstalk does not list the environment"
        record = self.ledger.environments.read(name)
        recorded = record.settings if record.settings and record.settings.environment_id == environment.id else None
        good = next((each for each in record.standing.good if each.environment_id == environment.id), None)
        look = Look(request, environment, recorded, record.guarded, (good.label, good.at) if good else None, now)
        if look.is_up_to_date:
            return "the settings have been recorded since the last update"
        if not look.is_as_recorded and (good_settings := look.good_settings):
            self.ledger.guarded_updates.keep_good_settings(name, good_settings)
        if any(deployment.is_updating(environment) for deployment in record.deployments):
            return self._record_own_update(look)
        operation = self._operation(look)
        if operation is None:
            return self._record(look)
        deployments = [*record.deployments, *self.ledger.environments.history(name, MOST_FINISHED)]
        ownership = combined(each.ownership(operation.request_id, operation.started_at) for each in deployments)
        match ownership:
            case Ownership.UNANSWERED:
                raise NotNow("a deployment has called UpdateEnvironment, and no response is recorded yet")
            case Ownership.OURS:
                return self._record(look) if environment.is_ready else self._record_own_update(look)
            case Ownership.OVERLAPPING | Ownership.FOREIGN:
                return self._judge(look, operation, ownership)

    # Reading

    def _operation(self, look: Look) -> Operation | None:
        """Returns the newest operation since the settings were recorded, or None if there was no operation.

        If no settings are recorded, returns the operation that is in progress, if any.
        """
        since = look.events_since
        if since is None or look.is_as_recorded:
            return None
        return newest_operation(self.beanstalk.events(look.environment.name, since))

    def _sets(self, look: Look) -> SettingsAndDraft:
        return self.beanstalk.settings_and_draft(look.environment.application, look.environment.name)

    def _instances(self, environment: Environment) -> int | None:
        """Returns the number of instances, or None if the instances do not report or Beanstalk throttled the call."""
        if not environment.reports_instances:
            return None
        try:
            _, counts = self.beanstalk.health(environment.name)
        except NotNow:
            return None
        return sum(counts.values())

    # Judging

    def _judge(self, look: Look, operation: Operation, ownership: Ownership) -> str:
        environment, sets = look.environment, self._sets(look)
        judgement = look.judgement(operation, sets, self._instances(environment))
        if judgement is None:
            raise NotNow("Beanstalk does not show yet what the update changes")
        if not look.is_to_be_reported(judgement, operation):
            return self._record(look, sets, judgement.sentence)
        guard = self.configurations.for_alerts(environment.application, look.now).environment(environment.name).guard
        if guard is Guard.OFF:
            return self._record(look, sets, f"the guard is off: {judgement.sentence}")
        aborts = guard is Guard.ABORT and judgement.effect.replaces and not judgement.is_over
        update = _guarded(look, operation, judgement, AbortState.REQUESTED if aborts else None)
        self._report(look, update, alert_of(judgement, operation, ownership, environment, look.now), sets)
        if aborts:
            self.mailbox.wake([WakeUp(environment=environment.name, cause=f"guard/{operation.request_id}")])
        return judgement.sentence

    def _report(self, look: Look, update: GuardedUpdate, alert: Alert, sets: SettingsAndDraft) -> None:
        """Writes the update and its alert. Raises Outdated if another invocation has already reported the update."""
        self.ledger.guarded_updates.write(update, [alert], self._settings(look, sets))
        _logger.warning("%s: %s: %s", look.environment.name, alert.kind, alert.text)

    def _report_caller(self, name: str, caller: Caller, now: datetime) -> str:
        """Reports who started an update. Wardrop reports the update before CloudTrail's record of the call arrives."""
        if not name:
            environments = self.beanstalk.all_environments().values()
            name = next((each.name for each in environments if each.id == caller.environment_id), "")
        update = self.ledger.environments.read(name).guarded if name else None
        if update is None or update.request_id != caller.request_id:
            return "the call did not start an update that Wardrop has reported"
        self.ledger.alerts.report(alert_of_caller(update, caller, now))
        return f"the update was started by {caller.arn}"

    # Recording

    def _record(self, look: Look, read: SettingsAndDraft | None = None, outcome: str = "") -> str:
        settings = self._settings(look, read or self._sets(look))
        self.ledger.environments.keep_settings(look.environment.name, settings)
        if look.is_as_recorded and look.good and has_drifted(settings, look.good[1]):
            self.ledger.alerts.report(alert_of_drift(settings.drifted, look.environment, look.good, look.now))
        return outcome or "the settings are recorded"

    def _settings(self, look: Look, read: SettingsAndDraft) -> DeploymentSettings:
        settings = look.settings(read)
        good = self.ledger.guarded_updates.good_settings(look.environment.name)
        return replace(settings, drifted=drift(good, settings), version_quota_use=self.ledger.versions.room())

    def _record_own_update(self, look: Look) -> str:
        """Records only DateUpdated. It changes again when Wardrop's update ends, and the settings are read then."""
        if look.recorded is not None:
            settings = replace(look.recorded, environment_updated_at=look.environment.updated_at)
            self.ledger.environments.keep_settings(look.environment.name, settings)
        return OUR_OWN


def _guarded(look: Look, operation: Operation, judgement: Judgement, abort: AbortState | None) -> GuardedUpdate:
    return GuardedUpdate(
        environment=look.environment.name,
        environment_id=look.environment.id,
        application=look.environment.application,
        request_id=operation.request_id,
        started_at=operation.started_at,
        effect=judgement.effect,
        sentence=judgement.sentence,
        abort=abort,
        revision=look.guarded.revision if look.guarded else 0,
    )
