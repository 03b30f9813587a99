"""A place in a log that may name the cause."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wardrop.evidence.kinds import Kind
from wardrop.evidence.log_lines import Level, Line

MOST_SEVERE = 300
_STEP = re.compile(r"stop running the command\.? error: ", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    weight: int
    """How certain it is that the place names the cause."""

    at: int
    """The number of its line. Of two findings with the same weight the first one is chosen."""

    kind: Kind
    quotes: tuple[str, ...]
    """The line that names the cause, and lines that say more about it."""


def severe(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """The last MOST_SEVERE severe lines with their numbers. A line that is repeated counts once."""
    first = {line.text: number for number, line in reversed(list(enumerate(lines))) if line.level is Level.SEVERE}
    return ((number, lines[number]) for number in sorted(first.values())[-MOST_SEVERE:])


def error_of(text: str) -> str:
    """The error itself, without its level and the name of the step in which it occurred."""
    step = _STEP.search(text)
    return text[step.end() :] if step else re.sub(r"^\[?ERROR\]?:? ", "", text)


def parts_of(error: str) -> list[str]:
    """The command that failed, and what it wrote to its standard error."""
    command, separator, said = error.partition("Stderr:")
    return [command.strip(), said.strip()] if separator and said.strip() else [error.removesuffix("Stderr:").strip()]
