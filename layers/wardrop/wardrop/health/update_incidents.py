"""Checks the health of environments, and writes incidents together with their alerts."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from wardrop.alerts.model import Alert
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.metrics import Metric, count
from wardrop.configuration.load import RememberedConfigurations
from wardrop.errors import Outdated
from wardrop.health.circumstances import in_progress
from wardrop.health.evidence import EventEvidence, HealthCheck
from wardrop.health.failed_updates import FailedUpdates
from wardrop.health.incident import Incident
from wardrop.health.incident_alert import alert_of_incident
from wardrop.health.incident_rules import fold
from wardrop.health.look_ups import WARNINGS_WINDOW, LookUps
from wardrop.health.notification import IncidentNotification
from wardrop.health.rollout import Explains, rollout_of
from wardrop.health.selection import Snapshot

MAX_ATTEMPTS = 3

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

        Returns the errors, keyed by environment. An error does not stop the checks of other environments. The error
        Outdated means that other invocations changed the incident during every attempt.
        """
        names = snapshot.to_check([*events, *open_incidents])
        recorded = self.ledger.incidents.read(names) if names else {}
        look_ups = LookUps(self.ledger, self.beanstalk)
        errors: dict[str, Exception] = {}
        for name in names:
            update = _IncidentUpdate(self, name, events.get(name, NO_EVENTS), snapshot, look_ups)
            try:
                update.run(recorded.get(name))
            except Outdated as error:
                _logger.info("other invocations are changing the incident of %s", name)
                errors[name] = error
            except Exception as error:  # an error must not stop the checks of the other environments
                _logger.exception("the health of %s could not be checked", name)
                errors[name] = error
        return errors


@dataclass(frozen=True)
class _IncidentUpdate:
    """Checks one environment's health and updates the environment's incident."""

    adapters: UpdateIncidents
    name: str
    events: EventEvidence
    snapshot: Snapshot
    look_ups: LookUps

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
        check = self._check(application, recorded)
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
        """Returns the alert, with the cause if an update failed.

        While Wardrop deploys to the environment, the cause is not added, because the deployment's alerts report it.
        """
        circumstances = self.look_ups.of(notification, check)
        alert = alert_of_incident(notification, circumstances, check.environment, check.deployment)
        if check.environment is None or check.deployment is not None or not self.look_ups.may_read_log(notification):
            return alert
        since = check.now - WARNINGS_WINDOW
        return self.adapters.failed_updates.explained(alert, check.environment, since, check.now)

    def _check(self, application: str, recorded: Incident | None) -> HealthCheck:
        now, configurations, ledger = self.snapshot.now, self.adapters.configurations, self.adapters.ledger
        is_deploying = self.name in self.snapshot.deploying
        check = HealthCheck(
            name=self.name,
            application=application,
            now=now,
            alert_from=configurations.for_alerts(application, now).environment(self.name).alert_from,
            environment=self.snapshot.environments.get(self.name),
            deployment=in_progress(ledger.environments.read(self.name).deployments) if is_deploying else None,
        )
        return self._with_rollout(check, recorded)

    def _with_rollout(self, check: HealthCheck, recorded: Incident | None) -> HealthCheck:
        """Adds the rollout. Reads instances and finished deployments only if the decision about an alert needs them."""
        is_bad_now = check.environment is not None and check.is_bad(check.environment.health)
        reports_bad = any(check.is_bad(event.health) for event in self.events.health_events)
        deployment = check.deployment
        if deployment is None and (is_bad_now or reports_bad) and (recorded is None or not recorded.is_reported):
            deployment = next(iter(self.look_ups.past(self.name)), None)
        if check.environment is None and reports_bad and self.look_ups.is_being_terminated(self.name):
            return replace(check, is_being_terminated=True)
        rollout = rollout_of(deployment, check.environment) if deployment is not None else None
        if rollout is None or not (is_bad_now or reports_bad):
            return check
        if not is_bad_now:
            return replace(check, rollout=rollout, explains=Explains.YES)
        explains = Explains.NO
        if check.environment is not None and rollout.covers(check.now):
            explains = rollout.explains(self.look_ups.fleet(check.environment), check.now)
        return replace(check, rollout=rollout, explains=explains)
