"""Corrects the transactions and the stream records of moto's DynamoDB, and makes its requests faster."""

import base64
import threading
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.dynamodb.responses import DynamoResult

from local.aws import streams


def install(on_arrival: Callable[[str], None]) -> None:
    """`on_arrival` receives the ARN of a stream with a new record, in the thread that serves the request."""
    _patch_answers()
    _share_items()
    Table.all_items = _all_items
    Item.project = _projected
    # Developer guide, "Isolation levels": transactions are serializable. In moto, other threads can write during a
    # transaction. If a condition then fails, moto restores a copy of the whole table, and the writes of the other
    # threads are lost. With this patch, all conditions are checked first, and requests are served one at a time.
    lock = threading.RLock()
    # Developer guide, "Change data capture for DynamoDB Streams": one record for each item that a call changes.
    # Moto writes two records when an update creates an item, and it writes records for unchanged items.
    written: dict[tuple[StreamShard, str], list[Item | None]] = {}

    def add(shard: StreamShard, old: Item | None, new: Item | None) -> None:
        item = old or new
        key = repr((item.hash_key, item.range_key)) if item else ""
        written.setdefault((shard, key), [old, new])[1] = new

    def flush() -> None:
        for (shard, _), (old, new) in written.items():
            name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
            if old is None or new is None or old.to_json() != new.to_json():
                number = shard.starting_sequence_number + len(shard.items)
                view = shard.table.stream_specification["StreamViewType"]
                shard.items.append(StreamRecord(shard.table, view, name, old, new, number))
                on_arrival(streams.arn_of(shard.table))
        written.clear()

    def locked(method: Any) -> Any:
        def call(backend: DynamoDBBackend, *args: Any, **given: Any) -> Any:
            with lock:
                try:
                    return method(backend, *args, **given)
                finally:
                    flush()

        return call

    StreamShard.add = add

    for name in ("get_item", "put_item", "update_item", "delete_item", "query", "scan", "execute_statement"):
        setattr(DynamoDBBackend, name, locked(getattr(DynamoDBBackend, name)))
    carry_out = DynamoDBBackend.transact_write_items

    def transact_write_items(backend: DynamoDBBackend, items: list[dict[str, Any]]) -> None:
        with lock:
            carry_out(backend, [{"ConditionCheck": _check(backend, operation)} for operation in items])
            carry_out(backend, items)

    DynamoDBBackend.transact_write_items = transact_write_items
    Table.__deepcopy__ = lambda table, _: table


def _patch_answers() -> None:
    # Moto searches an attribute's value for each of the ten types, under several names. The search takes longer than
    # all other work of a request. It is unnecessary, because values already have the form of the response.
    serialize = BaseJSONSerializer._serialize_type_structure

    def serialize_structure(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue":
            serializer._default_serialize(serialized, _wire(value), shape, key)
        else:
            serialize(serializer, serialized, value, shape, key)

    BaseJSONSerializer._serialize_type_structure = serialize_structure
    DynamoResult.__init__ = ActionResult.__init__  # otherwise, moto first converts the values of all items


def _wire(value: DynamoType | dict[str, Any]) -> dict[str, Any]:
    """Returns the value in the form of a response.

    The form is stored with an item's value, because the value never changes.
    """
    if isinstance(value, DynamoType):
        if "wire" not in value.__dict__:
            value.wire = _wire({value.type: value.value})
        wire: dict[str, Any] = value.wire
        return wire
    [(kind, content)] = value.items()
    match kind:
        case "M":
            return {"M": {name: _wire(member) for name, member in content.items()}}
        case "L":
            return {"L": [_wire(member) for member in content]}
        case "B":
            return {"B": _in_base64(content)}
        case "BS":
            return {"BS": [_in_base64(member) for member in content]}
        case _:
            return value


def _in_base64(content: bytes | str) -> str:
    return base64.b64encode(content).decode() if isinstance(content, bytes) else content


def _share_items() -> None:
    # Moto changes items in place. Therefore, it copies each item that a query finds, and computes the size of each of
    # them. With this patch, an update changes a copy and replaces the item by the copy. An item itself never changes,
    # so queries need no copies.
    copied, measured, update = Item.__deepcopy__, Item.size, DynamoDBBackend.update_item

    def size(item: Item) -> int:
        if "bytes" not in item.__dict__:
            item.bytes = measured(item)
        return int(item.bytes)

    def update_item(backend: DynamoDBBackend, name: str, key: dict[str, Any], *given: Any, **named: Any) -> Item:
        table = backend.get_table(name)
        hash_key, range_key = backend.get_keys_value(table, key)
        if before := table.get_item(hash_key, range_key):
            items = table.items[hash_key] if range_key else table.items
            after = items[range_key or hash_key] = copied(before, {})
            if table.stream_shard is not None:
                table.stream_shard.add(before, after)
        return update(backend, name, key, *given, **named)

    Item.__deepcopy__ = lambda item, _: item
    Item.size = size
    DynamoDBBackend.update_item = update_item


def _all_items(table: Table) -> list[Item]:
    # Moto sorts the table for each query with its own comparison methods. With a thousand items, the sort takes longer
    # than all other work of a request.
    held = table.items.values()
    items = [item for by_range in held for item in by_range.values()] if table.range_key_attr else list(held)
    return sorted(items, key=lambda item: (item.hash_key.cast_value, item.range_key and item.range_key.cast_value))


def _projected(item: Item, expressions: list[list[str]]) -> Item:
    # Moto converts the whole item to plain values and back. This is unnecessary, because Wardrop's projections name
    # only complete attributes.
    names = {name for [name] in expressions}
    projected = Item(item.hash_key, item.range_key, {})
    for name in item.attrs.keys() & names:
        projected.attrs[name] = item.attrs[name]
    return projected


def _check(backend: DynamoDBBackend, operation: dict[str, Any]) -> dict[str, Any]:
    """Returns the condition check for one operation of a transaction. The check writes nothing."""
    given: dict[str, Any] = next(iter(operation.values()))
    if "Item" not in given:
        return given
    keys = backend.get_table(given["TableName"]).schema
    return {**given, "Key": {key["AttributeName"]: given["Item"][key["AttributeName"]] for key in keys}}
