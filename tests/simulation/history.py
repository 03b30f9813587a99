"""One history: drops, people, other people's deployments and trouble, and what must hold all the while."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.simulation.world import (
    APPLICATION,
    NAME,
    Box,
    Chance,
    Clock,
    Crash,
    Crashing,
    MemoryLedger,
    ModelBeanstalk,
    Ours,
    Sound,
)
from wardrop.advance_deployment import AdvanceDeployment
from wardrop.domain import intervention, wish
from wardrop.domain.command import Cancel, Deploy, Pause, Refusal, Resume, Rollback
from wardrop.domain.configuration import Configuration
from wardrop.domain.deployment import Deployment, Moment, Rules, State, deployment_id
from wardrop.domain.environment import Health
from wardrop.domain.place import Place
from wardrop.domain.principal import Caller
from wardrop.domain.release import Release
from wardrop.errors import NotNow, Outdated

SETTLE = timedelta(minutes=3)
JANE = "arn:aws:iam::123456789012:user/jane"
STEPS = 60
REST_LOOKS = 240
RULES = [Rules(bake=0), Rules(), Rules(policy="keep", bake=60), Rules(on_failure="hold", policy="keep")]


class Broken(AssertionError):
    """An invariant does not hold."""


class NothingConfigured:
    def of(self, *_: Any) -> tuple[Configuration, list[Any]]:
        return Configuration(), []


@dataclass
class History:
    seed: int
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)  # noqa: S311 - a history has to be repeatable
        self.chance = Chance(dice, dice.choice([0.0, 0.1, 0.4]))
        self.clock = Clock()
        self.beanstalk = ModelBeanstalk(self.clock, self.chance)
        self.ledger, self.box = MemoryLedger(), Box()
        self.drops: list[str] = []
        self.made = {"v-0": self.clock.now}
        self.advance: Any = AdvanceDeployment(
            *(Crashing(part, self.chance) for part in (Ours(self.beanstalk), Sound(), self.ledger, self.box)),
            configurations=NothingConfigured(),  # type: ignore[arg-type]
            settle=SETTLE,
        )

    def run(self) -> None:
        for _ in range(STEPS):
            self.clock.sleep(self.chance.dice.choice([1, 20, 60, 200]))
            self._happen()
            self._check()
        self.chance.trouble = 0.0
        self._people(Resume(environment=NAME))
        self.tell("from here on nothing goes wrong")
        for _ in range(REST_LOOKS):
            self.clock.sleep(60)
            self._look()
            self._check()
            if not self.ledger.now(NAME).deployments and self.beanstalk.update is None:
                break
        self._check_rest()

    def _happen(self) -> None:
        happening = self.chance.dice.choices(
            [self._look, self._drop, self._ask, self._somebody_else, self._weather], [60, 10, 6, 3, 6]
        )[0]
        happening()

    def tell(self, what: str) -> None:
        self.told.append(f"{self.clock.now:%H:%M:%S} {what}")

    # What happens

    def _look(self) -> None:
        """A wake-up; one that is lost is one that does not happen."""
        condemned, before = {one.label for one in self.ledger.now(NAME).standing.quarantined}, len(self.beanstalk.begun)
        self._advance()
        for update in self.beanstalk.begun[before:]:
            self._must(update.label not in condemned, f"{update.label} is quarantined and came back by itself")

    def _advance(self) -> None:
        try:
            look = self.advance(NAME, [], self.clock.now)
        except Crash:
            self.tell("look: crashed")
        except (NotNow, Outdated, TimeoutError) as error:
            self.tell(f"look: {type(error).__name__}: {error}")
        else:
            self.tell(f"look: {type(look.step).__name__}: {look.reason}")

    def _drop(self) -> None:
        label = f"v-{len(self.drops) + 1}"
        if self.chance.dice.random() < 0.3:
            self.beanstalk.bad.add(label)
        now = self.clock.now
        self.drops.append(label)
        self.made[label] = now
        deployment = Deployment(
            id=deployment_id(now, label, NAME),
            application=APPLICATION,
            environment=NAME,
            label=label,
            state=State.QUEUED,
            reason="dropped",
            arrival=(now, now, label),
            drop=label,
            release=Release(bucket="b", key=label, version_id="1", sha256="a"),
            rules=self.chance.dice.choice(RULES),
            history=[Moment(now, State.QUEUED, "dropped")],
        )
        self.ledger.queue(deployment)
        self.tell(f"drop of {label}{', which is bad' if label in self.beanstalk.bad else ''}")

    def _ask(self) -> None:
        label = self.chance.dice.choice(["v-0", *self.drops])
        self._people(
            self.chance.dice.choice(
                [
                    Rollback(environment=NAME),
                    Deploy(environment=NAME, label=label),
                    Deploy(environment=NAME, label=label, now=True, because="now"),
                    Cancel(environment=NAME),
                    Pause(environment=NAME),
                    Resume(environment=NAME),
                ]
            )
        )

    def _people(self, request: Any) -> None:
        known, shown = self.ledger.now(NAME), self.beanstalk.shown()
        place = Place(NAME, known.standing, known.deployments, shown, None, self.ledger.history(NAME))
        caller = Caller(JANE, self.clock.now)
        found: Any
        match request:
            case Deploy():
                found = wish.deploy(request, caller, place, shown, Rules(bake=0), None, self.made)
            case Rollback():
                found = wish.rollback(request, caller, place, shown, Rules(bake=0), self.made)
            case _:
                found = getattr(intervention, type(request).__name__.lower())(request, caller, place)
        if isinstance(found, Refusal):
            self.tell(f"{type(request).__name__} is refused: {found.reason}")
            return
        self.ledger.change_all(found.deployments, found.alerts, found.standing)
        self.tell(f"{type(request).__name__}: {found.told}")

    def _somebody_else(self) -> None:
        label = self.chance.dice.choice([None, "theirs-1", "theirs-2"])
        try:
            self.beanstalk.update_environment(label=label, options={}, ours=False)
        except NotNow:
            return
        self.tell(f"somebody else updates: {label or 'settings'}")

    def _weather(self) -> None:
        self.beanstalk.health = self.chance.dice.choice([Health.OK] * 4 + [Health.INFO, Health.WARNING, Health.SEVERE])
        self.tell(f"health is {self.beanstalk.health}")

    # What must hold

    def _check(self) -> None:
        self.beanstalk.go_on()
        known = self.ledger.now(NAME)
        begun = [one for one in known.deployments if not one.is_waiting]
        self._must(len(begun) <= 1, f"{len(begun)} deployments have begun at once")
        for update in self.beanstalk.begun:
            self._must(update.label is None or not update.options, "a version went together with settings")
        for one in self.ledger.history(NAME):
            self._must(not one.is_active, f"{one.label} is over and {one.state}")
            reasons = [moment.reason for moment in one.history if moment.state is State.ROLLING_BACK]
            back = [reason for reason in reasons if "going back" in reason]
            self._must(len(back) <= 1, f"{one.label} was rolled back twice")
        active, past = {one.id for one in known.deployments}, {one.id for one in self.ledger.history(NAME)}
        self._must(not active & past, "a deployment is active and over")
        dropped = {one.drop for one in [*known.deployments, *self.ledger.history(NAME)] if one.drop}
        self._must(dropped == set(self.drops), f"drops were lost: {set(self.drops) - dropped}")
        for one in self.ledger.history(NAME)[:3]:
            if one.state is State.SUCCEEDED and one.history[-1].at == self.clock.now:
                labels = {label for label, _, _ in self.beanstalk.fleet}
                self._must(labels == {one.label}, f"{one.label} succeeded, and instances run {labels}")
            if one.target is not None:
                good = {each.label for each in known.standing.good}
                self._must(one.target.label in good, f"{one.label} went back to {one.target.label}, never good here")

    def _check_rest(self) -> None:
        known = self.ledger.now(NAME)
        self._must(self.beanstalk.update is None, "Beanstalk is still at work")
        held = known.standing.hold is not None
        waiting = [one for one in known.deployments if not (held and one.is_waiting)]
        ill = self.beanstalk.health.severity is not None and self.beanstalk.health.severity > 1
        newest = next((one for one in [*known.deployments, *self.ledger.history(NAME)] if self._is_newest(one)), None)
        if newest is not None and newest.state is State.SUPERSEDED:
            self._must("was uploaded after" not in newest.reason, "the newest drop gave way to an older one")
        stuck = [one for one in waiting if not (ill and one.state is State.BAKING)]
        self._must(not stuck, f"no rest: {[(one.label, one.state, one.reason) for one in stuck]}")

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            raise Broken(f"{what}; replay with: make simulate SEED={self.seed}")

    def _is_newest(self, deployment: Deployment) -> bool:
        return bool(self.drops) and deployment.drop == self.drops[-1]
