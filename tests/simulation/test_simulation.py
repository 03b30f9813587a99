"""The invariants hold in two thousand histories, and histories find each planted fault."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from tests.simulation.history import History
from tests.simulation.invariants import Broken
from tests.simulation.memory import MemoryLedger
from tests.simulation.world import ModelBeanstalk
from wardrop.deployments import line, outcome, recover, start, taking_back, verdict
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.situation import Situation
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import End, RollBack, Wait
from wardrop.environments import events

CHUNKS, EACH, SEARCHED = 8, 250, 1000


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_invariants_hold_in_every_history(chunk: int) -> None:
    ended: Counter[str] = Counter()
    for seed in range(chunk * EACH, (chunk + 1) * EACH):
        ended += History(seed).run()
    assert ended.keys() >= {"succeeded", "rolled_back", "rollback_failed", "failed", "superseded", "cancelled"}


def first_broken() -> str:
    for seed in range(SEARCHED):
        try:
            History(seed).run()
        except Broken as error:
            return str(error)
    return ""


class Original:
    """The functions that planted faults call."""

    after_failure = staticmethod(taking_back.after_failure)
    adopted_label = staticmethod(start.adopted_label)
    write = MemoryLedger.write


def oldest_wins(state: State) -> Callable[[Any, Standing], Any]:
    def superseded(waiting: list[Deployment], _: Standing) -> list[tuple[Deployment, End]]:
        end = End(state, "another one was uploaded")
        return [(one, end) for one in sorted(waiting, key=lambda one: one.arrival)[1:]]

    return superseded


def rolled_back_again(situation: Situation, bad: verdict.Bad) -> Any:
    deployment = with_fields(situation.deployment, rollback=None)
    again = Original.after_failure(replace(situation, deployment=deployment), bad)
    return again if isinstance(again, RollBack) else Original.after_failure(situation, bad)


def adopted_once(situation: Situation) -> str | None:
    return None if situation.standing.good else Original.adopted_label(situation)


def forgetful(ledger: MemoryLedger, change: Change) -> list[Deployment]:
    written = Original.write(ledger, change)
    for deployment in written:
        if deployment.state is State.SUPERSEDED:
            del ledger.items[deployment.environment][f"past/{deployment.id}"]
    return written


PLANTED: list[tuple[str, list[tuple[Any, str, Any]]]] = [
    (
        "succeeded, and instances run",
        [
            (events, "errors", lambda _: []),
            (verdict, "_against", lambda *_: None),
            (verdict, "_missing", lambda *_: None),
        ],
    ),
    ("it gave way to an older one", [(line, "superseded", oldest_wins(State.SUPERSEDED))]),
    ("and no person did that", [(line, "superseded", oldest_wins(State.CANCELLED))]),
    ("and nothing was wrong with it", [(verdict, "_judge_health", lambda *_, **__: verdict.Bad("why not"))]),
    ("and came back by itself", [(Standing, "quarantine_of", lambda *_: None)]),
    ("and no instance failed with it", [(events, "blame_the_version", lambda *_: True)]),
    ("no rest", [(recover, "recover", lambda *_: Wait("for ever", WaitsFor(WaitKind.LOST_ANSWER)))]),
    (
        "have begun",
        [
            (line, "in_hand", lambda active: line.next_in_line(one for one in active if one.is_waiting)),
            (outcome, "_making_way", lambda change, *_: change),
        ],
    ),
    (
        "a version went together with settings",
        [(ModelBeanstalk, "update", lambda model, *to: model._change(*to, {"BatchSize": "1"}))],
    ),
    ("the ledger gives no reason", [(ModelBeanstalk, "update", lambda model, to, _: model._change(to, "v-0", {}))]),
    ("and the ledger has lost it", [(MemoryLedger, "write", forgetful)]),
    ("which was never good there", [(Standing, "rollback_targets", lambda standing, _: standing.good)]),
    ("was rolled back 2 times", [(taking_back, "after_failure", rolled_back_again)]),
    ("a version that somebody has deployed since", [(verdict, "_replaced_by", lambda *_: None)]),
    ("a version that somebody had deployed before", [(start, "adopted_label", adopted_once)]),
    ("before it was good in", [(outcome, "is_good_in", lambda *_: True)]),
    ("is held", [(outcome, "not_promoted", lambda *_: None)]),
    ("has not been promoted to", [(outcome, "_promoted", lambda *_: [])]),
]
"""A part of the message that the histories end with, and the fault that causes it."""


@pytest.mark.parametrize(("found", "faults"), PLANTED, ids=[found for found, _ in PLANTED])
def test_a_planted_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, found: str, faults: list[tuple[Any, str, Any]]
) -> None:
    for where, name, instead in faults:
        monkeypatch.setattr(where, name, instead)
    assert found in first_broken()
