"""A ledger and a mailbox in memory, and invocations that may crash at any call."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

from tests.simulation.chance import Chance
from tests.unit.memory_table import MemoryTable
from wardrop.alerts.model import Alert
from wardrop.aws.ledger.receipts import Receipts, put_receipt
from wardrop.aws.ledger.sweeps import Sweeps
from wardrop.aws.ledger.table import Update
from wardrop.aws.ledger.versions import Versions, count_drop
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.duration import decode_hook, encode_hook
from wardrop.configuration.in_force import InForce, Source
from wardrop.configuration.parameter import Fault, FaultKind
from wardrop.configuration.schema import Configuration
from wardrop.deployments.change import Change, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.drops.receipt import Receipt
from wardrop.environments.settings import DeploymentSettings
from wardrop.environments.version import Version
from wardrop.errors import Outdated, Unavailable
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.log_part import LogName

Record = TypeVar("Record", Deployment, Standing)


@dataclass
class Items:
    """What the ledger stores about one environment."""

    active: dict[str, Deployment] = field(default_factory=dict)
    past: dict[str, Deployment] = field(default_factory=dict)
    standing: Standing | None = None
    settings: DeploymentSettings | None = None


class MemoryLedger:
    """A ledger in memory. Like the real ledger, it checks revisions, writes all items or none, and encodes records.

    Versions, receipts and sweeps are those of the real ledger, with a table in memory.
    """

    def __init__(self) -> None:
        self.items: dict[str, Items] = defaultdict(Items)
        """By environment."""

        self.writes = 0
        """The number of changes that were written."""

        self.alerts: dict[str, Alert] = {}
        self._table = MemoryTable()
        self.environments = self
        self.versions, self.receipts, self.sweeps = Versions(self._table), Receipts(self._table), Sweeps(self._table)

    def read(self, environment: str) -> EnvironmentRecord:
        items = self.items[environment]
        return EnvironmentRecord(self._standing(environment), list(items.active.values()), items.settings)

    def history(self, environment: str, most: int | None = None) -> list[Deployment]:
        past = self.items[environment].past
        return [past[key] for key in sorted(past, reverse=True)[:most]]

    def write(self, change: Change, receipt: Receipt | None = None, dropped: Version | None = None) -> list[Deployment]:
        standings = [*change.joined, *([change.standing] if change.standing else [])]
        for deployment in change.deployments:
            self._must_be_as_read(deployment, self.items[deployment.environment].active.get(deployment.id))
        for standing in (*change.unchanged, *standings):
            self._must_be_as_read(standing, self.items[standing.environment].standing)
        if receipt is not None:
            self._table.write(put_receipt(receipt), *_counted(change, dropped))
        for deployment in change.deployments:
            items = self.items[deployment.environment]
            items.active.pop(deployment.id, None)
            kept = items.active if deployment.is_active else items.past
            kept[deployment.id] = _written(deployment)
        for standing in standings:
            self.items[standing.environment].standing = _written(standing)
        for environment, settings in change.settings.items():
            self.items[environment].settings = _decoder(DeploymentSettings).decode(msgspec.json.encode(settings))
        self.alerts |= {alert.alert_id: alert for alert in change.alerts}
        self.writes += 1
        return [msgspec.structs.replace(written, revision=written.revision + 1) for written in change.deployments]

    @staticmethod
    def _must_be_as_read(record: Deployment | Standing, before: Deployment | Standing | None) -> None:
        if (before.revision if before else 0) != record.revision:
            raise Outdated("the ledger has changed meanwhile")

    def _standing(self, environment: str) -> Standing:
        return self.items[environment].standing or Standing(environment=environment)


def _counted(change: Change, dropped: Version | None) -> list[Update]:
    """A drop is counted if it queues deployments, as in the real ledger."""
    if dropped is None or all(deployment.label != dropped.label for deployment in change.version_must_exist):
        return []
    return [count_drop(dropped, dropped.reserved_at)]


_encoder = msgspec.json.Encoder(enc_hook=encode_hook)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=decode_hook)


def _written(record: Record) -> Record:
    """The record as it is read later. All readers get the same object, because records are immutable."""
    written = msgspec.structs.replace(record, revision=record.revision + 1)
    decoded: Record = _decoder(type(record)).decode(_encoder.encode(written))
    return decoded


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
        if isinstance(method, str):
            return method
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
    is_held: bool = False
    """Whether the last read failed."""

    def load(self, *_: Any) -> InForce:
        self.is_held = self.chance.strikes(0.3)
        if self.is_held:
            return InForce(Source.HELD, None, fault=Fault(kind=FaultKind.THROTTLED, reason="Rate exceeded"))
        return InForce(Source.DOCUMENT, self.configuration)
