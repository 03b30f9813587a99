"""A ledger and a mailbox in memory, and invocations that may crash at any call."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from tests.simulation.world import INSTANCE_TYPE, Chance
from wardrop.alerts.model import Alert
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.duration import decode_hook, encode_hook
from wardrop.configuration.in_force import InForce, Source
from wardrop.configuration.parameter import Fault, FaultKind
from wardrop.configuration.schema import Configuration
from wardrop.deployments.change import Change, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.option import OptionSetting
from wardrop.environments.settings import DeploymentSettings
from wardrop.environments.version import Release, Version
from wardrop.errors import Outdated, Unavailable
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.log_part import LogName


class MemoryLedger:
    """A ledger in memory. Like the real ledger, it checks revisions, writes all items or none, and encodes records."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, bytes]] = defaultdict(dict)
        """By environment and key."""

        self.alerts: dict[str, Alert] = {}
        self.made: set[str] = set()
        """The labels of the versions that Wardrop made."""

        self.types: dict[str, str] = {}
        """The instance types that the files of versions set, by label."""

        self.environments = self.versions = self

    def read(self, environment: str) -> EnvironmentRecord:
        return EnvironmentRecord(
            self._standing(environment),
            self._deployments(environment, "now/"),
            self._read(environment, "settings", DeploymentSettings),
        )

    def history(self, environment: str) -> list[Deployment]:
        return sorted(self._deployments(environment, "past/"), key=lambda deployment: deployment.id, reverse=True)

    def find(self, _application: str, _label: str) -> None:
        return None

    def find_all(self, application: str, labels: Iterable[str]) -> dict[str, Version]:
        """The versions that Wardrop made. Of these, only the files are read."""
        return {label: _version(application, label, self.types.get(label)) for label in labels if label in self.made}

    def queue(self, deployments: Iterable[Deployment]) -> None:
        self.write(Change(list(deployments)))

    def write(self, change: Change) -> list[Deployment]:
        for deployment in change.deployments:
            self._must_be_as_read(deployment, self._read(deployment.environment, f"now/{deployment.id}", Deployment))
        for standing in (*change.unchanged, *([change.standing] if change.standing else [])):
            self._must_be_as_read(standing, self._standing(standing.environment))
        for deployment in change.deployments:
            items = self.items[deployment.environment]
            items.pop(f"now/{deployment.id}", None)
            items[f"{'now' if deployment.is_active else 'past'}/{deployment.id}"] = _encoded(deployment)
        if change.standing is not None:
            self.items[change.standing.environment]["standing"] = _encoded(change.standing)
        for environment, settings in change.settings.items():
            self.items[environment]["settings"] = msgspec.json.encode(settings)
        self.alerts |= {alert.alert_id: alert for alert in change.alerts}
        return [msgspec.structs.replace(written, revision=written.revision + 1) for written in change.deployments]

    @staticmethod
    def _must_be_as_read(record: Deployment | Standing, before: Deployment | Standing | None) -> None:
        if (before.revision if before else 0) != record.revision:
            raise Outdated("the ledger has changed meanwhile")

    def _standing(self, environment: str) -> Standing:
        standing: Standing | None = self._read(environment, "standing", Standing)
        return standing or Standing(environment=environment)

    def _deployments(self, environment: str, prefix: str) -> list[Deployment]:
        items = self.items[environment].items()
        return [_decoded(raw, Deployment) for key, raw in items if key.startswith(prefix)]

    def _read(self, environment: str, key: str, kind: Any) -> Any:
        raw = self.items[environment].get(key)
        return _decoded(raw, kind) if raw else None


def _version(application: str, label: str, instance_type: str | None) -> Version:
    settings = [OptionSetting(*INSTANCE_TYPE, instance_type, "a.config")] if instance_type else []
    return Version(
        application=application,
        label=label,
        description="",
        release=Release(bucket="b", key=label, version_id="1", sha256=label),
        drop=label,
        reserved_at=EPOCH,
        settings=settings,
    )


EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@lru_cache(1000)
def _decoded(raw: bytes, kind: Any) -> Any:
    """Returns the same object to several readers, because records are immutable."""
    return msgspec.json.decode(raw, type=kind, dec_hook=decode_hook)


def _encoded(record: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(record, revision=record.revision + 1), enc_hook=encode_hook)


@dataclass
class Mailboxes:
    """Mailboxes that may lose, delay, reorder and duplicate wake-ups."""

    chance: Chance
    waiting: list[WakeUp] = field(default_factory=list)

    def wake(self, wake_ups: Iterable[WakeUp]) -> None:
        self.waiting += (wake_up for wake_up in wake_ups if not self.chance.strikes(0.5))

    def deliver(self, environment: str) -> list[WakeUp]:
        mine = [wake_up for wake_up in self.waiting if wake_up.environment == environment]
        self.chance.dice.shuffle(mine)
        delivered = mine[: self.chance.dice.randint(0, len(mine))]
        self.waiting = [wake_up for wake_up in self.waiting if wake_up not in delivered or self.chance.strikes(0.5)]
        return delivered


class Crash(BaseException):
    """The invocation is killed at a call. No later code of the invocation runs."""


class Crashing:
    """Wraps an adapter. Any call may raise Crash, either before or after it takes effect."""

    def __init__(self, real: Any, chance: Chance) -> None:
        self._real, self._chance = real, chance

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if not callable(method):
            return Crashing(method, self._chance)

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._chance.strikes(0.05):
                raise Crash
            result = method(*args, **kwargs)
            if self._chance.strikes(0.05):
                raise Crash
            return result

        return call


class Sound:
    """Bundles whose content never changes."""

    def prove(self, _release: Release) -> None:
        return None


class NoInstanceLogs:
    """Beanstalk refuses every request for the logs of instances."""

    def request(self, _environment_id: str) -> None:
        raise Unavailable("the instances have no logs")


class Silent:
    """Deployment logs that name no cause."""

    def explain(self, log: LogName, _now: datetime) -> Explanation:
        return Explanation(log=f"s3://logs/{log.request_id}")


@dataclass
class Configured:
    """A document that cannot always be read. There is no last good document."""

    configuration: Configuration
    chance: Chance

    def load(self, *_: Any) -> InForce:
        if self.chance.strikes(0.3):
            return InForce(Source.HELD, None, fault=Fault(kind=FaultKind.THROTTLED, reason="Rate exceeded"))
        return InForce(Source.DOCUMENT, self.configuration)
