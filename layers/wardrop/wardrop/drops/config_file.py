"""Parses a file of `.ebextensions` as Beanstalk does: as YAML, and if that fails, as JSON.

Beanstalk's error messages show both parsers (awsdocs/elastic-beanstalk-samples, issue 90). The YAML errors have the
wording of SnakeYAML, which follows PyYAML, and the JSON errors have the wording of json-simple.
"""

import json
import re
from typing import Any

import yaml

from wardrop.configuration.bounded_yaml import BoundedLoader, NotSupported, problem_of
from wardrop.drops.config_value import Scalar
from wardrop.drops.effort import Effort

Json = dict[str, object]


class NotParsed(ValueError):
    """The text is neither YAML nor JSON. The error states line and column, and does not quote the text."""


class _Loader(BoundedLoader, yaml.SafeLoader):
    """Builds YAML nodes but no Python values.

    Therefore it accepts the short forms of CloudFormation's functions, such as `!Ref`, and expands no aliases.
    """

    def __init__(self, text: str, effort: Effort) -> None:
        super().__init__(text)
        self._effort = effort

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._effort.count_node()
        parser: Any = super()
        if parser.check_event(yaml.NodeEvent) and not parser.check_event(yaml.AliasEvent):
            # YAML and SnakeYAML allow a second definition of an anchor. PyYAML does not, so the first definition is
            # removed.
            self.anchors.pop(parser.peek_event().anchor, None)
        return super().compose_node(parent, index)


def parse(content: bytes, effort: Effort | None = None) -> yaml.Node | Json | None:
    """Parses a file. Returns None if the file is empty.

    Raises NotParsed if it is neither YAML nor JSON, and NotSupported or ValueError if it exceeds Wardrop's limits.
    All files of a bundle share one `effort`, which raises Rejected at its limit.
    """
    text = _decoded(content)
    try:
        return _yaml(text, effort or Effort())
    except NotSupported:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, yaml.composer.ComposerError) and "another document" in (error.problem or ""):
            raise NotSupported("more than one YAML document") from error
        return _json(text, error)


def _decoded(content: bytes) -> str:
    """Decodes UTF-8, or UTF-16 with a byte order mark. Invalid bytes, such as in a Latin-1 comment, are replaced."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def _yaml(text: str, effort: Effort) -> yaml.Node | None:
    loader = _Loader(text, effort)
    try:
        node: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    return node


_EXTRA_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+"?)|,(?=\s*+[,\]}])', re.DOTALL)
"""Matches a string or a superfluous comma. Strings are kept, and superfluous commas are removed."""


def _json(text: str, yaml_error: Exception) -> Json:
    """Parses a JSON object. Superfluous commas, and line breaks in strings, are accepted, as in json-simple."""
    try:
        parsed = json.loads(
            _EXTRA_COMMA.sub(r"\1", text), strict=False, parse_int=_number, parse_float=_number, parse_constant=_number
        )
    except RecursionError as error:
        raise NotSupported("nested too deeply") from error
    except ValueError as error:
        if not isinstance(yaml_error, yaml.YAMLError):
            raise NotSupported("an escape sequence for a character that does not exist") from error
        raise NotParsed(_problem(text, yaml_error)) from error
    if not isinstance(parsed, dict):
        raise NotParsed(_problem(text, yaml_error))
    return parsed


def _number(text: str) -> Scalar:
    return Scalar(text, is_text=False)


def _problem(text: str, yaml_error: Exception) -> str:
    """Returns the JSON error if the text begins like a JSON object, and otherwise the YAML error."""
    if text.lstrip().startswith("{"):
        try:
            json.loads(text, strict=False)
        except json.JSONDecodeError as error:
            return f"{error.msg} in line {error.lineno}, column {error.colno}"
    if isinstance(yaml_error, yaml.reader.ReaderError):
        before = text[: yaml_error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return f"{yaml_error.reason} in line {line}, column {column}"
    return problem_of(yaml_error)
