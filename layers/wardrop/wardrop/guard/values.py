"""Parses the values of options, so that different spellings of the same value are equal."""

import json
import re
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wardrop.guard.descriptions import ValueKind

MOST_CHARACTERS = 64 * 1024
"""The longest text that is parsed. The longest documented value is a ConfigDocument of 32,000 characters."""

_SHORT_TAG = re.compile(r"\s*!\w")
_NAME_OF_FUNCTION = re.compile(r'"(?:Ref|Fn::\w+)"')
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_DURATION = re.compile(r"PT(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?", re.IGNORECASE)
_WORDS = re.compile(r"([0-9]{1,9})\s*(second|minute|hour)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_IAM_ARN = re.compile(r"arn:[^:]*:iam::([0-9]{12}):(instance-profile|role)/(?:[^/]+/)*([^/]+)")
_IAM_NAME = re.compile(r"/?(?:[^/:]+/)*([\w+=,.@-]+)")
_IAM_KINDS = {ValueKind.INSTANCE_PROFILE: "instance-profile", ValueKind.ROLE: "role"}
_GROUP_OF_BEANSTALK = re.compile(r"awseb-(e-[a-z0-9]+)-\S*SecurityGroup\S*", re.IGNORECASE)


def has_reference(text: str | None) -> bool:
    """Whether the text contains a reference that only CloudFormation can resolve, such as `{"Ref": ...}`."""
    if text is None:
        return False
    if "`" in text or _SHORT_TAG.match(text):
        return True
    return _NAME_OF_FUNCTION.search(text) is not None and _refers(_json(text))


def _refers(document: Any) -> bool:
    match document:
        case dict():
            names = document.keys()
            alone = len(names) == 1 and any(name == "Ref" or name.startswith("Fn::") for name in names)
            return alone or any(map(_refers, document.values()))
        case list():
            return any(map(_refers, document))
        case _:
            return False


def read(kind: ValueKind, text: str) -> Hashable | None:
    """Parses a value. Returns None if the text is not a value of this kind."""
    if len(text) > MOST_CHARACTERS:
        return None
    match kind:
        case ValueKind.BOOLEAN:
            return {"true": True, "false": False}.get(text.casefold())
        case ValueKind.NUMBER:
            return Decimal(text) if _NUMBER.fullmatch(text) else None
        case ValueKind.DURATION:
            return seconds(text)
        case ValueKind.SET:
            return frozenset(entries(text))
        case ValueKind.SEQUENCE:
            return tuple(entries(text))
        case ValueKind.BLOCK_DEVICES:
            return _block_devices(text)
        case ValueKind.JSON:
            document = _json(text)
            return None if document is None else _canonical(document)
        case _:
            return text


def seconds(text: str) -> int | None:
    """Returns the seconds of a duration such as `PT5M30S` or `5 minutes`, or None if the text is not a duration."""
    if parts := _DURATION.fullmatch(text):
        hours, minutes, rest = (int(number or 0) for number in parts.groups())
        return hours * 3600 + minutes * 60 + rest
    words = _WORDS.fullmatch(text)
    return int(words[1]) * _SECONDS[words[2].casefold()] if words else None


def entries(text: str) -> list[str]:
    """Returns the entries of a list such as `a, b`. A YAML list is represented by a JSON list such as `["a", "b"]`."""
    listed = _json(text) if text.lstrip().startswith("[") else None
    if isinstance(listed, list) and all(isinstance(entry, str | Decimal) for entry in listed):
        return [str(entry).strip() for entry in listed if str(entry).strip()]
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _block_devices(text: str) -> Hashable:
    """Parses the mappings of block devices. Keeps their order only if two mappings are for the same device."""
    devices = [_block_device(entry) for entry in entries(text)]
    is_distinct = len({device[0] for device in devices}) == len(devices)
    return frozenset(devices) if is_distinct else tuple(devices)


def _block_device(text: str) -> tuple[str, ...]:
    """Parses a mapping `device=snapshot:size:delete on termination:type:iops`.

    By default, the volume is deleted on termination.
    """
    device, _, rest = text.partition("=")
    parts = [part.strip() for part in rest.split(":")]
    if len(parts) > 2:
        parts[2] = parts[2].casefold().removeprefix("true")
    while parts and not parts[-1]:
        parts.pop()
    return (device.strip(), *parts)


@dataclass(frozen=True)
class IamName:
    account: str
    """The account in an ARN. It is empty if the text is not an ARN."""

    name: str


def iam_name(kind: ValueKind, text: str) -> IamName | None:
    """Parses an ARN, or a name with or without a path. Returns None if the text is neither."""
    if arn := _IAM_ARN.fullmatch(text):
        return IamName(arn[1], arn[3]) if arn[2] == _IAM_KINDS[kind] else None
    name = _IAM_NAME.fullmatch(text)
    return IamName("", name[1]) if name else None


def groups(text: str, environment_id: str) -> frozenset[str]:
    """Returns the security groups, except for the group that Beanstalk created for this environment."""
    return frozenset(group for group in entries(text) if not environment_id or owner(group) != environment_id)


def owner(group: str) -> str | None:
    """Returns the id of the environment for which Beanstalk created the group. Returns None for any other group."""
    owned = _GROUP_OF_BEANSTALK.fullmatch(group)
    return owned[1] if owned else None


def are_ids(names: Collection[str]) -> bool:
    return all(name.startswith("sg-") for name in names)


def _canonical(document: Any) -> Hashable:
    """Converts the document to a form that can be compared.

    The form contains the type of each value, because True equals 1 in Python.
    """
    match document:
        case dict():
            return "object", frozenset((name, _canonical(value)) for name, value in document.items())
        case list():
            return "list", tuple(map(_canonical, document))
        case _:
            return type(document).__name__, document


def _json(text: str) -> Any:
    """Parses JSON. Numbers become Decimal, so that 1 equals 1.0. Returns None if the text is not JSON."""
    try:
        return json.loads(text, parse_int=Decimal, parse_float=Decimal) if len(text) <= MOST_CHARACTERS else None
    except (ValueError, ArithmeticError, RecursionError):
        return None
