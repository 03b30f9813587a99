"""Checks the blocks of a message against `blocks.yaml`."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

LONGEST_MESSAGE = 13_200
"""The limit for the number of characters in all blocks together.

Slack does not document the limit, but users have reported it: https://github.com/slackapi/bolt-js/issues/2509
"""

Errors = Iterator[ValidationError]


def errors_of(blocks: Any, pointer: str = "/blocks") -> list[str]:
    """Returns a message for each error, with a JSON pointer to the invalid value."""
    errors = [
        f"{error.message} [json-pointer:{'/'.join([pointer, *map(str, error.absolute_path)])}]"
        for error in _validator().iter_errors(blocks)
    ]
    return list(dict.fromkeys(errors))


def size_of(blocks: Any) -> int:
    """Returns the number of characters in all texts of the blocks."""
    if isinstance(blocks, dict):
        return sum(size_of(value) for name, value in blocks.items() if name != "type")
    if isinstance(blocks, list):
        return sum(map(size_of, blocks))
    return len(blocks) if isinstance(blocks, str) else 0


@cache
def _validator() -> Any:
    schemas = yaml.safe_load(Path(__file__).with_name("blocks.yaml").read_text())
    return extend(Draft202012Validator, _KEYWORDS)({**schemas, "$ref": "#/$defs/blocks"})


def _says(is_wrong: Callable[[Any, Any], bool], words: Callable[[Any], str]) -> Any:
    def keyword(_validator: Any, expected: Any, value: Any, _schema: Any) -> Errors:
        if is_wrong(value, expected):
            yield ValidationError(words(expected))

    return keyword


def _by_type(validator: Any, schemas: dict[str, Any], value: Any, _schema: Any) -> Errors:
    if not isinstance(value, dict):
        yield ValidationError("must be an object")
    elif "type" not in value:
        yield ValidationError("missing required field: type")
    elif (kind := value["type"]) not in schemas:
        name = kind if isinstance(kind, str) else json.dumps(kind)
        yield ValidationError(f"unsupported type: {name}", path=["type"])
    else:
        yield from validator.descend(value, schemas[kind])


def _required(_validator: Any, names: list[str], value: Any, _schema: Any) -> Errors:
    for name in names:
        if isinstance(value, dict) and name not in value:
            yield ValidationError(f"missing required field: {name}")


def _additional(_validator: Any, _allowed: bool, value: Any, schema: Any) -> Errors:
    for name in value if isinstance(value, dict) else ():
        if name not in schema["properties"]:
            yield ValidationError(f"invalid additional property: {name}")


def _either(_validator: Any, names: list[str], value: Any, _schema: Any) -> Errors:
    if isinstance(value, dict) and not any(name in value for name in names):
        yield ValidationError(f"must define either {' or '.join(f'`{name}`' for name in names)}")


_KINDS = {"array": list, "boolean": bool, "string": str}
_KEYWORDS = {
    "additionalProperties": _additional,
    "byType": _by_type,
    "either": _either,
    "enum": _says(lambda value, expected: value not in expected, lambda w: f"must be one of: {', '.join(w)}"),
    "maxItems": _says(
        lambda v, most: isinstance(v, list) and len(v) > most, lambda n: f"no more than {n} items allowed"
    ),
    "minItems": _says(
        lambda v, least: isinstance(v, list) and len(v) < least, lambda n: f"no less than {n} items allowed"
    ),
    "maxLength": _says(
        lambda v, most: isinstance(v, str) and len(v) > most, lambda n: f"must be less than {n + 1} characters"
    ),
    "minLength": _says(
        lambda v, least: isinstance(v, str) and len(v) < least, lambda n: f"must be more than {n - 1} characters"
    ),
    "required": _required,
    "type": _says(
        lambda value, kind: not isinstance(value, _KINDS[kind]),
        lambda kind: f"must provide {'an' if kind == 'array' else 'a'} {kind}",
    ),
}
"""Slack's error message for each JSON Schema keyword.

If there is no public example of a message, its wording is based on the public examples of other messages.
"""
