"""A batch of Beanstalk's events: the environments to wake and to check, and the events to report."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from wardrop.health.event_alerts import may_be_reported
from wardrop.health.events import BeanstalkEvent
from wardrop.health.evidence import EventEvidence


@dataclass(frozen=True)
class EventBatch:
    events: tuple[BeanstalkEvent, ...]
    now: datetime

    @cached_property
    def reportable(self) -> list[BeanstalkEvent]:
        """The events that may be reported. All other events only cause evaluations of environments."""
        return [event for event in self.events if may_be_reported(event, self.now)]

    @property
    def reportable_environments(self) -> set[str]:
        return {event.environment for event in self.reportable if event.environment}

    def wake_causes(self, deploying: Collection[str]) -> dict[str, str]:
        """Maps each environment with an active deployment to its last event, which is the cause of its wake-up."""
        causes = {event.environment: f"event/{event.id}" for event in self.events if event.environment}
        return {name: cause for name, cause in causes.items() if name in deploying}

    def started_updates(self) -> dict[str, BeanstalkEvent]:
        """Maps each environment to its last event that reports the start of an update."""
        return {event.environment: event for event in self.events if event.environment and event.is_start_of_update}

    def evidence(self) -> dict[str, EventEvidence]:
        """Returns what the events report about each environment's health and termination.

        Environments without such events are omitted.
        """
        evidence: dict[str, EventEvidence] = {}
        for event in self.reportable:
            if event.environment is not None and (event.is_terminated or event.health_event(self.now)):
                earlier = evidence.get(event.environment, EventEvidence())
                evidence[event.environment] = _extended(earlier, event, self.now)
        return evidence


def _extended(evidence: EventEvidence, event: BeanstalkEvent, now: datetime) -> EventEvidence:
    evidence = replace(evidence, application=evidence.application or event.application)
    if health_event := event.health_event(now):
        return replace(evidence, health_events=(*evidence.health_events, health_event))
    return replace(evidence, terminated_at=event.at(now))
