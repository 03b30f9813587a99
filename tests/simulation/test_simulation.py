"""Two thousand histories hold; and histories find what is wrong when something is."""

from collections import Counter
from typing import Any

import pytest

from tests.simulation.history import NAME, Broken, History
from wardrop.domain import lifecycle, verdict
from wardrop.domain.deployment import Standing
from wardrop.domain.lifecycle import Deploy

CHUNKS, EACH = 8, 250


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_happens_the_invariants_hold(chunk: int) -> None:
    ended: Counter[str] = Counter()
    for seed in range(chunk * EACH, (chunk + 1) * EACH):
        history = History(seed)
        history.run()
        ended.update(str(one.state) for one in history.ledger.history(NAME))
    assert set(ended) >= {"succeeded", "rolled_back", "rollback_failed", "failed", "superseded", "cancelled"}


def first_broken(most: int = 150) -> str:
    for seed in range(most):
        try:
            History(seed).run()
        except Broken as error:
            return str(error)
    return ""


def plant(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, instead: Any) -> None:
    monkeypatch.setattr(where, name, instead)


def test_it_finds_success_without_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, verdict, "failed", lambda _: False)
    plant(monkeypatch, verdict, "_against", lambda *_: None)
    plant(monkeypatch, verdict, "_missing", lambda *_: None)
    assert "succeeded, and instances run" in first_broken()


def test_it_finds_a_newer_drop_that_gives_way_to_an_older_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def oldest(waiting: Any, _: Standing) -> Any:
        ended = lifecycle.End(lifecycle.State.SUPERSEDED, "a newer one was uploaded after it")
        return [(one, ended) for one in sorted(waiting, key=lambda one: one.arrival)[1:]]

    plant(monkeypatch, lifecycle, "superseded", oldest)
    assert "gave way to an older one" in first_broken()


def test_it_finds_a_quarantined_version_that_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Standing, "condemns", lambda *_: None)
    assert "came back by itself" in first_broken(600)


def test_it_finds_what_never_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, lifecycle, "_recover", lambda *_: lifecycle.Wait("for ever"))
    assert "no rest" in first_broken()


def test_it_finds_two_that_begin_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(
        monkeypatch,
        lifecycle,
        "in_hand",
        lambda active: lifecycle.next_in_line(one for one in active if one.is_waiting),
    )
    plant(monkeypatch, lifecycle, "_until_ready", lambda environment: Deploy(f"{environment.name} looks good"))
    assert "begun at once" in first_broken()
