"""Reads untrusted YAML, with limits for aliases, depth and merge keys."""

import re
from typing import Any

import yaml

MAX_ALIASES = 50
MAX_DEPTH = 50


class NotSupported(yaml.YAMLError):
    """The YAML may be valid, but it exceeds one of Wardrop's limits or has a form that Wardrop does not read."""


class BoundedLoader:
    """A mixin for PyYAML's loaders that limits aliases and depth. It does not limit the expansion of aliases."""

    _aliases = 0
    _depth = 0

    def fetch_flow_collection_start(self, token_class: type[yaml.Token]) -> None:
        """Limits the depth of brackets.

        Otherwise, the scanner would read up to 1,024 brackets ahead, in quadratic time.
        """
        scanner: Any = super()
        if self.flow_level >= MAX_DEPTH:  # type: ignore[attr-defined]
            raise NotSupported(f"nested deeper than {MAX_DEPTH} levels")
        scanner.fetch_flow_collection_start(token_class)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        composer: Any = super()
        if self.check_event(yaml.AliasEvent):  # type: ignore[attr-defined]
            self._aliases += 1
            if self._aliases > MAX_ALIASES:
                raise NotSupported(f"more than {MAX_ALIASES} aliases")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotSupported(f"nested deeper than {MAX_DEPTH} levels")
        node: yaml.Node | None = composer.compose_node(parent, index)
        self._depth -= 1
        return node


class MergelessLoader(BoundedLoader):
    """Refuses merge keys, because each of them can double the size of the document."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.MappingNode) and any(is_merge_key(key) for key, _ in node.value):
            raise NotSupported("merge keys (<<) are not allowed")
        return node


def is_merge_key(key: yaml.Node) -> bool:
    """Whether the key is `<<` without quotes. With quotes, `<<` is an ordinary key."""
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and key.style is None


_QUOTED = re.compile(r""" (?:'(?![<\\])[^']{2,}'|"[^"]{2,}")""")
"""Matches the parts of PyYAML's error messages that quote the document, such as the name of an alias.

Single characters are not matched.
"""


def problem_of(error: BaseException) -> str:
    """Returns the problem and its position. The document is not quoted, because it may contain a password."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        problem = _QUOTED.sub("", error.problem or "invalid YAML")
        return f"{problem} in line {mark.line + 1}, column {mark.column + 1}"
    if isinstance(error, yaml.reader.ReaderError):
        return f"{error.reason} at position {error.position}"
    return " ".join(str(error).split())
