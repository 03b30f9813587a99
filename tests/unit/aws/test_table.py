"""The tables in memory and in DynamoDB accept and refuse the same writes under every condition."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from tests.unit.aws.conftest import ledger_table
from tests.unit.memory_table import MemoryTable
from tests.unit.samples import NOW, TABLE
from wardrop.aws.ledger.item import Key, written_time
from wardrop.aws.ledger.marks import not_marked
from wardrop.aws.ledger.table import NEW, Check, Condition, Delete, Put, Selection, Table, Update, has_revision
from wardrop.errors import Outdated

AT = [NOW + timedelta(minutes=minutes) for minutes in (0, 30, 60)]
CONDITIONS = [
    None,
    NEW,
    has_revision(1),
    has_revision(2),
    *map(not_marked, AT),
    Condition("attribute_exists(active)"),
    Condition("attribute_not_exists(pinned_by) AND attribute_not_exists(deleted_at)"),
    Condition("attribute_not_exists(pk) OR attribute_exists(deleted_at)"),
    Condition("attribute_not_exists(marked_at) OR marked_at < :now", {":now": written_time(AT[1])}),
    Condition("marked_at = :marked", {":marked": written_time(AT[0])}),
]
EXPRESSIONS = [
    ("SET marked_at = :at", {":at": written_time(AT[0])}),
    ("SET pinned_by = :by REMOVE marked_at", {":by": "jane"}),
    ("SET deleted_at = :at REMOVE marked_at, label", {":at": written_time(AT[1])}),
    ("REMOVE active SET revision = :revision", {":revision": 2}),
    ("REMOVE revision", {}),
]
KEYS = [Key("application/shop", "label/1"), Key("application/shop", "label/2"), Key("environment/shop", "label/1")]
ITEMS: list[dict[str, Any]] = [
    {"active": "environment", "environment": "shop", "revision": 1, "absent": None},
    {"active": "alert", "label": "1", "marked_at": written_time(AT[2]), "history": [{"at": "x", "count": 3}]},
]

keys, conditions = st.sampled_from(KEYS), st.sampled_from(CONDITIONS)
puts = st.builds(Put, keys, st.sampled_from(ITEMS), conditions)
updates = st.builds(
    lambda key, update, condition: Update(key, *update, condition), keys, st.sampled_from(EXPRESSIONS), conditions
)
deletes = st.builds(Delete, keys, conditions)
checks = st.builds(Check, keys, conditions.filter(lambda condition: condition is not None))
transactions = st.lists(puts | updates | deletes | checks, min_size=1, max_size=3, unique_by=lambda write: write.key)


@pytest.fixture(params=["memory", "DynamoDB"])
def table(request, dynamodb) -> Table:
    return MemoryTable() if request.param == "memory" else Table(dynamodb, TABLE)


def outcome(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Outdated:
        return Outdated


def contents(table: Table) -> dict[Key, Any]:
    return {key: table.get(key) for key in KEYS}


@given(st.lists(transactions | updates, max_size=6))
def test_the_table_in_memory_does_what_dynamodb_does(operations):
    with mock_aws():
        memory, real = MemoryTable(), Table(ledger_table(), TABLE)
        for operation in operations:
            if isinstance(operation, Update):
                assert memory.update(operation) == real.update(operation)
            else:
                written = [outcome(partial(table.write, *operation)) for table in (memory, real)]
                assert written[0] is written[1]
            assert contents(memory) == contents(real)


class TestReading:
    def test_a_query_returns_what_begins_with_the_prefix_in_order(self, table):
        for key in reversed(KEYS):
            table.put(Put(key, {"revision": 1}))
        assert [item["sk"] for item in table.query("application/shop", "label/")] == ["label/1", "label/2"]
        assert [item["sk"] for item in table.last("application/shop", "label/", 1)] == ["label/2"]
        assert list(table.query("application/shop", "content/")) == []

    def test_a_selection_has_some_attributes_of_the_items_that_pass_its_filter(self, table):
        table.put(Put(KEYS[0], {"label": "1", "release": "r"}))
        table.put(Put(KEYS[1], {"label": "2", "release": "r", "deleted_at": "now"}))
        selection = Selection(["sk", "release", "pinned_by"], Condition("attribute_not_exists(deleted_at)"))
        assert list(table.query("application/shop", "label/", selection)) == [{"sk": "label/1", "release": "r"}]

    def test_the_index_has_the_active_items_alone(self, table):
        for key, item in zip(KEYS, [*ITEMS, {"label": "3"}], strict=True):
            table.put(Put(key, item))
        assert table.active("environment", ["environment", "sk"]) == [{"environment": "shop", "sk": "label/1"}]
        assert table.active("alert", ["pk", "sk"], most=1) == [{"pk": "application/shop", "sk": "label/2"}]

    def test_only_existing_items_are_read_together(self, table):
        table.put(Put(KEYS[0], {}))
        assert table.get_all(KEYS) == [{"pk": KEYS[0].pk, "sk": KEYS[0].sk}]
