"""A place in a log that may name the cause."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wardrop.evidence.kinds import Kind
from wardrop.evidence.log_lines import Level, Line
from wardrop.evidence.traces import is_frame

MOST_SEVERE = 300
MOST_CONTINUED = 3
_STEP = re.compile(r"stop running the command\.? error: ", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    weight: int
    """The certainty of the finding. The finding with the greatest weight is named as the cause."""

    at: int
    """The index of the line. If two findings have the same weight, the earlier line is chosen."""

    kind: Kind
    quotes: tuple[str, ...]
    """The line that names the cause, and further lines about the cause."""


def severe(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Returns the last MOST_SEVERE lines with a severe level, and their indexes. Returns a repeated line only once."""
    first = {line.text: number for number, line in reversed(list(enumerate(lines))) if line.level is Level.SEVERE}
    return ((number, lines[number]) for number in sorted(first.values())[-MOST_SEVERE:])


def error_of(text: str) -> str:
    """Returns the error without its level, and without the name of the step in which it occurred."""
    step = _STEP.search(text)
    return text[step.end() :] if step else re.sub(r"^\[?ERROR\]?:? ", "", text)


def continued(lines: Sequence[Line], number: int) -> list[str]:
    """Returns at most MOST_CONTINUED lines that continue the message in line `number`.

    A line with a time or a level begins another message, unless the line before it ends with a colon.
    """
    result: list[str] = []
    for line in lines[number + 1 : number + 1 + MOST_CONTINUED]:
        announced = lines[number + len(result)].bare.endswith((":", "initialization of VM"))
        if not line.bare or is_frame(line.text) or (line.begins_record and not announced):
            break
        result.append(line.bare)
    return result


def parts_of(error: str) -> list[str]:
    """Returns the failed command and its standard error, or only the error if the log has no `Stderr:`."""
    command, separator, said = error.partition("Stderr:")
    return [command.strip(), said.strip()] if separator and said.strip() else [error.removesuffix("Stderr:").strip()]


def is_of_engine(line: Line) -> bool:
    """Whether Beanstalk's engine wrote the record. Only the engine writes the level in brackets."""
    return line.bare.startswith("[ERROR]")
