"""A small model of Beanstalk, a clock, and a random generator for the simulation of deployments."""

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wardrop.environments.events import UPDATE_STARTS, UPDATE_SUCCEEDED
from wardrop.environments.model import Environment, Event, Health, Instance
from wardrop.environments.settings import COMMAND
from wardrop.environments.version import ApplicationVersion
from wardrop.errors import NotNow, Refused

APPLICATION, FIRST = "shop", "v-0"
INSTANCE_TYPE = ("aws:autoscaling:launchconfiguration", "InstanceType")
SMALL, LARGE = "t3.small", "m5.large"
FAILED = "Failed to deploy application."
SIZE = 3


class Clock:
    """Beanstalk's time is `now`. A function's own clock, `ours`, may differ by `skew`."""

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
    """Makes every random choice of a history from one seed. `trouble` is the probability of faults."""

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
    """`good`; `half`: the update fails on some instances; `undone`: Beanstalk itself rolls it back; `denied`: a
    permission is missing, and no instance runs the version."""

    ours: bool
    replaces: bool
    """The files of the version change the instance type, so every instance is replaced."""

    foreign_label: str | None
    """The version that another user had deployed before the update, if it was healthy on all instances."""


class ModelEnvironment:
    """An environment of three instances. After its termination it can be created again with the same name."""

    def __init__(self, name: str, region: "ModelBeanstalk") -> None:
        self.name, self._region, self._clock, self._chance = name, region, region.clock, region.chance
        self.begun: list[Update] = []
        self.proved: set[tuple[str, str]] = set()
        """Environment ids, each with a label that all instances of this environment ran."""

        self.failed_labels: set[str] = set()
        """The labels with which an instance failed."""

        self.foreign_at = datetime.min.replace(tzinfo=UTC)
        """The time at which another user last deployed a version or created the environment."""

        self.create(FIRST)
        self.updated -= timedelta(hours=1)

    # Actions of people and other programs

    def create(self, label: str) -> None:
        self.id, self.exists, self.deployment_id = self._region.next_id("e"), True, 1
        self.label, self.fleet = label, [(label, 1, "Deployed")] * SIZE
        self.proved.add((self.id, label))
        self.update: Update | None = None
        self.last_label: Update | None = None
        """The last update that deployed its version to all instances."""

        self.event_log: list[Event] = []
        self.health = Health.OK
        self.options = {(COMMAND, "DeploymentPolicy"): "AllAtOnce", (COMMAND, "BatchSize"): "100"}
        self.requested_type: str | None = None
        """The instance type that another user set through the API. It takes precedence over the files."""

        self.options[INSTANCE_TYPE] = self._type_with(label)
        self.updated = self.foreign_at = self._clock.now
        self._before: tuple[datetime, Environment] | None = None

    def terminate(self) -> None:
        self.exists, self.update, self.foreign_at = False, None, self._clock.now

    def _type_with(self, label: str) -> str:
        return self.requested_type or self._region.types.get(label) or SMALL

    def set_instance_type(self, instance_type: str) -> None:
        self.requested_type = self.options[INSTANCE_TYPE] = instance_type
        self.updated = self._clock.now

    def set_health(self, health: Health) -> None:
        self.health = health
        self._record_failed_labels()

    def _record_failed_labels(self) -> None:
        """Records every running label as failed while the environment is unhealthy."""
        if self.health not in (Health.OK, Health.INFO):
            self.failed_labels.update(label for label, _, _ in self.fleet)

    def change(self, *, label: str | None, options: dict[str, str], ours: bool) -> str:
        """UpdateEnvironment. Raises NotNow and Refused."""
        self._region.throttle()
        self.end_due_update()
        if not self.exists:
            raise Refused(f"No Environment found for EnvironmentName = '{self.name}'.")
        if self.update is not None:
            raise NotNow(f"Environment named {self.name} is in an invalid state for this operation. Must be Ready.")
        now, dice = self._clock.now, self._chance.dice
        self._before = (now + timedelta(seconds=dice.random() * 2), self.current())
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
        replaces = label is not None and self._type_with(label) != self.options[INSTANCE_TYPE]
        request_id, theirs = self._region.next_id("r"), self._foreign_label()
        self.update = Update(request_id, label, options, now, ends, outcome, ours, replaces, theirs)
        self.begun.append(self.update)
        self.updated = now
        self._add_event(UPDATE_STARTS, self.update, now)
        return self.update.request_id

    def _foreign_label(self) -> str | None:
        last, well = self.last_label, self.health in (Health.OK, Health.INFO)
        return last.label if last and last.label and not last.ours and well and self.all_run(last.label) else None

    # Descriptions

    def described(self) -> Environment:
        """The answer of DescribeEnvironments. Shortly after an update began, it may be the state before the update."""
        if self._before and self._clock.now < self._before[0]:
            return self._before[1]
        return self.current()

    def current(self) -> Environment:
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
        return all(instance.runs(label) for instance in self.instances())

    # The end of updates

    def end_due_update(self) -> None:
        """Ends the current update if its time has passed."""
        update = self.update
        if update is None or self._clock.now < update.ends:
            return
        self.update, self.updated = None, update.ends
        if update.label is not None:
            self._deployed(update, update.label)
        elif update.outcome == "good":
            self.options |= {(COMMAND, name): value for name, value in update.options.items()}
            self._add_event(UPDATE_SUCCEEDED, update, update.ends)
        else:
            self._add_event("Failed to deploy configuration.", update, update.ends, "ERROR")

    def _deployed(self, update: Update, label: str) -> None:
        if update.outcome == "good":
            self.label, self.last_label = label, update
            self.options[INSTANCE_TYPE] = self._type_with(label)
            self.fleet = [(label, self.deployment_id, "Deployed")] * SIZE
            self.proved.add((self.id, label))
            self._record_failed_labels()
            self._add_event(UPDATE_SUCCEEDED, update, update.ends)
            return
        if update.outcome == "denied":
            self._add_event("You are not authorized to perform this operation.", update, update.ends, "ERROR")
            self._add_event(FAILED, update, update.ends, "ERROR")
            return
        self.failed_labels.add(label)
        text = "Unsuccessful command execution on instance id(s) 'i-0'."
        self._add_event(text, update, update.ends, "ERROR")
        self._add_event(FAILED, update, update.ends, "ERROR")
        if update.outcome == "half":
            if self._chance.dice.random() < 0.5:
                # It is not documented whether Beanstalk keeps the settings of a version that failed.
                self.options[INSTANCE_TYPE] = self._type_with(label)
            self.fleet[0] = (label, self.deployment_id, "Failed")

    def _add_event(self, message: str, update: Update, at: datetime, severity: str = "INFO") -> None:
        self.event_log.append(Event(at=at, message=message, severity=severity, request_id=update.request_id))


