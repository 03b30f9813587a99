"""The invariants of every history, checked against what the model of Beanstalk did and not against the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from tests.simulation.memory import MemoryLedger
from tests.simulation.world import ModelBeanstalk, ModelEnvironment, Update
from wardrop.commands.requests import Cancel, Decline, Deploy, Rollback
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.deployments.update import AutomaticRollback

BAD_ENDS = (State.FAILED, State.ROLLED_BACK, State.ROLLBACK_FAILED)
NEVER = datetime.min.replace(tzinfo=UTC)


class Broken(AssertionError):
    """An invariant does not hold."""


class Invariants:
    def __init__(self, seed: int, beanstalk: ModelBeanstalk, ledger: MemoryLedger, stages: list[list[str]]) -> None:
        self._seed, self._beanstalk, self._ledger, self._stages = seed, beanstalk, ledger, stages
        self._began = beanstalk.clock.now
        self._targets: dict[str, list[str]] = {}
        self._promoted: set[str] = set()
        self._condemned: dict[str, set[str]] = defaultdict(set)
        self._asked_at: dict[str, datetime] = defaultdict(lambda: NEVER)
        """When a person last decided what an environment is to run."""

        self._rollbacks: dict[str, set[AutomaticRollback]] = defaultdict(set)
        """By deployment."""

        self._refused_by_people: set[str] = set()
        """Environments where a person cancelled or declined something."""

    def _must(self, holds: bool, what: str) -> None:
        if not holds:
            raise Broken(f"{what}; replay with: make simulate SEED={self._seed}")

    # Called by the history

    def dropped(self, label: str, targets: list[str], *, promotes: bool) -> None:
        self._targets[label] = targets
        if promotes:
            self._promoted.add(label)

    def asked(self, name: str, request: Any) -> None:
        match request:
            case Deploy():
                self._condemned[name].discard(request.label)
                self._asked_at[name] = self._beanstalk.clock.now
            case Rollback():
                self._asked_at[name] = self._beanstalk.clock.now
            case Cancel() | Decline():
                self._refused_by_people.add(name)

    # After each look

    @contextmanager
    def of_look(self, name: str) -> Iterator[None]:
        place = self._beanstalk.places[name]
        begun, over = len(place.begun), {one.id for one in self._ledger.environments.history(name)}
        there = {other: self._ids(other) for stage in self._stages for other in stage}
        yield
        for update in place.begun[begun:]:
            self._of_update(place, update)
        for one in self._ledger.environments.history(name):
            if one.id not in over:
                self._of_end(place, one)
        for quarantined in self._ledger.read(name).standing.quarantined:
            label = quarantined.label
            self._must(label in place.blamed, f"{label} is quarantined in {name}, and no instance failed with it")
            self._condemned[name].add(label)
        for one in self._ledger.read(name).deployments:
            if one.rollback is not None:
                self._rollbacks[one.id].add(one.rollback)
        for other in there:
            for one in self._ledger.read(other).deployments:
                if one.id not in there[other]:
                    self._of_promotion(name, one)

    def _ids(self, name: str) -> set[str]:
        return {one.id for one in self._ledger.read(name).deployments}

    def _of_update(self, place: ModelEnvironment, update: Update) -> None:
        name, label = place.name, update.label
        self._must(label is None or not update.options, "a version went together with settings")
        if label is None:
            return
        known = self._ledger.read(name).deployments
        by = next((one for one in known if not one.is_waiting and one.target_label == label), None)
        self._must(by is not None, f"{label} was deployed to {name}, and the ledger gives no reason")
        if by is None:
            return
        self._must(label not in self._condemned[name], f"{label} is quarantined in {name} and came back by itself")
        if by.rollback is not None or by.is_requested_rollback:
            self._must(
                (place.id, label) in place.proved, f"{name} was rolled back to {label}, which was never good there"
            )
        if by.rollback is not None and by.asked is None:
            undid = f"the rollback to {label} undid in {name}"
            own = next(one for one in reversed(place.begun) if one.ours and one.label == by.label)
            undone = own.found not in (None, label, *self._condemned[name])
            self._must(
                not undone,
                f"{undid} a version that somebody had deployed before: {own.found}",
            )
            theirs = next((one for one in reversed(place.begun[:-1]) if one.label), own)
            since = not theirs.ours and place.all_run(str(theirs.label))
            self._must(not since, f"{undid} a version that somebody has deployed since")

    def _of_end(self, place: ModelEnvironment, one: Deployment) -> None:
        self._must(not one.is_active, f"{one.label} is over and {one.state}")
        if one.state is State.SUCCEEDED:
            labels = {label for label, _, _ in place.fleet}
            self._must(place.all_run(one.label), f"{one.label} succeeded, and instances run {labels}")
        back = len(self._rollbacks[one.id])
        most = 0 if one.is_requested_rollback else 1
        self._must(back <= most, f"{one.label} was rolled back {back} times")

    def _of_promotion(self, name: str, one: Deployment) -> None:
        stage = next((stage for stage in self._stages if name in stage), [])
        for peer in stage:
            at = self._beanstalk.places[peer]
            good = self._succeeded(peer, one.label) or (at.id, one.label) in at.proved
            self._must(good, f"{one.label} was promoted to {one.environment} before it was good in {peer}")
            held = self._ledger.read(peer).standing.hold
            self._must(held is None, f"{one.label} was promoted to {one.environment} while {peer} is held")

    def _succeeded(self, name: str, label: str) -> bool:
        return any(
            one.label == label and one.state is State.SUCCEEDED for one in self._ledger.environments.history(name)
        )

    # At any time

    def always(self) -> None:
        self._beanstalk.go_on()
        found: Counter[tuple[str | None, str]] = Counter()
        for name in self._beanstalk.places:
            active, past = self._ledger.read(name).deployments, self._ledger.environments.history(name)
            begun = [one.label for one in active if not one.is_waiting]
            self._must(len(begun) <= 1, f"{begun} have begun in {name} at once")
            both = {one.id for one in active} & {one.id for one in past}
            self._must(not both, f"{both} are active and over")
            found.update((one.drop, name) for one in [*active, *past] if one.drop)
        for drop, targets in self._targets.items():
            lost = [name for name in targets if not found[drop, name]]
            self._must(not lost, f"{drop} was dropped for {lost}, and the ledger has lost it")
        twice = [key for key, count in found.items() if count > 1]
        self._must(not twice, f"{twice} are there more than once")

    # In the end

    def are_at_rest(self) -> bool:
        return all(
            place.update is None and not self._unfinished(name) for name, place in self._beanstalk.places.items()
        )

    def _unfinished(self, name: str) -> list[Deployment]:
        """Without the deployments that wait for a person to end a hold."""
        known = self._ledger.read(name)
        return [one for one in known.deployments if not (known.standing.hold and one.is_waiting)]

    def at_rest(self, *, quiet: bool) -> None:
        """`quiet`: only the versions themselves caused failures."""
        for name, place in self._beanstalk.places.items():
            self._must(place.update is None, f"Beanstalk is still at work in {name}")
            stuck = [(one.label, one.state, one.reason) for one in self._unfinished(name)]
            self._must(not stuck, f"no rest in {name}: {stuck}")
            known = [*self._ledger.read(name).deployments, *self._ledger.environments.history(name)]
            newest = max((one for one in known if one.drop), key=lambda one: one.arrival, default=None)
            if newest is not None:
                self._of_newest(place, newest, quiet=quiet)
        self._of_stages()

    def _of_newest(self, place: ModelEnvironment, newest: Deployment, *, quiet: bool) -> None:
        """It runs, unless it failed, was held, or a person decided otherwise."""
        name, told = place.name, f"the newest drop for {place.name}, {newest.label}, is {newest.state}"
        if newest.is_active or not place.is_there or max(place.foreign_at, self._asked_at[name]) >= newest.arrival[0]:
            return
        match newest.state:
            case State.SUCCEEDED:
                self._must(place.all_run(newest.label), f"{told}, and the instances run {place.fleet}")
            case State.CANCELLED | State.DECLINED:
                self._must(name in self._refused_by_people, f"{told}, and no person did that")
            case State.SUPERSEDED:
                self._must(False, f"{told}: it gave way to an older one: {newest.reason}")
            case _ if quiet:
                self._must(newest.label in place.blamed, f"{told}, and nothing was wrong with it: {newest.reason}")

    def _of_stages(self) -> None:
        """The newest drop that is good in a whole stage has been promoted to the next stage."""
        for stage, following in pairwise(self._stages):
            known = [self._ledger.read(name).standing for name in stage]
            labels = {standing.good[0].label if standing.good else "" for standing in known}
            if len(labels) > 1 or any(standing.hold for standing in known) or any(map(self._touched, stage)):
                continue
            [label] = labels
            if not all(self._succeeded(name, label) for name in stage):
                continue
            for name in following if label in self._promoted else ():
                there = any(one.label == label for one in self._ledger.environments.history(name))
                waits = any(one.label == label for one in self._ledger.read(name).deployments)
                self._must(there or waits, f"{label} is good in {stage} and has not been promoted to {name}")

    def _touched(self, name: str) -> bool:
        return max(self._beanstalk.places[name].foreign_at, self._asked_at[name]) > self._began
