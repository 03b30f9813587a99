"""Prints documents, screens and failures. rich does not interpret the texts as markup."""

import json
import os
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wardrop_cli.failures import Failure
from wardrop_cli.foreign_text import one_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

ENDS_WITH_COMMAND = re.compile(r": (aws|make|wardrop) [^.;]*$")
"""A sentence that ends with a command gets no full stop, because a user would copy the full stop with the command."""

WIDTH_OF_PIPES = 1000
"""The width of output to pipes and files. Lines are not broken there, so that `grep` finds whole lines."""


def console() -> "Console":
    """The console of stdout. rich honours NO_COLOR, and uses no colours if stdout is not a terminal."""
    from rich.console import Console

    is_narrow = sys.stdout.isatty() or os.environ.get("COLUMNS")
    return Console(markup=False, emoji=False, highlight=False, width=None if is_narrow else WIDTH_OF_PIPES)


def print_screen(screen: "RenderableType") -> None:
    """Removes the spaces with which rich fills up lines.

    Some lines must not be broken, such as commands to copy. They may be longer than the terminal is wide.
    """
    printer = console()
    with printer.capture() as captured:
        printer.print(screen, crop=False)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def short(text: str, limit: int) -> str:
    return one_line(text, limit)


def print_document(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def print_failure(failure: Failure, *, as_json: bool) -> None:
    if as_json:
        print_document(failure.document)
    sys.stdout.flush()
    advice = one_line(failure.advice, 500)
    sentence = _ended(advice[:1].upper() + advice[1:])
    sys.stderr.write(f"wardrop: {_ended(one_line(failure.text, 1000))}{f' {sentence}' if advice else ''}\n")


def _ended(text: str) -> str:
    is_ended = text.endswith((".", "?", "!", ":")) or ENDS_WITH_COMMAND.search(text)
    return text if is_ended else f"{text}."


def print_line(text: str) -> None:
    """Prints a line, and flushes it, so that a reader of a pipe gets it at once."""
    sys.stdout.write(f"{one_line(text)}\n")
    sys.stdout.flush()


def print_note(text: str) -> None:
    """Prints a line to stderr, because it is not part of the output."""
    sys.stderr.write(f"wardrop: {one_line(text, 1000)}\n")
    sys.stderr.flush()


def print_document_line(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
