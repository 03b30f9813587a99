"""An upgrade and its rollback: each version reads the items that the other version wrote.

`tests/previous_release.json` contains items as the previous release wrote them. Before the first release, it contains
the items of a recent version, and a form may change. Then run
`PYTHONPATH=layers/wardrop:. .venv/bin/python -m tests.previous_release`.
"""

import copy
import json
from functools import cache
from typing import Any

import pytest

from tests.ledger_document import items
from tests.previous_release import KINDS, RECORDING, enumerations, kind_of, read, written
from wardrop.aws.ledger.item import Item, Key

HINT = "before the first release, run: PYTHONPATH=layers/wardrop:. .venv/bin/python -m tests.previous_release"
WRITTEN_AGAIN = {"pk", "sk", "active", "environment", "revision", "expires_at"}
"""The ledger sets these attributes at every write, and some of them for the index only."""


@cache
def recorded() -> dict[str, Any]:
    recording: dict[str, Any] = json.loads(RECORDING.read_text("utf-8"))
    return recording


def previous_items() -> list[tuple[Key, Item]]:
    return [(Key(one["pk"], one["sk"]), one["item"]) for one in recorded()["items"]]


def lost(before: Any, after: Any, path: str = "") -> list[str]:
    """The attributes of `before` that `after` does not have, or has with another type. More attributes are allowed."""
    match before, after:
        case dict(), dict():
            return [
                fault
                for name, value in before.items()
                for fault in ([f"{path}.{name}"] if name not in after else lost(value, after[name], f"{path}.{name}"))
            ]
        case [first, *_], [other, *_]:
            return lost(first, other, f"{path}[]")
        case None, _:
            return []
        case _:
            return [] if type(before) is type(after) else [f"{path}: {type(before).__name__}"]


def test_each_kind_of_item_is_recorded():
    kinds = {kind_of(key) for key, _ in previous_items()}
    assert set(KINDS) <= kinds


@pytest.mark.parametrize(("key", "item"), previous_items(), ids=lambda value: getattr(value, "sk", ""))
def test_an_item_of_the_previous_release_is_read_and_written_back_without_a_loss(key: Key, item: Item):
    if kind := kind_of(key):
        again = json.loads(json.dumps(written(kind, read(kind, item))))
        kept = {name: value for name, value in item.items() if name not in WRITTEN_AGAIN}
        assert lost(kept, again) == [], HINT
        if kind.is_changed:
            assert {name: again.get(name) for name in kept} == kept


def test_the_previous_release_reads_what_this_version_writes():
    now = dict(items())
    previous = dict(previous_items())
    assert previous.keys() <= now.keys(), HINT
    assert {str(key): fault for key, item in previous.items() if (fault := lost(item, now[key]))} == {}, HINT


def test_the_previous_release_has_each_value_of_a_closed_set():
    """A new state or phase needs two releases: one that reads it, and one that writes it."""
    previous = recorded()["enumerations"]
    added = {
        name: sorted(set(values) - set(previous[name])) for name, values in enumerations().items() if name in previous
    }
    assert {name: values for name, values in added.items() if values} == {}, HINT


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.is_changed], ids=lambda kind: kind.type.__name__)
def test_attributes_of_a_newer_release_survive_a_write_by_this_version(kind):
    [(_, item), *_] = [(key, item) for key, item in items() if kind_of(key) == kind]
    newer = copy.deepcopy(item)
    nested = [name for name, value in newer.items() if isinstance(value, dict)]
    for name in nested:
        newer[name]["of_a_newer_release"] = True
    again = written(kind, read(kind, newer | {"of_a_newer_release": {"a": 1}}))
    assert again["of_a_newer_release"] == {"a": 1}
    assert [name for name in nested if not again[name].get("of_a_newer_release")] == []


def test_a_removed_attribute_and_another_type_are_noticed():
    assert lost({"a": {"b": 1}, "c": [{"d": "x"}]}, {"a": {"b": "1"}, "c": [{"e": "x"}]}) == [".a.b: int", ".c[].d"]
    assert lost({"a": 1, "b": None}, {"a": 2, "b": "x", "more": 3}) == []