class ModelBeanstalk:
    """Replaces the adapter `Beanstalk`. Calls may be throttled, or their answers may get lost."""

    def __init__(self, names: list[str], clock: Clock, chance: Chance) -> None:
        self.clock, self.chance = clock, chance
        self.bad: set[str] = set()
        self.types: dict[str, str] = {}
        """The instance types that the files of versions set, by label."""

        self._ids = itertools.count(1)
        self.models = {name: ModelEnvironment(name, self) for name in names}

    def next_id(self, kind: str) -> str:
        return f"{kind}-{next(self._ids)}"

    def end_due_updates(self) -> None:
        for model in self.models.values():
            model.end_due_update()

    def throttle(self) -> None:
        if self.chance.strikes(0.2):
            raise NotNow("Rate exceeded")

    def _look(self, name: str) -> ModelEnvironment:
        self.throttle()
        model = self.models[name]
        model.end_due_update()
        if not model.exists:
            raise Refused(f"No Environment found for EnvironmentName = '{name}'.")
        return model

    def environments(self, names: list[str]) -> dict[str, Environment]:
        self.throttle()
        self.end_due_updates()
        return {name: self.models[name].described() for name in names if self.models[name].exists}

    def events(self, environment: str, since: datetime) -> list[Event]:
        return [event for event in self._look(environment).event_log if event.at >= since]

    def instances(self, environment: str) -> tuple[Instance, ...]:
        return self._look(environment).instances()

    def settings(self, _application: str, environment: str) -> dict[tuple[str, str], str]:
        return dict(self._look(environment).options)

    def refers_to(self, _application: str, _label: str, _bucket: str, _key: str) -> bool:
        return True

    def version(self, application: str, label: str) -> ApplicationVersion:
        return ApplicationVersion(application=application, label=label, created_at=datetime(2026, 1, 1, tzinfo=UTC))

    def update(self, environment_id: str, label: str) -> str:
        return self._change(environment_id, label, {})

    def configure(self, environment_id: str, options: dict[str, str]) -> str:
        return self._change(environment_id, None, options)

    def _change(self, environment_id: str, label: str | None, options: dict[str, str]) -> str:
        if self.chance.strikes(0.3):
            raise TimeoutError("the request was lost")
        model = next((candidate for candidate in self.models.values() if candidate.id == environment_id), None)
        if model is None:
            raise Refused(f"No Environment found for EnvironmentId = '{environment_id}'.")
        request_id = model.change(label=label, options=options, ours=True)
        if self.chance.strikes(0.3):
            raise TimeoutError("the answer was lost, but the update has begun")
        return request_id
