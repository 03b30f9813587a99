"""Wardrop, people and others act between any two calls of a clean-up, and no protected version is deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.samples import NOW, drop, environment, good, queued, release, reserve, version
from tests.unit.versions.samples import key
from tests.unit.versions.world import PROD, STAGING, CleanUpWorld
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Marks
from wardrop.commands.requests import Deploy, Pin, Resume, Rollback, Unpin
from wardrop.deployments.change import Change
from wardrop.deployments.state import State
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.errors import NotNow, Outdated
from wardrop.versions.retention import Decision

LABELS = [f"v{number}" for number in range(5)]
ACTIONS = ["deploy", "rollback", "pin", "unpin", "start", "finish", "resume", "drop", "release", "nothing", "nothing"]
ACTIONS_OF_OTHERS = ["create", "update"]
LOOK = "beanstalk.lasting_environments"
CALLS = [LOOK, *(f"beanstalk.{name}" for name in ("version_quota", "application_versions", "delete_version"))]


@dataclass(frozen=True)
class Kept:
    last: int
    good: int


class Others:
    """People and other functions, which act before each call that a clean-up makes to Beanstalk."""

    def __init__(self, world: CleanUpWorld, choose: Callable[[list[str]], str], kept: Kept) -> None:
        self.world, self.choose, self.kept = world, choose, kept
        self.drops = 0
        world.beanstalk.check = self.check

    def interfere(self) -> None:
        """Actions of others without Wardrop are visible only in the environments."""
        for call in CALLS:
            options = ACTIONS + (ACTIONS_OF_OTHERS if call == LOOK else [])
            self.world.before[call] = lambda options=options: self.act(self.choose(options))  # type: ignore[misc]

    def check(self, label: str) -> None:
        assert label not in self.protected(), f"{label} is protected"

    def protected(self) -> set[str]:
        """The versions that must not be deleted at this moment."""
        world = self.world
        labels = {
            environment.version_label for environment in world.beanstalk.described.values() if environment.version_label
        }
        for name in world.beanstalk.described:
            recorded = world.environment(name)
            labels |= {deployment.label for deployment in recorded.deployments}
            labels |= {version.label for version in recorded.standing.good[: self.kept.good]}
            if recorded.standing.hold and recorded.standing.hold.label:
                labels.add(recorded.standing.hold.label)
        labels |= {record.label for record in world.ledger.marks.version_records("shop").values() if record.pinned_by}
        listed = world.beanstalk.listed.values()
        newest = sorted(listed, key=lambda version: (version.created_at, version.label), reverse=True)
        labels |= {version.label for version in newest[: self.kept.last]}
        return labels | {version.label for version in newest if world.now - version.created_at < timedelta(days=5)}

    def act(self, action: str) -> None:
        world, name, label = self.world, self.choose([STAGING, PROD]), self.choose(LABELS)
        before, world.before = world.before, {}
        world.wait(1)
        match action:
            case "deploy":
                world.ask(Deploy(environment=name, label=label))
            case "rollback":
                world.ask(Rollback(environment=name))
            case "resume":
                world.ask(Resume(environment=name))
            case "pin":
                world.ask(Pin(application="shop", label=label))
            case "unpin":
                world.ask(Unpin(application="shop", label=label))
            case "start" | "finish":
                self.advance(name, action)
            case "drop":
                self.drop(name, label)
            case "release":
                self.drop(name, label, f"{label}-final")
            case "create" | "update" if ("shop", label) in world.beanstalk.listed:
                self.change(name, label, action)
        world.before = before

    def change(self, name: str, label: str, action: str) -> None:
        """Somebody creates or updates an environment without Wardrop."""
        shown = self.world.beanstalk.described
        if action == "create":
            made = environment(name=f"by-hand-{label}", id=label, status="Launching", version_label=label)
            shown[made.name] = made
        else:
            shown[name] = replace(shown[name], version_label=label)

    def advance(self, name: str, action: str) -> None:
        """Writes what AdvanceDeployment writes."""
        ledger, recorded, now = self.world.ledger, self.world.environment(name), self.world.now
        for deployment in recorded.deployments[:1]:
            if action == "start" and deployment.state is State.QUEUED:
                ledger.write(Change([deployment.moved(State.DEPLOYING, "", now)]))
            elif action == "finish" and deployment.state is State.DEPLOYING:
                others = [version for version in recorded.standing.good if version.label != deployment.label]
                standing = replace(recorded.standing, good=[good(deployment.label), *others])
                ledger.write(Change([deployment.moved(State.SUCCEEDED, "", now)], standing=standing))
                shown = self.world.beanstalk.described
                shown[name] = replace(shown[name], version_label=deployment.label)

    def drop(self, name: str, label: str, stated: str | None = None) -> None:
        """Writes what ReceiveDrop writes. A label always has the same content, so a deleted label may be used again.

        A stated label is a second label for the same content.
        """
        self.drops += 1
        world, drop_id = self.world, f"drop-{self.drops}"
        bundle = release(key=key(f"{label}-{self.drops}"), sha256=label.encode().hex())
        new = version(stated or label, release=bundle, drop=drop_id, reserved_at=world.now, description=drop().id)
        try:
            reserved = reserve(world.ledger, new, is_stated=stated is not None)
            if reserved is None:
                return  # the drop continues with another label
            label = reserved.label
            listed = world.beanstalk.listed.get(("shop", label))
            if listed is None:
                age = (NOW - world.now).total_seconds() / 86400
                world.beanstalk.make(label, age, key=reserved.release.key)
            elif listed.key != reserved.release.key:
                return  # the drop continues with another label
            waiting = queued(drop_id, label, environment=name, release=reserved.release)
            receipt = Receipt(drop=drop_id, status=ReceiptStatus.ACCEPTED, reason="", at=world.now, label=label)
            world.ledger.write(Change([waiting]), receipt, reserved)
        except (NotNow, Outdated):
            """Lambda delivers the drop again."""


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data(), keep_last=st.integers(0, 2), keep_good=st.integers(1, 2))
def test_no_protected_version_is_deleted_whatever_happens_between_the_calls_of_a_clean_up(data, keep_last, keep_good):
    world = CleanUpWorld()
    rules = f"keep_last: {keep_last}, keep_for: 5d, keep_good_per_environment: {keep_good}, scope: all"
    world.parameters.documents["shop"] = f"versions: {{{rules}}}"
    for number, label in enumerate(LABELS):
        if data.draw(st.booleans(), label=f"Wardrop made {label}"):
            world.make(label, 20 - number, release=release(key=key(label), sha256=label.encode().hex()))
        else:
            world.beanstalk.make(label, 20 - number)
    others = Others(world, lambda options: data.draw(st.sampled_from(options)), Kept(keep_last, keep_good))
    for _ in range(2):
        for _ in range(data.draw(st.integers(0, 4))):
            others.act(data.draw(st.sampled_from(ACTIONS + ACTIONS_OF_OTHERS)))
        others.interfere()
        world.clean()
        world.before.clear()
        assert not {version.key for version in world.beanstalk.listed.values()} & set(world.bundles.deleted)
        world.now += timedelta(hours=1)


class MarksThatMarkNothing(Marks):
    def mark_for_deletion(self, decisions: list[Decision], _at: object) -> list[Decision]:  # type: ignore[override]
        return list(decisions)


def test_without_marks_a_version_that_is_requested_before_its_deletion_would_be_lost():
    """Shows that the test above can fail."""
    world = CleanUpWorld()
    world.make("v0")
    Others(world, lambda options: options[-1], Kept(last=0, good=1))
    world.once_before("beanstalk.delete_version", lambda: world.ask(Deploy(environment=STAGING, label="v0")))
    ledger = Ledger(world.table)
    ledger.marks = MarksThatMarkNothing(world.table)
    with pytest.raises(AssertionError, match="v0 is protected"):
        world.clean(ledger=ledger)
