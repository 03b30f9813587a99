"""A small model of Beanstalk, a ledger in memory, and a clock: what the deployments' life is simulated against."""

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from wardrop.aws.ledger import Now
from wardrop.aws.mailbox import WakeUp
from wardrop.domain.alert import Alert
from wardrop.domain.deployment import Deployment, Standing
from wardrop.domain.environment import UPDATE_STARTS, UPDATE_SUCCEEDED, Environment, Event, Health, Instance
from wardrop.domain.preflight import COMMAND, Preflight
from wardrop.domain.release import Release
from wardrop.errors import NotNow, Outdated

NAME, APPLICATION = "shop-prod", "shop"
FAILED = "Failed to deploy application."


class Crash(BaseException):
    """The invocation dies at a call; nothing after it runs."""


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Chance:
    """Every choice of a history, out of one seed; `trouble` is how often things go wrong."""

    dice: random.Random
    trouble: float

    def strikes(self, share: float = 1.0) -> bool:
        return self.dice.random() < self.trouble * share


class MemoryLedger:
    """As the real one: conditional on revisions, all or nothing, records encoded and read again."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], bytes] = {}
        self.alerts: dict[str, Alert] = {}

    def now(self, environment: str) -> Now:
        standing = self._read(environment, "standing", Standing) or Standing(environment=environment)
        active = [msgspec.json.decode(raw, type=Deployment) for key, raw in self._of(environment, "now/")]
        return Now(standing, active, self._read(environment, "preflight", Preflight))

    def history(self, environment: str, most: int = 1000) -> list[Deployment]:
        found = [msgspec.json.decode(raw, type=Deployment) for _, raw in self._of(environment, "past/")]
        return sorted(found, key=lambda one: one.id, reverse=True)[:most]

    def version(self, _application: str, _label: str) -> None:
        return None

    def queue(self, deployment: Deployment) -> None:
        self.items[NAME, f"now/{deployment.id}"] = _encoded(deployment)

    def change(
        self,
        deployment: Deployment,
        alerts: Iterable[Alert] = (),
        standing: Standing | None = None,
        *,
        preflight: Preflight | None = None,
        queued: Iterable[Deployment] = (),
        unchanged: Iterable[Standing] = (),
    ) -> Deployment:
        assert not list(queued)
        assert not list(unchanged)
        self.change_all([deployment], alerts, standing)
        if preflight is not None:
            self.items[NAME, "preflight"] = msgspec.json.encode(preflight)
        return msgspec.structs.replace(deployment, revision=deployment.revision + 1)

    def change_all(
        self, deployments: Iterable[Deployment], alerts: Iterable[Alert], standing: Standing | None = None
    ) -> None:
        changed = list(deployments)
        for one in changed:
            before = self._read(one.environment, f"now/{one.id}", Deployment)
            if (before.revision if before else 0) != one.revision:
                raise Outdated("the deployment has changed meanwhile")
        if standing is not None and self.now(standing.environment).standing.revision != standing.revision:
            raise Outdated("the standing has changed meanwhile")
        for one in changed:
            self.items.pop((one.environment, f"now/{one.id}"), None)
            self.items[one.environment, f"{'now' if one.is_active else 'past'}/{one.id}"] = _encoded(one)
        if standing is not None:
            self.items[standing.environment, "standing"] = _encoded(standing)
        self.alerts |= {alert.alert_id: alert for alert in alerts}

    def _of(self, environment: str, prefix: str) -> list[tuple[str, bytes]]:
        return [
            (key, raw) for (where, key), raw in self.items.items() if where == environment and key.startswith(prefix)
        ]

    def _read(self, environment: str, key: str, kind: Any) -> Any:
        raw = self.items.get((environment, key))
        return msgspec.json.decode(raw, type=kind) if raw else None


def _encoded(record: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(record, revision=record.revision + 1))


@dataclass
class Update:
    request_id: str
    label: str | None
    options: dict[str, str]
    ends: datetime
    outcome: str
    """`good`, `half` (stops in the middle of the fleet), or `undone` (Beanstalk takes it back itself)."""

    ours: bool


class ModelBeanstalk:
    """One environment of three instances."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self.clock, self.chance = clock, chance
        self.id, self.label, self.deployment_id = "e-1", "v-0", 1
        self.fleet = [("v-0", 1, "Deployed")] * 3
        self.updated = clock.now - timedelta(hours=1)
        self.update: Update | None = None
        self.said: list[Event] = []
        self.health = Health.OK
        self.bad: set[str] = set()
        self.options = {(COMMAND, "DeploymentPolicy"): "AllAtOnce", (COMMAND, "BatchSize"): "100"}
        self.begun: list[Update] = []
        self.mixed_calls = 0
        self._before: tuple[datetime, Environment] | None = None
        self._requests = (f"r-{n}" for n in itertools.count(1))

    # What Wardrop calls

    def environments(self, names: list[str]) -> dict[str, Environment]:
        self._throttle()
        self.go_on()
        assert names == [NAME]
        if self._before and self.clock.now < self._before[0]:
            return {NAME: self._before[1]}
        return {NAME: self.shown()}

    def events(self, _environment: str, since: datetime) -> list[Event]:
        self._throttle()
        self.go_on()
        return [event for event in self.said if event.at >= since]

    def instances(self, _environment: str) -> tuple[Instance, ...]:
        self._throttle()
        self.go_on()
        return tuple(
            Instance(id=f"i-{n}", version_label=label, deployment_id=its_id, deployment_status=status)
            for n, (label, its_id, status) in enumerate(self.fleet)
        )

    def settings(self, _application: str, _environment: str) -> dict[tuple[str, str], str]:
        self._throttle()
        return dict(self.options)

    def stands_for(self, _application: str, _label: str, _bucket: str, _key: str) -> bool:
        return True

    def has_version(self, _application: str, _label: str) -> bool:
        return True

    def update_environment(self, *, label: str | None, options: dict[str, str], ours: bool) -> str:
        self._throttle()
        self.go_on()
        if self.update is not None:
            raise NotNow(f"Environment named {NAME} is in an invalid state for this operation. Must be Ready.")
        now = self.clock.now
        self._before = (now + timedelta(seconds=self.chance.dice.random() * 2), self.shown())
        outcome = "good"
        if label is not None:
            self.deployment_id += 1
            if label in self.bad or self.chance.strikes(0.3):
                outcome = self.chance.dice.choice(["half", "undone"])
        elif self.chance.strikes(0.3):
            outcome = "undone"
        ends = now + timedelta(seconds=self.chance.dice.uniform(20, 400))
        self.update = Update(next(self._requests), label, options, ends, outcome, ours)
        self.begun.append(self.update)
        self.updated = now
        self._say(UPDATE_STARTS, self.update.request_id)
        return self.update.request_id

    def configure(self, _environment_id: str, options: dict[str, str]) -> str:
        return self.update_environment(label=None, options=options, ours=True)

    # What happens by itself

    def shown(self) -> Environment:
        return Environment(
            id=self.id,
            name=NAME,
            application=APPLICATION,
            status="Updating" if self.update else "Ready",
            health=self.health,
            version_label=self.label,
            updated_at=self.updated,
            reports_instances=True,
        )

    def go_on(self) -> None:
        """The update at hand ends when it is time."""
        update = self.update
        if update is None or self.clock.now < update.ends:
            return
        self.update, self.updated = None, update.ends
        if update.label is not None:
            self._deployed(update, update.label)
        elif update.outcome == "good":
            self.options |= {(COMMAND, name): value for name, value in update.options.items()}
            self._say(UPDATE_SUCCEEDED, update.request_id, update.ends)
        else:
            self._say("Failed to deploy configuration.", update.request_id, update.ends, "ERROR")

    def _deployed(self, update: Update, label: str) -> None:
        if update.outcome == "good":
            self.label = label
            self.fleet = [(label, self.deployment_id, "Deployed")] * 3
            self._say(UPDATE_SUCCEEDED, update.request_id, update.ends)
            return
        self._say("Unsuccessful command execution on instance id(s) 'i-0'.", update.request_id, update.ends, "ERROR")
        self._say(FAILED, update.request_id, update.ends, "ERROR")
        if update.outcome == "half":
            self.fleet[0] = (label, self.deployment_id, "Failed")

    def _say(self, message: str, request_id: str, at: datetime | None = None, severity: str = "INFO") -> None:
        self.said.append(Event(at=at or self.clock.now, message=message, severity=severity, request_id=request_id))

    def _throttle(self) -> None:
        if self.chance.strikes(0.2):
            raise NotNow("Rate exceeded")


class Ours:
    """The adapter's face: calls that may be lost on their way there, or on their way back."""

    def __init__(self, model: ModelBeanstalk) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def update(self, _environment_id: str, label: str) -> str:
        chance = self._model.chance
        if chance.strikes(0.3):
            raise TimeoutError("no answer, and nothing has arrived")
        request_id = self._model.update_environment(label=label, options={}, ours=True)
        if chance.strikes(0.3):
            raise TimeoutError("no answer, and it has begun")
        return request_id


class Crashing:
    """Anything, whose calls may be the last of an invocation, before or after they take effect."""

    def __init__(self, real: Any, chance: Chance) -> None:
        self._real, self._chance = real, chance

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._chance.strikes(0.05):
                raise Crash
            result = method(*args, **kwargs)
            if self._chance.strikes(0.05):
                raise Crash
            return result

        return call


class Sound:
    def prove(self, _release: Release) -> None:
        return None


@dataclass
class Box:
    woken: list[WakeUp] = field(default_factory=list)

    def wake(self, wake_ups: Iterable[WakeUp]) -> None:
        self.woken += wake_ups
