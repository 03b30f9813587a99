"""Checks the health of environments, and writes incidents together with their alerts."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wardrop.alerts.model import Alert
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.metrics import Metric, count
from wardrop.configuration.load import RememberedConfigurations
from wardrop.environments.model import Environment
from wardrop.errors import Outdated
from wardrop.health.circumstances import (
    MAX_DEPLOYMENTS,
    Circumstances,
    from_ledger,
    in_progress,
    relevant,
    status_command,
)
from wardrop.health.evidence import EventEvidence, HealthCheck
from wardrop.health.failed_updates import MOST_EXPLAINED, FailedUpdates
from wardrop.health.incident import Incident
from wardrop.health.incident_alert import alert_of_incident
from wardrop.health.incident_rules import fold
from wardrop.health.notification import IncidentNotification
from wardrop.health.selection import Snapshot

MAX_ATTEMPTS = 3
MAX_LOOK_UPS = 10
"""Details are read for at most this number of alerts in one invocation. More look-ups would delay the alerts."""

WARNINGS_WINDOW = timedelta(hours=1)
"""The time before an alert from which the alert quotes Beanstalk's warnings and errors."""

NO_EVENTS = EventEvidence()

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class UpdateIncidents:
    ledger: Ledger
    configurations: RememberedConfigurations
    beanstalk: Beanstalk
    """The adapter for look-ups. It does not retry, because look-ups must not delay an alert."""

    failed_updates: FailedUpdates

    def __call__(
        self, events: Mapping[str, EventEvidence], open_incidents: set[str], snapshot: Snapshot
    ) -> dict[str, Exception]:
        """Checks the environments in the events, and the environments with bad health or an open incident.

        Returns the errors by environment, because an error must not stop the checks of other environments. Outdated
        means that other invocations changed the incident during every attempt.
        """
        names = snapshot.to_check([*events, *open_incidents])
        recorded = self.ledger.incidents.read(names) if names else {}
        look_ups = LookUps(self.ledger, self.beanstalk)
        errors: dict[str, Exception] = {}
        for name in names:
            check = _IncidentUpdate(self, name, events.get(name, NO_EVENTS), snapshot, look_ups)
            try:
                check.run(recorded.get(name))
            except Outdated as error:
                _logger.info("other invocations are changing the incident of %s", name)
                errors[name] = error
            except Exception as error:  # an error must not stop the checks of the other environments
                _logger.exception("the health of %s could not be checked", name)
                errors[name] = error
        return errors


@dataclass(frozen=True)
class _IncidentUpdate:
    """The check of one environment, and the change of its incident."""

    adapters: UpdateIncidents
    name: str
    events: EventEvidence
    snapshot: Snapshot
    look_ups: "LookUps"

    def run(self, recorded: Incident | None) -> None:
        application = self._application(recorded)
        if application is None:
            _logger.info("%s is ignored: Beanstalk does not list it, and no event names its application", self.name)
            return
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                self._update(application, recorded)
            except Outdated:
                recorded = self.adapters.ledger.incidents.read([self.name]).get(self.name)
            else:
                return
        self._update(application, recorded)

    def _application(self, recorded: Incident | None) -> str | None:
        environment = self.snapshot.environments.get(self.name)
        if environment is not None:
            return environment.application
        return recorded.application if recorded is not None else self.events.application

    def _update(self, application: str, recorded: Incident | None) -> None:
        """Raises Outdated."""
        check = self._check(application)
        incident, notifications = fold(recorded, check.evidence(self.events, recorded), check)
        if incident is None or incident == recorded:
            return
        alerts = [self._alert(notification, check) for notification in notifications]
        self.adapters.ledger.incidents.write(incident, alerts)
        if incident.is_open and (recorded is None or not recorded.is_open):
            count(Metric.INCIDENTS_OPENED)
        for alert in alerts:
            _logger.warning("%s: %s: %s", self.name, alert.kind, alert.text)

    def _alert(self, notification: IncidentNotification, check: HealthCheck) -> Alert:
        """The alert, with the cause of an update that failed. A deployment of Wardrop explains its own failure."""
        circumstances = self.look_ups.of(notification, check)
        alert = alert_of_incident(notification, circumstances, check.environment, check.deployment)
        if check.environment is None or check.deployment is not None or not self.look_ups.may_read_log(notification):
            return alert
        since = check.now - WARNINGS_WINDOW
        return self.adapters.failed_updates.explained(alert, check.environment, since, check.now)

    def _check(self, application: str) -> HealthCheck:
        now, configurations, ledger = self.snapshot.now, self.adapters.configurations, self.adapters.ledger
        is_deploying = self.name in self.snapshot.deploying
        return HealthCheck(
            name=self.name,
            application=application,
            now=now,
            alert_from=configurations.for_alerts(application, now).environment(self.name).alert_from,
            environment=self.snapshot.environments.get(self.name),
            deployment=in_progress(ledger.environments.read(self.name).deployments) if is_deploying else None,
        )


class LookUps:
    """Reads the details for at most MAX_LOOK_UPS alerts. After a failed call, it reads no more details."""

    def __init__(self, ledger: Ledger, beanstalk: Beanstalk) -> None:
        self._ledger, self._beanstalk = ledger, beanstalk
        self._left, self._logs_left = MAX_LOOK_UPS, MOST_EXPLAINED

    def of(self, notification: IncidentNotification, check: HealthCheck) -> Circumstances:
        if notification.is_recovery:
            return Circumstances()
        if check.environment is None:
            return Circumstances(next_step=status_command(check.name))
        if self._left <= 0:
            missing = "Wardrop did not look up more details, because many incidents are reported at the same time."
            return Circumstances(next_step=status_command(check.name), missing=missing)
        self._left -= 1
        return self._look_up(check.environment, check.now)

    def may_read_log(self, notification: IncidentNotification) -> bool:
        """Whether the log of an update may be read for one more alert."""
        if notification.is_recovery or self._left <= 0 or self._logs_left <= 0:
            return False
        self._logs_left -= 1
        return True

    def _look_up(self, environment: Environment, now: datetime) -> Circumstances:
        """Reads the most useful details first. A failed call does not prevent the alert."""
        circumstances = Circumstances(next_step=status_command(environment.name))
        try:
            record = self._ledger.environments.read(environment.name)
            past = self._ledger.environments.history(environment.name, most=MAX_DEPLOYMENTS)
            circumstances = from_ledger(environment, record, past, now)
            if environment.reports_instances:
                causes, instances = self._beanstalk.health(environment.name)
                circumstances = replace(circumstances, causes=causes, instances=instances)
            warnings = self._beanstalk.warnings(environment.name, now - WARNINGS_WINDOW)
            return replace(circumstances, events=relevant(warnings))
        except Exception as error:
            _logger.exception("not all circumstances of %s could be looked up", environment.name)
            self._left = 0
            return replace(circumstances, missing=f"More details could not be looked up: {str(error)[:200]}")
