"""A model of the instances of an environment, of what a rollout does to them, and of the health that follows."""

import random
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from local.beanstalk.tables import table
from wardrop.environments.deployment_policy import largest_batch
from wardrop.environments.fleet import FAILED
from wardrop.environments.model import Health, Instance

DEPLOYED, IN_PROGRESS = "Deployed", "In Progress"
BAD = (Health.OK, Health.INFO, Health.WARNING, Health.DEGRADED, Health.SEVERE)
LEAVING, COMMAND, CHECKS, LAUNCH, EVALUATION = 28, (10, 60), 120, 100, 180
"""Beanstalk's seconds for the parts of a rollout, from public logs."""

TIMEOUT, LATE, ENDING = 840, 90, (1, 40)
"""The command timeout, the time until a late command ends, and the possible times from the first error to the end."""

NOT_RESPONDED = (
    "The following instances have not responded in the allowed command timeout time (they might still finish "
    "eventually on their own): [{}]."
)

Steps = Generator[float, None, None]
"""Each step yields the time until the next step."""

_numbers = count(1)


@dataclass
class Machine:
    label: str
    deployment_id: int
    status: str = DEPLOYED
    at: datetime | None = None
    """The start of the command, or its end if it is over."""

    is_in_service: bool = True
    has_served: bool = True
    """False: the instance is new, and the load balancer does not miss it yet."""

    is_well: bool = True
    is_stuck: bool = False
    """A command hung. Every later command hangs, too."""

    runs: str | None = None
    """The version that a lying instance runs. None: the version that it reports."""

    booted_at: datetime | None = None
    """The time from which an instance that Auto Scaling launched reports its version and serves requests."""

    id: str = field(default_factory=lambda: f"i-{next(_numbers)}")

    def is_booting(self, now: datetime) -> bool:
        return self.booted_at is not None and now < self.booted_at

    def report(self, right: Collection[int], now: datetime) -> Instance:
        """`right` are the DeploymentIds of the last success and of the update in progress."""
        if self.is_booting(now):
            return Instance(
                id=self.id, version_label=None, deployment_id=0, deployment_status=None, health=Health.PENDING
            )
        is_wrong = self.deployment_id not in right
        causes = ['Incorrect application version "?". Expected version "!".'] if is_wrong else []
        health = Health.DEGRADED if is_wrong or self.status == FAILED else Health.OK
        if not self.is_well:
            health = Health.SEVERE
            causes.append("100.0 % of the requests are failing with HTTP 5xx.")
        if self.status == IN_PROGRESS:
            health = Health.PENDING
        return Instance(
            id=self.id,
            version_label=self.label,
            deployment_id=self.deployment_id,
            deployment_status=self.status,
            causes=tuple(causes),
            health=health,
            deployed_at=self.at,
        )


@dataclass
class Fleet:
    """The instances of an environment."""

    machines: list[Machine]
    unserved_at: datetime | None = None
    """The last time at which no instance was in service."""

    late: list[tuple[datetime, Machine, int]] = field(default_factory=list)
    """The commands that end after their failure was reported: the time, the instance, and the DeploymentId."""

    def copied(self) -> "Fleet":
        return Fleet([replace(machine) for machine in self.machines], self.unserved_at)

    def take(self, machines: Sequence[Machine], *, out: bool, now: datetime) -> None:
        """Takes instances out of the load balancer, or returns them."""
        if not out and not any(machine.is_in_service for machine in self.machines):
            self.unserved_at = now
        for machine in machines:
            machine.is_in_service, machine.has_served = not out, machine.has_served or not out

    def end_late_commands(self, now: datetime) -> None:
        for at, machine, deployment_id in [entry for entry in self.late if entry[0] <= now]:
            self.late.remove((at, machine, deployment_id))
            if machine.deployment_id == deployment_id:
                machine.status, machine.at = DEPLOYED, at

    def health(self, now: datetime, right: Collection[int], *, is_updating: bool) -> Health:
        """The health by the shares and durations of the stand-in (`local/beanstalk/health.json`)."""
        rules = table("health")
        booted = [machine for machine in self.machines if not machine.is_booting(now)]
        serving = [machine for machine in booted if machine.is_in_service and machine.is_well]
        counted = [machine for machine in booted if machine.has_served] if serving else self.machines
        missed = sum(machine not in serving for machine in counted) / len(counted)
        statuses = [Health(name) for name, share in rules["unserving"].items() if missed >= share]
        wrong = [machine for machine in self.machines if machine.deployment_id not in right]
        if wrong or any(machine.status == FAILED for machine in self.machines):
            statuses.append(Health.DEGRADED)
        if not statuses and self.unserved_at is not None:
            since = (now - self.unserved_at).total_seconds()
            statuses += [Health(name) for name, seconds in rules["recovering"].items() if since < seconds][:1]
        return max(statuses, key=BAD.index, default=Health.INFO if is_updating else Health.OK)


