"""A small model of Beanstalk, and a clock and a die: what the deployments' life is simulated against."""

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wardrop.environments.events import UPDATE_STARTS, UPDATE_SUCCEEDED
from wardrop.environments.model import Environment, Event, Health, Instance
from wardrop.environments.settings import COMMAND
from wardrop.errors import NotNow, Refused

APPLICATION, FIRST = "shop", "v-0"
FAILED = "Failed to deploy application."
SIZE = 3


class Clock:
    """Beanstalk's time, which only goes on; a function's own may be ahead of it or behind."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.skew = timedelta()

    @property
    def ours(self) -> datetime:
        return self.now + self.skew

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Chance:
    """Every choice of a history, out of one seed; `trouble` is how often things go wrong."""

    dice: random.Random
    trouble: float

    def strikes(self, share: float = 1.0) -> bool:
        return self.dice.random() < self.trouble * share


@dataclass
class Update:
    request_id: str
    label: str | None
    options: dict[str, str]
    began: datetime
    ends: datetime
    outcome: str
    """`good`, `half` (stops in the middle of the fleet), `undone` (Beanstalk takes it back itself), or `denied`
    (a right is missing, and no instance ever ran it)."""

    ours: bool
    found: str | None
    """What somebody else had put there, if it ran well on all instances."""


class ModelEnvironment:
    """One name, of three instances; terminated and made anew it has another id."""

    def __init__(self, name: str, region: "ModelBeanstalk") -> None:
        self.name, self._region, self._clock, self._chance = name, region, region.clock, region.chance
        self.begun: list[Update] = []
        self.proved: set[tuple[str, str]] = set()
        """Environment ids and the labels that all instances ran there."""

        self.blamed: set[str] = set()
        """Labels that an instance ran, and failed."""

        self.foreign_at = datetime.min.replace(tzinfo=UTC)
        """When somebody else last put a version here, or made the environment anew."""

        self.create(FIRST)
        self.updated -= timedelta(hours=1)

    # What people and other programs do

    def create(self, label: str) -> None:
        self.id, self.is_there, self.deployment_id = self._region.next_id("e"), True, 1
        self.label, self.fleet = label, [(label, 1, "Deployed")] * SIZE
        self.proved.add((self.id, label))
        self.update: Update | None = None
        self.last_label: Update | None = None
        """The last update that put its version on all instances."""

        self.said: list[Event] = []
        self.health = Health.OK
        self.options = {(COMMAND, "DeploymentPolicy"): "AllAtOnce", (COMMAND, "BatchSize"): "100"}
        self.updated = self.foreign_at = self._clock.now
        self._before: tuple[datetime, Environment] | None = None

    def terminate(self) -> None:
        self.is_there, self.update, self.foreign_at = False, None, self._clock.now

    def falls(self, health: Health) -> None:
        self.health = health
        self._blame()

    def _blame(self) -> None:
        """What runs while an environment is not well may be to blame for that."""
        if self.health not in (Health.OK, Health.INFO):
            self.blamed.update(label for label, _, _ in self.fleet)

    def change(self, *, label: str | None, options: dict[str, str], ours: bool) -> str:
        """UpdateEnvironment; raises NotNow and Refused."""
        self._region.throttle()
        self.go_on()
        if not self.is_there:
            raise Refused(f"No Environment found for EnvironmentName = '{self.name}'.")
        if self.update is not None:
            raise NotNow(f"Environment named {self.name} is in an invalid state for this operation. Must be Ready.")
        now, dice = self._clock.now, self._chance.dice
        self._before = (now + timedelta(seconds=dice.random() * 2), self.seen())
        outcome = "good"
        if label is not None:
            self.deployment_id += 1
            if self._chance.strikes(0.1):
                outcome = "denied"
            elif label in self._region.bad or self._chance.strikes(0.3):
                outcome = dice.choice(["half", "undone"])
        elif self._chance.strikes(0.3):
            outcome = "undone"
        ends = now + timedelta(seconds=dice.uniform(20, 400))
        self.update = Update(self._region.next_id("r"), label, options, now, ends, outcome, ours, self._theirs())
        self.begun.append(self.update)
        self.updated = now
        self._say(UPDATE_STARTS, self.update, now)
        return self.update.request_id

    def _theirs(self) -> str | None:
        last, well = self.last_label, self.health in (Health.OK, Health.INFO)
        return last.label if last and last.label and not last.ours and well and self.all_run(last.label) else None

    # What it shows

    def shown(self) -> Environment:
        """Right after an update began, DescribeEnvironments may still show what was."""
        if self._before and self._clock.now < self._before[0]:
            return self._before[1]
        return self.seen()

    def seen(self) -> Environment:
        return Environment(
            id=self.id,
            name=self.name,
            application=APPLICATION,
            status="Updating" if self.update else "Ready",
            health=self.health,
            version_label=self.label,
            updated_at=self.updated,
            reports_instances=True,
        )

    def instances(self) -> tuple[Instance, ...]:
        return tuple(
            Instance(id=f"i-{n}", version_label=label, deployment_id=its_id, deployment_status=status)
            for n, (label, its_id, status) in enumerate(self.fleet)
        )

    def all_run(self, label: str) -> bool:
        return all(one.runs(label) for one in self.instances())

    # What happens by itself

    def go_on(self) -> None:
        """The update at hand ends when it is time."""
        update = self.update
        if update is None or self._clock.now < update.ends:
            return
        self.update, self.updated = None, update.ends
        if update.label is not None:
            self._deployed(update, update.label)
        elif update.outcome == "good":
            self.options |= {(COMMAND, name): value for name, value in update.options.items()}
            self._say(UPDATE_SUCCEEDED, update, update.ends)
        else:
            self._say("Failed to deploy configuration.", update, update.ends, "ERROR")

    def _deployed(self, update: Update, label: str) -> None:
        if update.outcome == "good":
            self.label, self.last_label = label, update
            self.fleet = [(label, self.deployment_id, "Deployed")] * SIZE
            self.proved.add((self.id, label))
            self._blame()
            self._say(UPDATE_SUCCEEDED, update, update.ends)
            return
        if update.outcome == "denied":
            self._say("You are not authorized to perform this operation.", update, update.ends, "ERROR")
            self._say(FAILED, update, update.ends, "ERROR")
            return
        self.blamed.add(label)
        told = "Unsuccessful command execution on instance id(s) 'i-0'."
        self._say(told, update, update.ends, "ERROR")
        self._say(FAILED, update, update.ends, "ERROR")
        if update.outcome == "half":
            self.fleet[0] = (label, self.deployment_id, "Failed")

    def _say(self, message: str, update: Update, at: datetime, severity: str = "INFO") -> None:
        self.said.append(Event(at=at, message=message, severity=severity, request_id=update.request_id))


class ModelBeanstalk:
    """What the adapter of the same name shows: calls that may be throttled, or lose their answers."""

    def __init__(self, names: list[str], clock: Clock, chance: Chance) -> None:
        self.clock, self.chance = clock, chance
        self.bad: set[str] = set()
        self._ids = itertools.count(1)
        self.places = {name: ModelEnvironment(name, self) for name in names}

    def next_id(self, kind: str) -> str:
        return f"{kind}-{next(self._ids)}"

    def go_on(self) -> None:
        for place in self.places.values():
            place.go_on()

    def throttle(self) -> None:
        if self.chance.strikes(0.2):
            raise NotNow("Rate exceeded")

    def _look(self, name: str) -> ModelEnvironment:
        self.throttle()
        place = self.places[name]
        place.go_on()
        if not place.is_there:
            raise Refused(f"No Environment found for EnvironmentName = '{name}'.")
        return place

    def environments(self, names: list[str]) -> dict[str, Environment]:
        self.throttle()
        self.go_on()
        return {name: self.places[name].shown() for name in names if self.places[name].is_there}

    def events(self, environment: str, since: datetime) -> list[Event]:
        return [event for event in self._look(environment).said if event.at >= since]

    def instances(self, environment: str) -> tuple[Instance, ...]:
        return self._look(environment).instances()

    def settings(self, _application: str, environment: str) -> dict[tuple[str, str], str]:
        return dict(self._look(environment).options)

    def stands_for(self, _application: str, _label: str, _bucket: str, _key: str) -> bool:
        return True

    def has_version(self, _application: str, _label: str) -> bool:
        return True

    def update(self, environment_id: str, label: str) -> str:
        return self._change(environment_id, label, {})

    def configure(self, environment_id: str, options: dict[str, str]) -> str:
        return self._change(environment_id, None, options)

    def _change(self, environment_id: str, label: str | None, options: dict[str, str]) -> str:
        if self.chance.strikes(0.3):
            raise TimeoutError("no answer, and nothing has arrived")
        place = next((one for one in self.places.values() if one.id == environment_id), None)
        if place is None:
            raise Refused(f"No Environment found for EnvironmentId = '{environment_id}'.")
        request_id = place.change(label=label, options=options, ours=True)
        if self.chance.strikes(0.3):
            raise TimeoutError("no answer, and it has begun")
        return request_id
