"""Parses the commands that texts mention, by the parser of the command itself."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

from wardrop_cli.app import VERBS, command

_MENTION = re.compile(rf"\bwardrop (?:{'|'.join(VERBS)})\b")
_END = re.compile(r"; | \(|, or |\.?$|\. ", re.MULTILINE)


def check_wardrop(arguments: list[str], parsed_by: Any = None) -> None:
    """Parses the arguments as the command does. Raises its usage error."""
    parsed_by = parsed_by or command()
    if not hasattr(parsed_by, "get_command"):
        parsed_by.make_context("wardrop", list(arguments))
        return
    verb, *rest = arguments
    if verb != "--help":
        child = parsed_by.get_command(None, verb)
        assert child, f"wardrop has no {verb}"
        check_wardrop(rest, child)


def mentions(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command in a text: the text before it, and its arguments. A separator or the end of the text ends it."""
    for found in _MENTION.finditer(text):
        end = _END.search(text, found.end())
        _, *arguments = shlex.split(text[found.start() : end.start() if end else None])
        yield text[: found.start()], arguments