@dataclass
class Rollout:
    """One deployment of a version to a fleet."""

    fleet: Fleet
    label: str
    deployment_id: int
    outcome: str
    policy: str
    batch: str
    dice: random.Random
    now: Callable[[], datetime]
    report: Callable[[str, str], None]
    """Reports an event with a message and a severity."""

    unresponsive: list[str] = field(default_factory=list)
    """The ids of the instances whose commands did not end in time."""

    def steps(self) -> Steps:
        """The outcome becomes `failed` if the deployment fails. A stuck instance fails every deployment."""
        yield 8
        if self.outcome == "denied":
            self.report("You are not authorized to perform this operation.", "ERROR")
            return
        if self.outcome == "undone":
            yield LAUNCH
            self.report("Unsuccessful command execution on instance id(s) 'i-0'.", "ERROR")
            yield self.dice.choice(ENDING)
            return
        match self.policy:
            case "AllAtOnce":
                yield from self._command(self.fleet.machines)
            case "Rolling":
                yield from self._in_batches(self.fleet.machines)
            case "RollingWithAdditionalBatch":
                yield from self._with_additional_batch()
            case _:
                yield from self._replaced()
        yield 2

    def _in_batches(self, machines: Sequence[Machine]) -> Steps:
        size = max(1, largest_batch(self.batch, len(machines)))
        for start in range(0, len(machines), size):
            batch = machines[start : start + size]
            self.fleet.take(batch, out=True, now=self.now())
            yield LEAVING
            yield from self._command(batch)
            if self.outcome == "failed":
                return
            yield CHECKS

    def _with_additional_batch(self) -> Steps:
        old = list(self.fleet.machines)
        extra = yield from self._launched(max(1, largest_batch(self.batch, len(old))))
        if self.outcome != "failed":
            yield from self._in_batches(old)
        self.fleet.machines = [machine for machine in self.fleet.machines if machine not in extra]

    def _replaced(self) -> Steps:
        old = list(self.fleet.machines)
        new = yield from self._launched(len(old))
        if self.outcome == "failed":
            self.fleet.machines = old
            return
        if self.policy == "TrafficSplitting":
            yield EVALUATION
        self.fleet.machines = list(new)

    def _launched(self, number: int) -> Generator[float, None, list[Machine]]:
        new = [
            Machine(self.label, self.deployment_id, IN_PROGRESS, self.now(), is_in_service=False, has_served=False)
            for _ in range(number)
        ]
        yield LAUNCH
        self.fleet.machines = [*self.fleet.machines, *new]
        yield from self._command(new)
        if self.outcome != "failed":
            yield CHECKS
        return new

    def _command(self, machines: Sequence[Machine]) -> Steps:
        """Runs the command. The instances are out of service until it ends. Sets the outcome `failed`."""
        self.fleet.take(machines, out=True, now=self.now())
        for machine in machines:
            machine.status, machine.at = IN_PROGRESS, self.now()
            machine.label, machine.deployment_id, machine.runs = self.label, self.deployment_id, None
            machine.booted_at = None
        yield self.dice.uniform(*COMMAND)
        if self.outcome == "hung":
            machines[0].is_stuck = True
        hung = [machine for machine in machines if machine.is_stuck or self.outcome == "late"]
        if hung:
            yield TIMEOUT
            self.unresponsive += [machine.id for machine in hung]
            self.report(NOT_RESPONDED.format(", ".join(machine.id for machine in hung)), "WARN")
        failing = hung or (list(machines[:1]) if self.outcome == "half" else [])
        of_failing = self.dice.choice([FAILED, IN_PROGRESS]) if hung else FAILED
        for machine in machines:
            machine.status, machine.at = of_failing if machine in failing else DEPLOYED, self.now()
            machine.is_well = machine.is_well if machine in failing else self.outcome != "unhealthy"
        if self.outcome == "lies":
            machines[0].runs, self.outcome = "another", "good"
        if failing:
            yield from self._fail("Unsuccessful command execution on instance id(s) 'i-0'. Aborting the operation.")
        elif self.outcome == "unhealthy" and self.policy != "AllAtOnce":
            yield TIMEOUT
            yield from self._fail("Instance id(s) 'i-0' did not pass health check after command execution.")
        else:
            self.fleet.take(machines, out=False, now=self.now())

    def _fail(self, error: str) -> Steps:
        """Reports the error. The update ends some seconds later."""
        if self.outcome == "late":
            at = self.now() + timedelta(seconds=LATE)
            hanging = [machine for machine in self.fleet.machines if machine.id in self.unresponsive]
            self.fleet.late += [(at, machine, self.deployment_id) for machine in hanging]
        self.outcome = "failed"
        self.report(error, "ERROR")
        yield self.dice.choice(ENDING)
