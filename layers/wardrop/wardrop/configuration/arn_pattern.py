"""Checks and compares ARN patterns. In these patterns, * and ? have the same meaning as in IAM policies."""

import re

_ROLE_WITH_PATH = re.compile(r"arn:[^:]*:iam:[^:]*:[^:]*:role/.*/.*")


def check_pattern(pattern: str) -> None:
    """Raises ValueError if the pattern cannot match the ARN of any caller."""
    if not pattern.startswith("arn:"):
        raise ValueError(f"{pattern!r} is not the ARN of a role, a session or a user; use * to match any characters")
    if _ROLE_WITH_PATH.fullmatch(pattern):
        name = f"{pattern.partition('/')[0]}/{pattern.rpartition('/')[2]}"
        raise ValueError(f"{pattern!r} contains the path of a role, but the ARN of a session has no path; write {name}")


def matches(pattern: str, arn: str) -> bool:
    return _expression(pattern).fullmatch(arn) is not None


def _expression(pattern: str) -> re.Pattern[str]:
    """Returns the pattern as a regular expression whose running time does not grow exponentially.

    The part between two `*` is matched only at its first occurrence. Later occurrences cannot change the result, and
    the time to try them all would grow exponentially with the number of `*`.
    """
    first, *parts = ["".join(map(_character, part)) for part in pattern.split("*")]
    if parts:
        *middle, last = parts
        first += "".join(f"(?>.*?{part})" for part in middle) + f".*{last}"
    return re.compile(first, re.DOTALL)


def _character(character: str) -> str:
    return "." if character == "?" else re.escape(character)
