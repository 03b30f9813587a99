"""The values in a file of `.ebextensions`, from YAML or JSON. The expansion of aliases is limited."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from wardrop.configuration.bounded_yaml import MAX_DEPTH, NotSupported, is_merge_key


@dataclass(frozen=True)
class Scalar:
    text: str | None
    """The text in the file. None: the value is null."""

    is_text: bool = True
    """Whether the value is a string. Numbers and booleans, which JSON writes without quotes, are not strings."""


Value = Scalar | list["Value"] | dict[str, "Value"]

MAX_VALUES = 20_000
"""The maximum number of values in one bundle. Aliases are expanded, so the values of an alias count at each use."""

_TAG = "tag:yaml.org,2002:"
_TRUE, _FALSE = ("yes", "true", "on"), ("no", "false", "off")
_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")


class Values:
    """Reads and counts values. Raises NotSupported if they exceed MAX_VALUES or MAX_DEPTH."""

    def __init__(self, most: int = MAX_VALUES) -> None:
        self._room = most

    def of(self, parsed: object, depth: int = 0) -> Value:
        """Converts a YAML node, or a value from the JSON parser."""
        self._room -= 1
        if self._room < 0:
            raise NotSupported(f"its aliases expand to more than {MAX_VALUES} values")
        if depth > MAX_DEPTH:
            raise NotSupported(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(parsed, yaml.Node) and parsed.tag.startswith("!"):
            return self._cloudformation(parsed, depth)
        match parsed:
            case yaml.ScalarNode():
                return _scalar(parsed)
            case yaml.SequenceNode():
                return [self.of(entry, depth + 1) for entry in parsed.value]
            case yaml.MappingNode():
                return self.mapping(parsed, depth)
            case dict():
                return {key: self.of(value, depth + 1) for key, value in parsed.items()}
            case list():
                return [self.of(entry, depth + 1) for entry in parsed]
            case Scalar():
                return parsed
            case bool():
                return Scalar(str(parsed).lower(), is_text=False)
            case None:
                return Scalar(None)
            case _:
                return Scalar(str(parsed))

    def mapping(self, node: yaml.MappingNode, depth: int = 0) -> dict[str, Value]:
        """Converts a mapping. Its own keys take precedence over merged keys.

        If the mapping itself repeats a key, the last value is used.
        """
        merged: dict[str, Value] = {}
        own: dict[str, Value] = {}
        for key, value in node.value:
            if is_merge_key(key):
                merged = {**self._merged(value, depth + 1), **merged}
            elif isinstance(key, yaml.ScalarNode):
                own[key.value] = self.of(value, depth + 1)
            else:
                raise NotSupported("a key that is not text")
        return {**merged, **own}

    def _merged(self, named: yaml.Node, depth: int) -> dict[str, Value]:
        """Returns the merged mappings. If several mappings have the same key, the first mapping takes precedence."""
        mappings = named.value if isinstance(named, yaml.SequenceNode) else [named]
        merged: dict[str, Value] = {}
        for mapping in reversed(mappings):
            value = self.of(mapping, depth + 1)
            if not isinstance(value, dict):
                raise NotSupported("a merge key (<<) that does not name a mapping")
            merged |= value
        return merged

    def _cloudformation(self, node: yaml.Node, depth: int) -> dict[str, Value]:
        """Converts the short form of a CloudFormation function: `!Ref x` is {"Ref": x}, `!Sub x` is {"Fn::Sub": x}."""
        function = node.tag.removeprefix("!")
        name = function if function in ("Ref", "Condition") else f"Fn::{function}"
        return {name: self.of(_untagged(node), depth + 1)}


def _untagged(node: yaml.Node) -> yaml.Node:
    match node:
        case yaml.MappingNode():
            return yaml.MappingNode(f"{_TAG}map", node.value)
        case yaml.SequenceNode():
            return yaml.SequenceNode(f"{_TAG}seq", node.value)
        case _:
            return yaml.ScalarNode(f"{_TAG}str", node.value)


def _scalar(node: yaml.ScalarNode) -> Scalar:
    match node.tag.removeprefix(_TAG):
        case "null":
            return Scalar(None)
        case "bool":
            # YAML 1.1 reads `yes` and `on` as true.
            text = node.value.lower()
            return Scalar("true" if text in _TRUE else "false" if text in _FALSE else text, is_text=False)
        case "int" | "float":
            return Scalar(node.value, is_text=not _JSON_NUMBER.fullmatch(node.value))
        case _:
            return Scalar(node.value)


def canonical(value: Value) -> str:
    """Returns the value as JSON. Equal values result in equal strings."""
    match value:
        case Scalar(text=None):
            return "null"
        case Scalar():
            return json.dumps(value.text) if value.is_text else str(value.text)
        case list():
            return f"[{','.join(map(canonical, value))}]"
        case dict():
            return f"{{{','.join(_members(value))}}}"


def _members(mapping: dict[str, Value]) -> Iterator[str]:
    return (f"{json.dumps(key)}:{canonical(value)}" for key, value in sorted(mapping.items()))
