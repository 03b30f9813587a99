"""One history: drops, commands, updates by another user, and faults, in an order that the seed determines."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from tests.simulation.alarms import ModelAlarms, entries_of
from tests.simulation.chance import Chance, Clock
from tests.simulation.checks import FUNCTION, REQUEST, ModelChecks
from tests.simulation.drops import Drops
from tests.simulation.environment import APPLICATION, FIRST, LARGE, SMALL, ModelEnvironment, Quirks, Shape
from tests.simulation.invariants import Invariants
from tests.simulation.memory import Configured, Crash, Crashing, Mailboxes, MemoryLedger, NoInstanceLogs, Silent
from tests.simulation.uploads import EMPTY, Content
from tests.simulation.world import ModelBeanstalk
from wardrop.aws.mailbox import WakeUp
from wardrop.commands.answers import Refusal
from wardrop.commands.approvals import approve, decline
from wardrop.commands.caller import Caller
from wardrop.commands.cancel import cancel
from wardrop.commands.deploy import deploy
from wardrop.commands.pause import pause, resume
from wardrop.commands.queueing import RequestedVersion, Target
from wardrop.commands.requests import Approve, Cancel, Decline, Deploy, Pause, Resume, Rollback
from wardrop.commands.rollback import rollback
from wardrop.commands.snapshot import EnvironmentSnapshot
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import ApprovalRule, EnvironmentConfiguration, Guard, OnFailure
from wardrop.configuration.schema import Configuration
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.deployments.state import State
from wardrop.environments.model import Health
from wardrop.errors import NotNow, Outdated, Refused

SETTLE = timedelta(minutes=3)
JANE = "arn:aws:iam::123456789012:user/jane"
STEPS, REST_LOOKS = 60, 240
SWEEP_EVERY = 5
"""One of this number of ticks sweeps the drop bucket."""

SHAPES = [
    [["shop-prod"]],
    [["shop-staging"], ["shop-prod"]],
    [["shop-web", "shop-worker"], ["shop-prod"]],
]
"""The possible stages of an application. A stage is one or several environments."""

THEIRS = ["theirs-1", "theirs-2"]
SIZES = [1, 2, 3, 3, 6]
POLICIES = ["AllAtOnce", "AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"]
AGES = [0, 0, 10, 30]
"""The possible ages of reports, in seconds."""

JUMPS = [-600, -30, 0, 0, 0, 0, 30, 600]
"""The possible differences, in seconds, between a function's clock and Beanstalk's clock."""


@dataclass
class History:
    seed: int
    notes: list[tuple[datetime, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = self.dice = random.Random(self.seed)  # noqa: S311 - a history has to be repeatable
        self.chance = Chance(dice, dice.choice([0.0, 0.1, 0.4]))
        self.is_quiet = not self.chance.trouble
        self.contents: list[Content] = []
        """The contents of all uploads."""

        self.clock, self.ledger, self.box = Clock(), MemoryLedger(), Mailboxes(self.chance)
        self.stages = dice.choices(SHAPES, [5, 2, 3])[0]
        self.names = list(chain(*self.stages))
        shapes = {name: self._shape() for name in self.names}
        self.beanstalk = ModelBeanstalk(shapes, self.clock, self.chance, self._quirks())
        self.alarms = ModelAlarms(self.names, self.clock, self.chance)
        self.checks = ModelChecks(self.beanstalk, self.chance)
        self.configuration = self._configured(dice)
        self._others = dict.fromkeys([FIRST, *THEIRS], self.clock.now)
        evidence = (self.alarms, self.checks)
        self.invariants = Invariants(self.seed, self.beanstalk, evidence, self.ledger, self.stages)
        parts = (Crashing(part, self.chance) for part in (self.beanstalk, self.beanstalk.bucket, self.ledger, self.box))
        self.configurations = Configured(self.configuration, self.chance)
        configurations: Any = self.configurations
        alarms: Any = Crashing(self.alarms, self.chance)
        checks: Any = Crashing(self.checks, self.chance)
        self.advance: Any = AdvanceDeployment(
            *parts,
            configurations=configurations,
            evidence=Silent(),
            instance_logs=NoInstanceLogs(),
            alarms=alarms,
            checks=checks,
            settle=SETTLE,
        )

        self.reconfigures = self._dice_of("configurations")
        self.rate_of_changes = self.reconfigures.choice([0, 0.05])
        self.uploads_chance = self._chance_of_uploads()
        self.drops = Drops(self.beanstalk, self.ledger, self.configuration, self.uploads_chance)

    def _dice_of(self, subject: str) -> random.Random:
        """Dice of its own, so that the subject does not change what the other dice decide."""
        return random.Random(f"{subject} of {self.seed}")  # noqa: S311 - a history has to be repeatable

    def _chance_of_uploads(self) -> Chance:
        """Uploads have their own chance, which disturbs half of the histories that have faults."""
        dice = self._dice_of("uploads")
        return Chance(dice, 0.0 if self.is_quiet else dice.choice([0.0, 0.0, 0.1, 0.4]))

    def _quirks(self) -> Quirks:
        return Quirks(
            lag=timedelta(seconds=self._dice_of("lag").choice(AGES)),
            events_lag=timedelta(seconds=self._dice_of("lag of events").choice(AGES)),
            counts_settings=self._dice_of("settings").random() < 0.5,
        )

    @property
    def made(self) -> dict[str, datetime]:
        """The time of creation of all versions, by label."""
        return self._others | self.beanstalk.made

    def _shape(self) -> Shape:
        return Shape(self.dice.choice(SIZES), self.dice.choice(POLICIES), self.dice.choice(["30", "50", "100"]))

    def _configured(self, dice: random.Random) -> Configuration:
        return Configuration(environments=[[self._rules(name, dice) for name in stage] for stage in self.stages])

    @staticmethod
    def _rules(name: str, dice: random.Random) -> EnvironmentConfiguration:
        return EnvironmentConfiguration(
            name=name,
            bake=Duration(seconds=dice.choice([0, 60, 120])),
            policy=dice.choice(["keep", "keep", "rolling"]),
            on_failure=dice.choice([*[OnFailure.ROLLBACK] * 3, OnFailure.HOLD]),
            approval=dice.choice([None, ApprovalRule.NONE]),
            freeze=dice.choice([[], [], ["12:20 - 12:50"]]),
            guard=dice.choice(list(Guard)),
            alarms=dice.choice([[], entries_of(name)]),
            checks=dice.choice([(), (), (REQUEST,), (REQUEST, FUNCTION)]),
        )

    def run(self) -> Counter[str]:
        """Counts the deployments by final state. Raises Broken."""
        for _ in range(STEPS):
            self.clock.sleep(self.dice.choice([1, 20, 60, 200]))
            event = self.dice.choices(
                [
                    self._look,
                    self._tick,
                    self._drop,
                    self._random_command,
                    self._update_by_another_user,
                    self._change_health_and_clock,
                    self._recreate,
                    self._change_alarm,
                    self._change_checks,
                    self._replace_instance,
                ],
                [60, 10, 12, 8, 3, 8, 1, 10, 4, 2],
            )[0]
            event(self.dice.choice(self.names))
            if self.reconfigures.random() < self.rate_of_changes:
                self._reconfigure()
            self._receive()
            self.invariants.always()
        self._rest()
        return Counter(
            str(deployment.state) for name in self.names for deployment in self.ledger.environments.history(name)
        )

    def _rest(self) -> None:
        """Ends the faults, approves every deployment, and waits until nothing is active."""
        self.note("no more faults from here on")
        self.chance.trouble, self.uploads_chance.trouble, self.clock.skew = 0.0, 0.0, timedelta()
        self.alarms.restore()
        self.checks.restore()
        for name in self.names:
            self._command(name, Resume(environment=name))
        for number in range(REST_LOOKS):
            self.clock.sleep(60)
            self._receive()
            if number % SWEEP_EVERY == 0:
                self._sweep()
            for name in self.names:
                self._look(name)
                for deployment in self.ledger.read(name).deployments:
                    if deployment.state is State.AWAITING_APPROVAL:
                        self._command(name, Approve(environment=name, label=deployment.label))
            self.invariants.always()
            if self.invariants.are_at_rest():
                break
        self.invariants.at_rest(quiet=self.is_quiet)

    def note(self, text: str) -> None:
        self.notes.append((self.clock.now, text))

    @property
    def log(self) -> list[str]:
        return [f"{at:%H:%M:%S} {text}" for at, text in self.notes]

    # Events of a history

    def _look(self, name: str) -> None:
        with self.invariants.of_look(name):
            self._advance(name)

    def _advance(self, name: str) -> None:
        try:
            look = self.advance(name, self.box.deliver(name), self.clock.ours)
        except Crash:
            self.note(f"{name}: look: crashed")
        except (NotNow, Outdated, Refused, TimeoutError) as error:
            self.note(f"{name}: look: {type(error).__name__}: {error}")
        else:
            self.note(f"{name}: look at {look.label}: {type(look.step).__name__}: {look.reason}")

    def _tick(self, _: str) -> None:
        """Wakes all environments, as `watch_environments` does. Wake-ups may be delivered late or get lost."""
        if self.uploads_chance.dice.random() < 1 / SWEEP_EVERY:
            self._sweep()
        for name in self.names:
            model = self.beanstalk.models[name]
            snapshot = model.described() if model.exists else None
            self.box.wake([WakeUp(environment=name, cause="tick", snapshot=snapshot, snapshot_at=self.clock.ours)])

    def _drop(self, name: str) -> None:
        """Drops a file for one environment, or for the application, which includes promotion."""
        number = len(self.contents) + 1
        content = Content(
            f"v-{number}",
            is_bad=self.dice.random() < 0.3,
            fails_checks=self.dice.random() < 0.1,
            instance_type=self.dice.choice([SMALL, LARGE]) if self.dice.random() < 0.3 else None,
        )
        promotes, metadata = self.dice.random() < 0.6, {}
        if self.contents and self.uploads_chance.strikes():
            content = self.uploads_chance.dice.choice(self.contents[-2:])
            if self.uploads_chance.strikes():
                metadata = {"version_label": f"{content.name}-again"}
        else:
            self.contents.append(content)
        key = f"{APPLICATION}/{content.name}.war" if promotes else f"{APPLICATION}/{name}/{content.name}.war"
        targets = self.stages[0] if promotes else [name]
        for uploaded in [EMPTY, content] if self.uploads_chance.strikes(0.5) else [content]:
            self.drops.happened(self.beanstalk.bucket.upload(key, uploaded, targets, **metadata))
        self.note(f"{key} is uploaded with {content}")
        self._receive()

    def _receive(self) -> None:
        for note in self.drops.process(self.invariants.uploads.received):
            self.note(note)

    def _sweep(self) -> None:
        for found in self.drops.sweep(self.clock.ours):
            self.note(f"a sweep finds {found}")

    def _random_command(self, name: str) -> None:
        label = self.dice.choice([made for made in self.made if made not in THEIRS])
        waiting = [
            deployment.label for deployment in self.ledger.read(name).deployments if deployment.awaits_approval
        ] or [label]
        requests = [
            Rollback(environment=name),
            Deploy(environment=name, label=label),
            Deploy(environment=name, label=label, now=True, because="now"),
            Cancel(environment=name),
            Pause(environment=name),
            Resume(environment=name),
            Approve(environment=name, label=waiting[0]),
            Approve(environment=name, label=waiting[0]),
            Decline(environment=name, label=waiting[0]),
        ]
        self._command(name, self.dice.choice(requests))

    def _command(self, name: str, request: Any) -> None:
        record, model = self.ledger.read(name), self.beanstalk.models[name]
        described = model.described() if model.exists else None
        recorded = (record.standing, record.deployments)
        snapshot = EnvironmentSnapshot(
            name, *recorded, described, model.reported_instances(), self.ledger.environments.history(name)
        )
        caller = Caller(JANE, self.clock.now)
        decision: Any
        match request:
            case Deploy() | Rollback() if described is None:
                return
            case Deploy():
                decision = deploy(
                    request, caller, snapshot, self._target(described), RequestedVersion(request.label, None)
                )
            case Rollback():
                decision = rollback(request, caller, snapshot, self._target(described))
            case Approve():
                decision = approve(request, caller, snapshot)
            case Decline():
                decision = decline(request, caller, snapshot)
            case Cancel():
                decision = cancel(request, caller, snapshot)
            case Pause():
                decision = pause(request, caller, snapshot)
            case _:
                decision = resume(caller, snapshot)
        if isinstance(decision, Refusal):
            self.note(f"{name}: {type(request).__name__} is refused: {decision.reason}")
            return
        self.ledger.write(decision.change)
        self.invariants.asked(name, request)
        self.note(f"{name}: {type(request).__name__}: {decision.text}")

    def _target(self, environment: Any) -> Target:
        return Target(environment, self.configuration.rules(environment.name), self.made)

    def _update_by_another_user(self, name: str) -> None:
        label = self.dice.choice([None, *THEIRS])
        model = self.beanstalk.models[name]
        try:
            model.change(label=label, options={}, ours=False)
        except (NotNow, Refused):
            return
        if label:
            model.foreign_at = self.clock.now
        elif self.dice.random() < 0.3:
            model.set_instance_type(self.dice.choice([SMALL, LARGE]))
        self.note(f"{name}: another user updates: {label or 'settings'}")

    def _change_health_and_clock(self, name: str) -> None:
        """Changes the health of an environment and the difference between the clocks."""
        health = self.dice.choice([Health.OK] * 4 + [Health.INFO, Health.WARNING, Health.SEVERE])
        self.beanstalk.models[name].set_health(health)
        self.clock.skew = timedelta(seconds=0 if self.is_quiet else self.dice.choice(JUMPS))
        self.note(f"{name}: health is {health}; our clock is off by {self.clock.skew.total_seconds():.0f} s")

    def _change_alarm(self, name: str) -> None:
        self.note(f"{name}: the alarm {self.alarms.change(name)}")

    def _change_checks(self, name: str) -> None:
        self.note(self.checks.change(name))

    def _reconfigure(self) -> None:
        """Changes the rules of all environments. Deployments that are queued keep the rules from before."""
        self.configuration = self._configured(self.reconfigures)
        self.configurations.configuration = self.drops.configurations.configuration = self.configuration
        self.note("the configuration has changed")

    def _replace_instance(self, name: str) -> None:
        model = self.beanstalk.models[name]
        if model.exists and model.update is None:
            model.replace_instance()
            self.note(f"{name}: an instance was replaced")

    def _recreate(self, name: str) -> None:
        model: ModelEnvironment = self.beanstalk.models[name]
        if model.exists:
            model.terminate()
            self.note(f"{name}: terminated")
        if self.dice.random() < 0.7:
            model.create(self.dice.choice(list(self.made)))
            self.note(f"{name}: created again as {model.id} with {model.label}")
