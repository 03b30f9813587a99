"""Reads JSON documents of the stack into dataclasses.

Unknown fields are ignored, because the stack may be newer than the command. Every string is cleaned (`foreign_text`).
"""

from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from wardrop_cli.failures import not_reached
from wardrop_cli.foreign_text import one_line

T = TypeVar("T")


class _Unexpected(Exception):
    """A field does not have the expected type."""


def decode(kind: type[T], document: Any) -> T:
    """Raises Failure if a field without a default is missing, or has another type."""
    try:
        value: T = _value(kind, document, kind.__name__)
    except _Unexpected as error:
        advice = "Install the version of the command that belongs to the stack: compare wardrop --version."
        raise not_reached(f"the answer of the stack cannot be read: {error}", advice) from None
    return value


def _value(kind: Any, given: Any, path: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return None if given is None and NoneType in arguments else _value(arguments[0], given, path)
    if is_dataclass(kind):
        return _record(kind, given, path)
    if origin is list and isinstance(given, list):
        return [_value(arguments[0], each, f"{path}[{index}]") for index, each in enumerate(given)]
    if origin is dict and isinstance(given, dict):
        return {one_line(str(name)): _value(arguments[1], each, f"{path}.{name}") for name, each in given.items()}
    if kind is Any:
        return given
    return _plain(kind, given, path)


def _plain(kind: Any, given: Any, path: str) -> Any:
    if kind is str and isinstance(given, str):
        return one_line(given)
    if kind is datetime and isinstance(given, str):
        return _time(given, path)
    if kind in (int, bool, float) and isinstance(given, kind if kind is not float else (int, float)):
        return given
    raise _Unexpected(f"{path} is not of the type {getattr(kind, '__name__', kind)}")


def _time(given: str, path: str) -> datetime:
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise _Unexpected(f"{path} is not a time") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _record(kind: Any, given: Any, path: str) -> Any:
    if not isinstance(given, dict):
        raise _Unexpected(f"{path} is not an object")
    values = {}
    for name, hint, is_required in _fields_of(kind):
        if name in given and (given[name] is not None or is_required or NoneType in get_args(hint)):
            values[name] = _value(hint, given[name], f"{path}.{name}")
        elif is_required:
            raise _Unexpected(f"{path} has no {name}")
    return kind(**values)


@cache
def _fields_of(kind: Any) -> list[tuple[str, Any, bool]]:
    hints = get_type_hints(kind)
    return [
        (each.name, hints[each.name], each.default is MISSING and each.default_factory is MISSING)
        for each in fields(kind)
    ]
