"""Converts records to items of the ledger, and items to records.

A record may have a `revision`, which every write increases. The field `unknown` contains the attributes that a newer
version of Wardrop has written. Therefore, the next write does not remove these attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from wardrop.aws.ledger import attribute_values
from wardrop.configuration.duration import decode_hook, encode_hook

Item = dict[str, Any]
Record = TypeVar("Record", bound=msgspec.Struct)


@dataclass(frozen=True)
class Key:
    pk: str
    sk: str


def application_key(name: str, sk: str) -> Key:
    return Key(f"application/{name}", sk)


def environment_key(name: str, sk: str) -> Key:
    return Key(f"environment/{name}", sk)


def written_time(at: datetime) -> str:
    """Writes a time in UTC with six decimal places.

    All times must have the same form, because DynamoDB compares them as strings.
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def attributes_of(record: msgspec.Struct) -> Item:
    """Returns the attributes to write, including the next revision.

    Attributes that a newer version of Wardrop has written are included.
    """
    unknown: Item = getattr(record, "unknown", {})
    known = msgspec.structs.replace(record, unknown={}) if unknown else record
    attributes: Item = msgspec.to_builtins(known, enc_hook=encode_hook)
    attributes.pop("unknown", None)
    if "revision" in attributes:
        attributes["revision"] += 1
    merged: Item = _merged(unknown, attributes)
    return merged


def record_of(kind: type[Record], item: Item) -> Record:
    record: Record = msgspec.convert(item, kind, dec_hook=decode_hook)
    attributes = {name: value for name, value in item.items() if name not in ("pk", "sk", "active")}
    known = msgspec.to_builtins(record, enc_hook=encode_hook)
    return msgspec.structs.replace(record, unknown=attributes) if _merged(attributes, known) != known else record


def _merged(old: Any, new: Any) -> Any:
    """Returns the new value together with the attributes that only the old value has.

    Elements of lists have no keys. Therefore a new element receives the additional attributes of the old element whose
    known attributes are the same.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {name: _merged(old.get(name), value) for name, value in new.items()}
    if isinstance(old, list) and isinstance(new, list) and new and isinstance(new[0], dict):
        richer = [element for element in old if isinstance(element, dict) and element.keys() - new[0].keys()]
        return [next((before for before in richer if before | element == before), element) for element in new]
    return new


def serialized(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Converts attributes to DynamoDB's notation. Omits the attributes that are None."""
    return {name: attribute_values.serialized(value) for name, value in attributes.items() if value is not None}


def unserialized(item: Mapping[str, Any]) -> Item:
    return {name: attribute_values.unserialized(value) for name, value in item.items()}
