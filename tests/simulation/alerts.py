"""Measures the alerts of good and of bad deployments, over all policies and 1 to 6 instances.

A good deployment causes no alert of severity warning or above. A bad deployment causes at least one.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice, product
from typing import Any

from tests.simulation.alarms import ModelAlarms
from tests.simulation.chance import Chance, Clock
from tests.simulation.checks import ModelChecks
from tests.simulation.drops import Drops
from tests.simulation.environment import APPLICATION, FIRST, ModelEnvironment, Quirks, Shape
from tests.simulation.incidents import HealthEvents, Watch
from tests.simulation.machines import DEPLOYED
from tests.simulation.memory import Configured, Mailboxes, MemoryLedger, NoInstanceLogs, Silent
from tests.simulation.uploads import Content
from tests.simulation.world import ModelBeanstalk
from tests.unit.samples import release_of, reserve, version
from wardrop.alerts.kinds import Severity
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import EnvironmentConfiguration
from wardrop.configuration.schema import Configuration
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.deployments.change import Change
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.health.evidence import HealthEvent

NAME, LABEL = "shop-prod", "v-1"
POLICIES = ["AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"]
GOOD = "good"
BAD = ["half", "unhealthy", "hung", "late", "undone", "breaks", "others-break"]
"""The outcomes of the model, and two more: `breaks`: the version stops serving two minutes after its success;
`others-break`: all instances of the previous version stop serving during the rollout."""

CHECK, TICK, BREAKS_AFTER = 10, 60, 120
PERIOD = timedelta(hours=3)
ALERTING = (Severity.WARNING, Severity.ERROR, Severity.CRITICAL)


@dataclass(frozen=True)
class Case:
    policy: str
    size: int
    outcome: str
    seed: int

    @property
    def is_possible(self) -> bool:
        """A rollout that takes all instances out at once leaves none for `others-break`."""
        leaves_others = self.size > 1 and self.policy in ("Rolling", "Immutable", "TrafficSplitting")
        return self.outcome != "others-break" or leaves_others

    @property
    def batches(self) -> list[str]:
        """The possible batch sizes in percent."""
        return ["30", "50"] if self.outcome == "others-break" else ["30", "50", "100"]


@dataclass(frozen=True)
class Measured:
    case: Case
    state: str
    alerts: Sequence[str]
    """The alerts of severity warning or above."""

    @property
    def is_as_expected(self) -> bool:
        """A good deployment succeeds without an alert, and a bad one causes an alert."""
        if self.case.outcome == GOOD:
            return self.state == State.SUCCEEDED and not self.alerts
        return bool(self.alerts)

    def __str__(self) -> str:
        case = self.case
        found = "; ".join(self.alerts) or "no alert"
        return f"{case.policy} of {case.size}, {case.outcome}, seed {case.seed}: {self.state}: {found}"


class Trial:
    """One deployment, which is watched for three hours."""

    def __init__(self, case: Case) -> None:
        self.case, dice = case, random.Random(case.seed)  # noqa: S311 - a trial has to be repeatable
        self.chance, self.clock, self.ledger = Chance(dice, 0.0), Clock(), MemoryLedger()
        shape = Shape(case.size, case.policy, dice.choice(case.batches))
        self.beanstalk = ModelBeanstalk({NAME: shape}, self.clock, self.chance, Quirks())
        self.rules = EnvironmentConfiguration(
            name=NAME, policy="keep", bake=Duration(seconds=dice.choice([0, 1, 60, 120])), deadline=Duration(hours=4)
        )
        self.configuration = Configuration(environments=[[self.rules]])
        self.box = Mailboxes(self.chance)
        self.watch = Watch(self.beanstalk, self.ledger, self.rules)
        self.events = HealthEvents(self.model)
        self.offset = dice.randrange(TICK)
        self.lateness = dice.choice([0, 0, 5, 90, 400])
        """The time from an event to its delivery, in seconds."""

        self._delayed: list[tuple[datetime, HealthEvent]] = []
        self.is_broken = False

    @property
    def model(self) -> ModelEnvironment:
        return self.beanstalk.models[NAME]

    def run(self) -> Measured:
        advance, began = self._advance(), self.clock.now
        self.model.forced = self.case.outcome if self.case.outcome not in ("breaks", "others-break") else GOOD
        self._drop()
        second = 0
        while self.clock.now - began < PERIOD:
            self.clock.sleep(CHECK)
            second += CHECK
            self.beanstalk.proceed()
            self._break()
            is_tick = (second + self.offset) % TICK < CHECK
            due = self._due_events()
            if is_tick or due:
                advance(NAME, [], self.clock.now)
                self.watch(self.model.current(), due, self.clock.now)
        state = next(str(past.state) for past in self.ledger.environments.history(NAME))
        alerts = [*self.ledger.alerts.values(), *self.watch.records.incidents.alerts]
        return Measured(
            self.case, state, [f"{alert.kind} {alert.severity}" for alert in alerts if alert.severity in ALERTING]
        )

    def _due_events(self) -> list[HealthEvent]:
        if event := self.events.check(self.clock.now):
            self._delayed.append((self.clock.now + timedelta(seconds=self.lateness), event))
        due = [event for at, event in self._delayed if at <= self.clock.now]
        self._delayed = [(at, event) for at, event in self._delayed if at > self.clock.now]
        return due

    def _break(self) -> None:
        """Breaks instances for a reason that the rollout does not explain."""
        model, machines, now = self.model, self.model.fleet.machines, self.clock.now
        old = [machine for machine in machines if machine.label == FIRST]
        if self.case.outcome == "others-break" and model.update is not None and old:
            for machine in old:
                machine.is_well = False
        has_succeeded = model.label == LABEL and model.update is None
        if self.case.outcome == "breaks" and has_succeeded and not self.is_broken:
            self.is_broken = (now - model.updated).total_seconds() >= BREAKS_AFTER
            for machine in machines:
                machine.is_well = not self.is_broken or machine.status != DEPLOYED

    def _advance(self) -> Any:
        parts: list[Any] = [self.beanstalk, self.beanstalk.bucket, self.ledger, self.box]
        others: dict[str, Any] = {
            "configurations": Configured(self.configuration, self.chance),
            "evidence": Silent(),
            "instance_logs": NoInstanceLogs(),
            "alarms": ModelAlarms([NAME], self.clock, self.chance),
            "checks": ModelChecks(self.beanstalk, self.chance),
        }
        return AdvanceDeployment(*parts, **others, settle=timedelta(minutes=3))

    def _drop(self) -> None:
        """The files of both versions are known and the first one is proven, so that the guard can compare them."""
        bucket, drops = self.beanstalk.bucket, Drops(self.beanstalk, self.ledger, self.configuration, self.chance)
        reserve(self.ledger, version(FIRST, release=release_of(FIRST)))
        self.ledger.write(Change(standing=Standing(environment=NAME, settled_at=self.clock.now)))
        drops.happened(bucket.upload(f"{APPLICATION}/{NAME}/{LABEL}.war", Content(LABEL), [NAME]))
        drops.process(lambda *_: None)


def cases(good: int, bad: int) -> Iterator[Case]:
    """Deployments over all policies and 1 to 6 instances, as evenly as possible."""
    shapes = list(product(range(1, 7), POLICIES))
    for seed, (size, policy) in enumerate(islice(cycle(shapes), good)):
        yield Case(policy, size, GOOD, seed)
    possible = [
        case
        for size, outcome, policy in product(range(1, 7), BAD, POLICIES)
        if (case := Case(policy, size, outcome, 0)).is_possible
    ]
    for seed, case in enumerate(islice(cycle(possible), bad)):
        yield Case(case.policy, case.size, case.outcome, seed)


def measure(case: Case) -> Measured:
    return Trial(case).run()


def summary(measured: Sequence[Measured]) -> str:
    good = [each for each in measured if each.case.outcome == GOOD]
    bad = [each for each in measured if each.case.outcome != GOOD]
    disturbed = sum(bool(each.alerts) for each in good)
    missed = sum(not each.alerts for each in bad)
    states = Counter(each.state for each in good)
    lines = [str(each) for each in measured if not each.is_as_expected]
    return "\n".join(
        [
            *lines,
            f"{disturbed} of {len(good)} good deployments caused an alert of severity warning or above: {dict(states)}",
            f"{missed} of {len(bad)} bad deployments caused none",
        ]
    )
