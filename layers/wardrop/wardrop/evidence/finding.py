"""A place in a log that may name the cause."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wardrop.evidence.kinds import Kind
from wardrop.evidence.log_lines import Level, Line

MOST_SEVERE = 300


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
