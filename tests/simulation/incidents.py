"""Health events of the model of Beanstalk, and the incidents that Wardrop makes of them, in memory."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from tests.simulation.environment import ModelEnvironment
from tests.simulation.memory import MemoryLedger
from tests.simulation.world import ModelBeanstalk
from wardrop.alerts.model import Alert
from wardrop.configuration.rules import EnvironmentConfiguration
from wardrop.configuration.schema import Configuration
from wardrop.environments.model import Environment, Health
from wardrop.health.evidence import EventEvidence, HealthEvent
from wardrop.health.incident import Incident
from wardrop.health.selection import Snapshot
from wardrop.health.update_incidents import UpdateIncidents

LASTING_CHECKS = 3
"""Beanstalk sends an event after this number of consecutive checks with the same new status, as the stand-in does."""


@dataclass
class HealthEvents:
    """The health events of one environment. Each call is one of Beanstalk's checks, which are ten seconds apart."""

    model: ModelEnvironment
    announced: Health = Health.OK
    last: Health = Health.OK
    checks: int = 0

    def check(self, now: datetime) -> HealthEvent | None:
        health = self.model.health
        self.checks = self.checks + 1 if health is self.last else 1
        self.last = health
        if health is self.announced or self.checks < LASTING_CHECKS:
            return None
        before, self.announced = self.announced, health
        return HealthEvent(now, health, before)


class MemoryIncidents:
    def __init__(self) -> None:
        self.items: dict[str, Incident] = {}
        self.alerts: list[Alert] = []

    def read(self, environments: Collection[str]) -> dict[str, Incident]:
        return {name: self.items[name] for name in environments if name in self.items}

    def write(self, incident: Incident, alerts: Iterable[Alert]) -> None:
        self.items[incident.environment] = msgspec.structs.replace(incident, revision=incident.revision + 1)
        self.alerts += alerts


@dataclass
class Records:
    """Replaces the parts of the ledger that the check of health uses."""

    environments: MemoryLedger
    incidents: MemoryIncidents = field(default_factory=MemoryIncidents)


@dataclass(frozen=True)
class Explained:
    """Replaces the search for causes. No log explains an update."""

    def explained(self, alert: Alert, *_: object) -> Alert:
        return alert


@dataclass(frozen=True)
class AlertRules:
    """The rules of alerts of one environment."""

    configuration: EnvironmentConfiguration

    def for_alerts(self, *_: object) -> Any:
        return Configuration(environments=[[self.configuration]])


@dataclass(frozen=True)
class LookedUp:
    """Replaces the calls to Beanstalk that the check of health makes."""

    beanstalk: ModelBeanstalk

    def instances(self, environment: str) -> Sequence[Any]:
        return self.beanstalk.instances(environment)

    def health(self, _environment: str) -> tuple[list[str], dict[str, int]]:
        return [], {}

    def warnings(self, *_: object) -> list[str]:
        return []


@dataclass
class Watch:
    """The check of health, as `watch_environments` makes it."""

    beanstalk: ModelBeanstalk
    ledger: MemoryLedger
    configuration: EnvironmentConfiguration
    records: Records = field(init=False)

    def __post_init__(self) -> None:
        self.records = Records(self.ledger)
        records: Any = self.records
        rules: Any = AlertRules(self.configuration)
        looked_up: Any = LookedUp(self.beanstalk)
        failed_updates: Any = Explained()
        self._update = UpdateIncidents(records, rules, looked_up, failed_updates)

    def __call__(self, environment: Environment, events: Sequence[HealthEvent], now: datetime) -> None:
        name = environment.name
        is_deploying = any(not deployment.is_waiting for deployment in self.ledger.read(name).deployments)
        snapshot = Snapshot({name: environment}, {name} if is_deploying else set(), now)
        evidence = {name: EventEvidence(environment.application, tuple(events))} if events else {}
        open_ones = {key for key, incident in self.records.incidents.items.items() if incident.is_open}
        for error in self._update(evidence, open_ones, snapshot).values():
            raise error
