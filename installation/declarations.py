"""The parameters that the template declares, with their allowed values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class Declaration:
    name: str
    description: str = ""
    default: str | None = None
    pattern: str | None = None
    allowed: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


class _Loader(yaml.CSafeLoader):
    """Reads the short forms of intrinsic functions, such as `!Ref`, as None.

    The declarations of parameters contain no intrinsic functions.
    """


_Loader.add_multi_constructor("!", lambda *_: None)


def template_of(text: str) -> dict[str, Any]:
    """Reads the template. Each intrinsic function in its short form becomes None."""
    template: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    return template


def declarations_of(template: Mapping[str, Any]) -> dict[str, Declaration]:
    return {name: _declaration(name, given) for name, given in template["Parameters"].items()}


def _declaration(name: str, given: Mapping[str, Any]) -> Declaration:
    default = given.get("Default")
    return Declaration(
        name=name,
        description=given.get("Description", ""),
        default=None if default is None else str(default),
        pattern=given.get("AllowedPattern"),
        allowed=tuple(map(str, given.get("AllowedValues", []))),
        least=given.get("MinValue"),
        most=given.get("MaxValue"),
    )


def fault_of(declaration: Declaration, value: str) -> str | None:
    """Returns the reason why CloudFormation would refuse the value. None: CloudFormation would accept it."""
    if declaration.allowed and value not in declaration.allowed:
        return f"it must be {' or '.join(declaration.allowed)}"
    if declaration.pattern is not None and not re.fullmatch(declaration.pattern, value):
        return f"it must match {declaration.pattern}"
    return _fault_of_number(declaration, value)


def _fault_of_number(declaration: Declaration, value: str) -> str | None:
    if declaration.least is None and declaration.most is None:
        return None
    if not re.fullmatch(r"[0-9]+", value):
        return "it must be a whole number"
    if declaration.least is not None and int(value) < declaration.least:
        return f"it must be at least {declaration.least}"
    if declaration.most is not None and int(value) > declaration.most:
        return f"it must be at most {declaration.most}"
    return None
