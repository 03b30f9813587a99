"""The ledger's table in memory. tests/unit/aws compares it with moto's DynamoDB."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from wardrop.aws.ledger.item import Item, Key, serialized, unserialized
from wardrop.aws.ledger.table import Check, Condition, Delete, Put, Selection, Table, Update, Write
from wardrop.errors import Outdated


class MemoryTable(Table):
    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self.created = datetime(2026, 1, 1, tzinfo=UTC)

    def created_at(self) -> datetime:
        return self.created

    def get(self, key: Key) -> Item | None:
        return _copied(self.items[key]) if key in self.items else None

    def get_all(self, keys: Sequence[Key]) -> list[Item]:
        return [item for key in keys if (item := self.get(key)) is not None]

    def query(self, pk: str, prefix: str, selection: Selection | None = None) -> Iterator[Item]:
        for key in self._under(pk, prefix):
            item = self.items[key]
            if selection is None:
                yield _copied(item)
            elif holds(selection.filter, item):
                yield _copied({name: item[name] for name in selection.attributes if name in item})

    def last(self, pk: str, prefix: str, most: int) -> list[Item]:
        return [_copied(self.items[key]) for key in self._under(pk, prefix)[::-1][:most]]

    def _under(self, pk: str, prefix: str) -> Any:
        keys = [key for key in self.items if key.pk == pk and key.sk.startswith(prefix)]
        return sorted(keys, key=lambda key: key.sk)

    def active(self, kind: str, attributes: Sequence[str], most: int | None = None) -> list[Item]:
        found = [item for item in self.items.values() if item.get("active") == kind]
        found = sorted(found, key=lambda item: item["sk"])[:most]
        return [_copied({name: item[name] for name in attributes if name in item}) for item in found]

    def write(self, *writes: Write) -> None:
        keys = [write.key for write in writes]
        assert keys, "a transaction must have at least one write"
        assert len(keys) == len(set(keys)), "a transaction must not name an item twice"
        if not all(
            write.condition is None or holds(write.condition, self.items.get(write.key, {})) for write in writes
        ):
            raise Outdated("the ledger has changed since it was read")
        for write in writes:
            self._apply(write)

    def put(self, put: Put) -> None:
        self._apply(put)

    def delete(self, delete: Delete) -> None:
        self._apply(delete)

    def update(self, update: Update) -> bool:
        if not self._holds(update.key, update.condition):
            return False
        self._apply(update)
        return True

    def _holds(self, key: Key, condition: Condition | None) -> bool:
        return condition is None or holds(condition, self.items.get(key, {}))

    def _apply(self, write: Write) -> None:
        key = {"pk": write.key.pk, "sk": write.key.sk}
        match write:
            case Put():
                self.items[write.key] = _copied(write.attributes) | key
            case Delete():
                self.items.pop(write.key, None)
            case Update():
                self.items[write.key] = updated(self.items.get(write.key, key), write)
            case Check():
                pass


def _copied(item: Mapping[str, Any]) -> Item:
    """The item as DynamoDB would return it: without None and without floats."""
    return unserialized(serialized(item))


def updated(item: Item, update: Update) -> Item:
    changed = dict(item)
    clauses = re.findall(r"(SET|REMOVE) (.+?)(?= SET | REMOVE |$)", update.expression)
    assert clauses, update.expression
    for clause, operands in clauses:
        for operand in operands.split(", "):
            if clause == "REMOVE":
                changed.pop(operand, None)
            else:
                name, value = operand.split(" = ")
                changed |= _copied({name: update.values[value]})
    return changed


def holds(condition: Condition, item: Item) -> bool:
    """`item` is empty if it does not exist."""
    tokens = re.findall(r"[()]|[<=]|:?\w+", condition.expression)

    def factor() -> bool:
        token = tokens.pop(0)
        if token == "(":
            inside = disjunction()
            assert tokens.pop(0) == ")"
            return inside
        if token in ("attribute_exists", "attribute_not_exists"):
            _, name, _ = (tokens.pop(0) for _ in range(3))
            return (name in item) == (token == "attribute_exists")
        operator, value = tokens.pop(0), condition.values[tokens.pop(0)]
        assert operator in ("=", "<"), operator
        return token in item and (item[token] == value if operator == "=" else item[token] < value)

    def joined(word: str, part: Callable[[], bool]) -> bool:
        parts = [part()]
        while tokens[:1] == [word]:
            tokens.pop(0)
            parts.append(part())
        return all(parts) if word == "AND" else any(parts)

    def disjunction() -> bool:
        return joined("OR", lambda: joined("AND", factor))

    held = disjunction()
    assert not tokens, condition.expression
    return held
