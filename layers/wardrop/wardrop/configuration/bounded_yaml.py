"""YAML that is not trusted: its aliases, its depth and its merge keys are limited."""

from typing import Any

import yaml

MAX_ALIASES = 50
MAX_DEPTH = 50


class BoundedLoader:
    """A mixin for PyYAML's loaders. Merge keys are refused, because each can double what it names."""

    _aliases = 0
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        composer: Any = super()
        if self.check_event(yaml.AliasEvent):  # type: ignore[attr-defined]
            self._aliases += 1
            if self._aliases > MAX_ALIASES:
                raise yaml.YAMLError(f"more than {MAX_ALIASES} aliases")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")
        node: yaml.Node | None = composer.compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.MappingNode) and any(_is_merge_key(key) for key, _ in node.value):
            raise yaml.YAMLError("merge keys (<<) are not allowed")
        return node


def _is_merge_key(key: yaml.Node) -> bool:
    """In quotes, `<<` is a key like any other."""
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and key.style is None


def problem_of(error: BaseException) -> str:
    """The problem and its position, without the text around it, which may be a password."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"{error.problem} in line {mark.line + 1}, column {mark.column + 1}"
    if isinstance(error, yaml.reader.ReaderError):
        return f"{error.reason} at position {error.position}"
    return " ".join(str(error).split())
