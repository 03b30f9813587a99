"""Checks and compares the entries in `alarms`, the list of an environment's CloudWatch alarms in the configuration.

An entry is the name of an alarm, or the beginning of alarm names followed by `*`.
"""

from collections.abc import Iterable, Sequence

from wardrop.foreign_text import one_line

MOST_ALARMS = 100
"""The maximum number of alarms that DescribeAlarms reads in one call (CloudWatch API reference)."""

MOST_PATTERNS = 5
"""The maximum number of patterns for one environment. Each pattern needs one call when a deployment starts."""

MAX_NAME = 255


def is_pattern(entry: str) -> bool:
    return entry.endswith("*")


def prefix_of(pattern: str) -> str:
    return pattern.removesuffix("*")


def matches_any(entries: Iterable[str], name: str) -> bool:
    return any(entry == name or (is_pattern(entry) and name.startswith(prefix_of(entry))) for entry in entries)


def check_alarms(entries: Sequence[str]) -> None:
    """Raises ValueError."""
    patterns = [entry for entry in entries if is_pattern(entry)]
    if len(patterns) > MOST_PATTERNS:
        raise ValueError(f"{len(patterns)} entries end in *; at most {MOST_PATTERNS} are allowed")
    if len(entries) > MOST_ALARMS:
        raise ValueError(f"{len(entries)} alarms are named; at most {MOST_ALARMS} are allowed")
    if twice := [entry for entry in entries if entries.count(entry) > 1]:
        raise ValueError(f"{twice[0]!r} occurs twice")
    for entry in entries:
        _check_alarm(entry)


def _check_alarm(entry: str) -> None:
    if entry.startswith("arn:"):
        raise ValueError(
            f"{entry!r} is an ARN; write the alarm's name instead. Alarms of other accounts and regions cannot be read"
        )
    if not prefix_of(entry).strip():
        raise ValueError(f"{entry!r} names no alarm; write a name, or the beginning of a name followed by *")
    if "*" in prefix_of(entry):
        raise ValueError(f"{entry!r} contains a * that is not at the end; * is allowed only at the end of an entry")
    if len(entry) > MAX_NAME:
        raise ValueError(f"{entry[:20]!r}... is too long; an alarm's name has at most {MAX_NAME} characters")


def no_alarm(entry: str) -> str:
    if is_pattern(entry):
        return f"no metric alarm or composite alarm in this region matches {one_line(entry)}"
    return f"there is no metric alarm or composite alarm {one_line(entry)} in this region"
