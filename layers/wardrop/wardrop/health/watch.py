"""Wakes environments, reports events, checks health, and sends requests to the guard, every minute and on events."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.alerts.model import Alert
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.guard_requests import GuardRequests
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import TICK, Mailbox, WakeUp
from wardrop.aws.metrics import Metric, count
from wardrop.configuration.alarm_pattern import matches_any
from wardrop.environments.settings import SettingsReading
from wardrop.errors import LedgerBusy, NotNow, Outdated
from wardrop.guard.request import GuardRequest
from wardrop.health.alarm import AlarmEvent, alert_of_alarm
from wardrop.health.batch import EventBatch
from wardrop.health.event_alerts import alerts_of_events
from wardrop.health.events import BeanstalkEvent
from wardrop.health.failed_updates import BEFORE_EVENT, MOST_EXPLAINED, FailedUpdates
from wardrop.health.selection import Snapshot, settings_due
from wardrop.health.update_incidents import UpdateIncidents

UNSENT_LIMIT = timedelta(minutes=5)
"""The age at which an unsent alert is put into the stream again.

Example: an alert was written at 12:00:00 and has not been sent. The run at 12:06 puts it into the stream again.
"""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watched:
    woken: list[str]
    """The names of the environments for which an evaluation was requested."""

    failed: set[str] = field(default_factory=set)
    """The ids of events that SQS must deliver again."""


@dataclass(frozen=True)
class WatchEnvironments:
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    guard: GuardRequests
    update_incidents: UpdateIncidents
    failed_updates: FailedUpdates
    own_alarms: Collection[str]
    """The names of the alarms on Wardrop's own queues."""

    def on_tick(self, tick: str, now: datetime) -> Watched:
        """Wakes the environments for which work is recorded, and checks the health of all environments.

        Work is an active deployment, an update to abort, or a request for instance logs. Raises NotNow. If some checks
        failed, raises ExceptionGroup after all other work.
        """
        self._send_again(now)
        active = self.ledger.environments.active()
        snapshot = Snapshot(self.beanstalk.all_environments(), active.deploying, now)
        names = active.deploying | active.aborting | active.explaining
        woken = self._wake(dict.fromkeys(names, f"{TICK}/{tick}"), snapshot)
        failed = self.update_incidents({}, active.with_incidents, snapshot)
        errors = [error for error in failed.values() if not isinstance(error, (Outdated, LedgerBusy))]
        self._request_settings(active.with_settings, snapshot, tick)
        if errors:
            raise ExceptionGroup("the health of some environments could not be processed", errors)
        return Watched(woken)

    def on_events(self, events: Iterable[BeanstalkEvent], now: datetime) -> Watched:
        """Reports the events, and wakes those of the environments in the events that have an active deployment."""
        batch = EventBatch(tuple(events), now)
        self._request_looks(batch)
        deploying = self.ledger.environments.active().deploying
        causes = batch.wake_causes(deploying)
        names = {*causes, *batch.reportable_environments}
        try:
            environments = self.beanstalk.environments(sorted(names)) if names else {}
        except NotNow as error:
            _logger.info("the events are processed later: %s", error.reason)
            return Watched([], {event.id for event in batch.reportable})
        snapshot = Snapshot(environments, deploying, now)
        woken = self._wake(causes, snapshot)
        failed = self._report(batch, snapshot)
        evidence = batch.evidence()
        unchecked = self.update_incidents(evidence, set(), snapshot) if evidence else {}
        return Watched(woken, failed | {event.id for event in batch.reportable if event.environment in unchecked})

    def on_alarms(self, events: Sequence[AlarmEvent], now: datetime) -> list[str]:
        """Reports alarms on Wardrop's own queues, and wakes the environments whose deployments watch the alarms.

        Returns the names of environments that were woken.
        """
        for event in events:
            if event.detail.alarm_name in self.own_alarms and (alert := alert_of_alarm(event, now)):
                self.ledger.alerts.report(alert)
        raised = {event.detail.alarm_name: f"alarm/{event.id}" for event in events if event.has_begun}
        if not raised:
            return []
        watched = self.ledger.environments.active().alarms
        causes = {
            environment: cause
            for name, cause in raised.items()
            for environment, entries in watched.items()
            if matches_any(entries, name)
        }
        self.mailbox.wake(WakeUp(environment=name, cause=cause) for name, cause in sorted(causes.items()))
        return sorted(causes)

    def _send_again(self, now: datetime) -> None:
        if alerts := self.ledger.alerts.resend(now - UNSENT_LIMIT, now):
            _logger.error("alerts were not sent in time and are sent again: %s", ", ".join(alerts))
            count(Metric.ALERTS_STUCK)

    def _wake(self, causes: Mapping[str, str], snapshot: Snapshot) -> list[str]:
        if causes:
            self.mailbox.wake(
                WakeUp(
                    environment=name, cause=cause, snapshot=snapshot.environments.get(name), snapshot_at=snapshot.now
                )
                for name, cause in sorted(causes.items())
            )
        return sorted(causes)

    def _report(self, batch: EventBatch, snapshot: Snapshot) -> set[str]:
        """Reports the events that are not about health. Returns the ids of events that could not be reported."""
        failed, explained = set(), 0
        for event, alert in alerts_of_events(batch.reportable, snapshot.environments, snapshot.now):
            try:
                if self._is_our_failed_update(event, snapshot):
                    continue
                if event.may_have_log and explained < MOST_EXPLAINED:
                    explained += 1
                    alert = self._explained(alert, event, snapshot)
                self.ledger.alerts.report(alert)
            except Exception:  # an error must not stop the reports of the other environments
                _logger.exception("an event of %s could not be reported", event.environment)
                failed.add(event.id)
        return failed

    def _explained(self, alert: Alert, event: BeanstalkEvent, snapshot: Snapshot) -> Alert:
        environment = snapshot.environments.get(event.environment or "")
        if environment is None:
            return alert
        since = event.at(snapshot.now) - BEFORE_EVENT
        return self.failed_updates.explained(alert, environment, since, snapshot.now)

    def _is_our_failed_update(self, event: BeanstalkEvent, snapshot: Snapshot) -> bool:
        """Whether the update was Wardrop's own. In this case, Wardrop's deployment reports the failure."""
        name = event.environment
        if name is None or not event.is_failed_update:
            return False
        active = self.ledger.environments.read(name).deployments if name in snapshot.deploying else []
        deployments = [*active, *self.ledger.environments.history(name, most=1)]
        return any(deployment.was_updating_at(event.at(snapshot.now)) for deployment in deployments)

    def _request_looks(self, batch: EventBatch) -> None:
        if started := batch.started_updates():
            self.guard.send(
                GuardRequest(environment=name, cause=f"event/{event.id}", update_started_at=event.at(batch.now))
                for name, event in sorted(started.items())
            )

    def _request_settings(self, readings: Mapping[str, SettingsReading], snapshot: Snapshot, tick: str) -> None:
        """Requests the settings that are due, and deletes the settings of environments that no longer exist."""
        for name in sorted(readings.keys() - snapshot.environments.keys()):
            self.ledger.environments.forget_settings(name)
        if due := settings_due(readings, snapshot):
            self.guard.send(
                GuardRequest(
                    environment=name,
                    cause=f"tick/{tick}",
                    snapshot=snapshot.environments[name],
                    snapshot_at=snapshot.now,
                )
                for name in due
            )
