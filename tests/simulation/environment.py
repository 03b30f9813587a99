"""A model of one environment: its updates, its instances, its health, and what people do to it."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tests.simulation.chance import Chance, Clock
from tests.simulation.machines import BAD, DEPLOYED, LAUNCH, Fleet, Machine, Rollout, Steps
from wardrop.environments.events import UPDATE_STARTS, UPDATE_SUCCEEDED
from wardrop.environments.model import Environment, Event, Health, Instance
from wardrop.environments.settings import COMMAND
from wardrop.errors import NotNow, Refused
from wardrop.structs import replace as with_fields

APPLICATION, FIRST = "shop", "v-0"
INSTANCE_TYPE = ("aws:autoscaling:launchconfiguration", "InstanceType")
SMALL, LARGE = "t3.small", "m5.large"
FAILED_TO_DEPLOY = "Failed to deploy application."
MOST_REPORTS = 20
BOOT = timedelta(seconds=LAUNCH)
BAD_OUTCOMES = ["half", "half", "undone", "unhealthy", "hung", "late"]


@dataclass(frozen=True)
class Quirks:
    """Behaviour of Beanstalk that AWS does not document, so that it differs between histories."""

    lag: timedelta = timedelta()
    """The age of the answers about instances and health."""

    events_lag: timedelta = timedelta()
    """The age of the answers about events."""

    counts_settings: bool = False
    """Whether a change of settings increases the DeploymentId."""


class Region(Protocol):
    """The parts of the model of Beanstalk that an environment uses."""

    clock: Clock
    chance: Chance
    bad: set[str]
    types: dict[str, str]
    quirks: Quirks

    def next_id(self, kind: str) -> str: ...

    def throttle(self) -> None: ...


@dataclass(frozen=True)
class Shape:
    """The number of instances, and the deployment policy with its batch size in percent."""

    size: int = 3
    policy: str = "AllAtOnce"
    batch: str = "100"


@dataclass(frozen=True)
class Report:
    """The state from which Beanstalk reports instances and health."""

    at: datetime
    fleet: Fleet
    right_ids: tuple[int, ...]
    is_updating: bool
    lowest_health: Health

    def instances(self, now: datetime) -> tuple[Instance, ...]:
        return tuple(machine.report(self.right_ids, now) for machine in self.fleet.machines)

    def health(self, now: datetime) -> Health:
        of_fleet = self.fleet.health(now, self.right_ids, is_updating=self.is_updating)
        return max(self.lowest_health, of_fleet, key=BAD.index)


@dataclass
class Update:
    request_id: str
    label: str | None
    options: dict[str, str]
    began: datetime
    outcome: str
    """`good`; `half`: the command fails on an instance; `unhealthy`: the version does not serve requests; `hung`: a
    command hangs, and so do all later commands on this instance; `late`: commands end after their failure was
    reported; `lies`: an instance reports the version, but runs another; `undone`: Beanstalk itself rolls the update
    back; `denied`: a permission is missing, and no instance runs the version."""

    ours: bool
    replaces: bool
    """The files of the version change the instance type, so every instance is replaced."""

    foreign_label: str | None
    """The version that another user had deployed before the update, if it was healthy on all instances."""

    unresponsive: list[str] = field(default_factory=list)
    """The ids of the instances whose commands did not end in time."""


class ModelEnvironment:
    """An environment. After its termination it can be created again with the same name."""

    label: str

    def __init__(self, name: str, region: Region, shape: Shape) -> None:
        self._shape = shape
        self.forced: str | None = None
        """The outcome of the next deployment of a version. None: the version and chance decide."""

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
        self.label, self.expected = label, 1
        self.fleet = Fleet([Machine(label, 1) for _ in range(self._shape.size)])
        self.proved.add((self.id, label))
        self.update: Update | None = None
        self.last_label: Update | None = None
        """The last update that deployed its version to all instances."""

        self.event_log: list[Event] = []
        self.lowest_health = Health.OK
        self.options = {(COMMAND, "DeploymentPolicy"): self._shape.policy, (COMMAND, "BatchSize"): self._shape.batch}
        self.requested_type: str | None = None
        """The instance type that another user set through the API. It takes precedence over the files."""

        self.options[INSTANCE_TYPE] = self._type_with(label)
        self.created_at = self.updated = self.foreign_at = self._at = self._clock.now
        self._before: tuple[datetime, Environment] | None = None
        self._reports: deque[Report] = deque(maxlen=MOST_REPORTS)
        self._steps: Steps | None = None
        self._record_report(self._at)

    def terminate(self) -> None:
        self.exists, self.update, self._steps, self.foreign_at = False, None, None, self._clock.now

    def _type_with(self, label: str) -> str:
        return self.requested_type or self._region.types.get(label) or SMALL

    def set_instance_type(self, instance_type: str) -> None:
        self.requested_type = self.options[INSTANCE_TYPE] = instance_type
        self.updated = self._clock.now

    def set_health(self, health: Health) -> None:
        """Makes health at least as bad as this, for a reason that has nothing to do with the instances."""
        self.lowest_health = health
        self._record_report(self._clock.now)
        self._record_failed_labels()

    @property
    def health(self) -> Health:
        return self._present.health(self._clock.now)

    @property
    def _present(self) -> Report:
        return Report(self._clock.now, self.fleet, self._right_ids, self.update is not None, self.lowest_health)

    @property
    def _right_ids(self) -> tuple[int, ...]:
        return (self.expected, self.deployment_id) if self.update is not None else (self.expected,)

    def _record_failed_labels(self) -> None:
        """Records every running label as failed while the environment is unhealthy for another reason."""
        if self.lowest_health not in (Health.OK, Health.INFO):
            self.failed_labels.update(self.labels)

    @property
    def labels(self) -> set[str]:
        return {machine.label for machine in self.fleet.machines}

    def replace_instance(self) -> None:
        """A person terminates the worst instance. The new instance runs the last successful version."""
        worst = max(self.fleet.machines, key=lambda machine: (machine.is_stuck, machine.status != DEPLOYED))
        self.fleet.machines = [machine for machine in self.fleet.machines if machine is not worst]
        self.fleet.machines.append(Machine(self.label, self.expected, booted_at=self._clock.now + BOOT))
        self._record_report(self._clock.now)

    def change(self, *, label: str | None, options: dict[str, str], ours: bool) -> str:
        """UpdateEnvironment. Raises NotNow and Refused."""
        self._region.throttle()
        self.proceed()
        if not self.exists:
            raise Refused(f"No Environment found for EnvironmentName = '{self.name}'.")
        if self.update is not None:
            raise NotNow(f"Environment named {self.name} is in an invalid state for this operation. Must be Ready.")
        now, dice = self._clock.now, self._chance.dice
        self._before = (now + timedelta(seconds=dice.random() * 2), self.current())
        outcome = "good"
        if label is not None:
            self.deployment_id += 1
            if self.forced is not None:
                outcome, self.forced = self.forced, None
            elif self._chance.strikes(0.1):
                outcome = "denied"
            elif label in self._region.bad or self._chance.strikes(0.3):
                outcome = dice.choice(BAD_OUTCOMES)
            elif self._chance.strikes(0.1):
                outcome = "lies"
        elif self._chance.strikes(0.3):
            outcome = "undone"
        replaces = label is not None and self._type_with(label) != self.options[INSTANCE_TYPE]
        request_id, theirs = self._region.next_id("r"), self._foreign_label()
        self.update = Update(request_id, label, options, now, outcome, ours, replaces, theirs)
        self.begun.append(self.update)
        self.updated = self._at = now
        self._add_event(UPDATE_STARTS, self.update)
        self._steps = self._begin(self.update)
        return self.update.request_id

    def _begin(self, update: Update) -> Steps:
        if update.label is None:
            return self._configured(update)
        return self._deployed(update, update.label)

    def _foreign_label(self) -> str | None:
        """The version of another user that all instances run well, so that a rollback must deploy it again.

        If our clock is minutes ahead, Wardrop does not wait until health shows that the version is good.
        """
        if self._clock.skew > timedelta(minutes=1):
            return None
        last, well = self.last_label, self.lowest_health in (Health.OK, Health.INFO) and self._shows_a_version
        if last is None or last.label is None or last.ours or last.label in self.failed_labels:
            return None
        return last.label if well and self.all_run(last.label) else None

    @property
    def _shows_a_version(self) -> bool:
        """Whether any instance has started. Nothing shows the version while all instances start."""
        return any(instance.version_label is not None for instance in self.reported_instances())

    # Descriptions

    def described(self) -> Environment:
        """The answer of DescribeEnvironments. Shortly after an update began, it may be the state before the update."""
        if self._before and self._clock.now < self._before[0]:
            return self._before[1]
        return with_fields(self.current(), health=self._seen().health(self._clock.now - self._region.quirks.lag))

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

    def reported_instances(self) -> tuple[Instance, ...]:
        """The answer of DescribeInstancesHealth, which may be `lag` old."""
        return self._seen().instances(self._clock.now - self._region.quirks.lag)

    def _seen(self) -> Report:
        """The report from `lag` ago."""
        seen = self._clock.now - self._region.quirks.lag
        return next((report for report in reversed(self._reports) if report.at <= seen), self._present)

    def shown_events(self) -> list[Event]:
        """The answer of DescribeEvents, which may be `events_lag` old."""
        return [event for event in self.event_log if event.at <= self._clock.now - self._region.quirks.events_lag]

    def _record_report(self, at: datetime) -> None:
        if self._region.quirks.lag:
            self._reports.append(replace(self._present, at=at, fleet=self.fleet.copied()))

    def all_run(self, label: str) -> bool:
        """Whether all instances run the version, or will run it when they have started."""
        return all(instance.runs(label) for instance in self._present.instances(self._clock.now + BOOT))

    # The steps of updates

    def proceed(self) -> None:
        """Takes the steps of the update whose time has come."""
        self.fleet.end_late_commands(self._clock.now)
        while self._steps is not None and self._at <= self._clock.now:
            try:
                at, self._at = self._at, self._at + timedelta(seconds=next(self._steps))
                self._record_report(at)
            except StopIteration:
                self.update, self._steps, self.updated = None, None, self._at
                self._record_report(self._at)

    def _configured(self, update: Update) -> Steps:
        yield self._chance.dice.uniform(20, 400)
        if update.outcome == "good":
            self.options |= {(COMMAND, name): value for name, value in update.options.items()}
            if self._region.quirks.counts_settings:
                self._count_settings()
            self._add_event(UPDATE_SUCCEEDED, update)
        else:
            self._add_event("Failed to deploy configuration.", update, "ERROR")

    def _count_settings(self) -> None:
        """Counts a change of settings as another deployment of the version, as Beanstalk may do."""
        before, self.deployment_id = self.expected, self.deployment_id + 1
        self.expected = self.deployment_id
        for machine in self.fleet.machines:
            if machine.deployment_id == before:
                machine.deployment_id = self.expected

    def _deployed(self, update: Update, label: str) -> Steps:
        rollout = Rollout(
            fleet=self.fleet,
            label=label,
            deployment_id=self.deployment_id,
            outcome=update.outcome,
            policy=self.options[COMMAND, "DeploymentPolicy"],
            batch=self._batch,
            dice=self._chance.dice,
            now=lambda: self._at,
            report=lambda message, severity: self._report(update, message, severity),
            unresponsive=update.unresponsive,
        )
        yield from rollout.steps()
        if rollout.outcome in ("denied", "undone", "failed"):
            self._add_event(FAILED_TO_DEPLOY, update, "ERROR")
            if rollout.outcome == "failed" and self._chance.dice.random() < 0.5:
                # It is not documented whether Beanstalk keeps the settings of a version that failed.
                self.options[INSTANCE_TYPE] = self._type_with(label)
            return
        self.label, self.expected, self.last_label = label, self.deployment_id, update
        self.options[INSTANCE_TYPE] = self._type_with(label)
        if rollout.outcome == "unhealthy":
            self.failed_labels.add(label)
        self.proved.add((self.id, label))
        self._record_failed_labels()
        self._add_event(UPDATE_SUCCEEDED, update)

    @property
    def _batch(self) -> str:
        percentage = self.options.get((COMMAND, "BatchSizeType"), "Percentage") == "Percentage"
        return self.options[COMMAND, "BatchSize"] + "%" * percentage

    def _report(self, update: Update, message: str, severity: str) -> None:
        if update.outcome != "denied" and update.label is not None and severity == "ERROR":
            self.failed_labels.add(update.label)
        self._add_event(message, update, severity)

    def _add_event(self, message: str, update: Update, severity: str = "INFO") -> None:
        self.event_log.append(Event(at=self._at, message=message, severity=severity, request_id=update.request_id))
