"""Who asks, as AWS proved it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_SESSION = re.compile(r"arn:([^:]+):sts::([0-9]+):assumed-role/([^/]+)/(.+)")
_ROLE_WITH_PATH = re.compile(r"arn:[^:]*:iam:[^:]*:[^:]*:role/.*/.*")


@dataclass(frozen=True)
class Caller:
    arn: str
    at: datetime

    @property
    def name(self) -> str:
        """`role/session` of an assumed role, else the name alone: unique in an account, and readable."""
        if session := _SESSION.fullmatch(self.arn):
            return f"{session[3]}/{session[4]}"
        return self.arn.rpartition(":")[2].rpartition("/")[2]

    def is_one_of(self, patterns: Sequence[str]) -> bool:
        """Patterns of ARNs, where * and ? stand for what they stand for in IAM; a session also has its role's."""
        arns = [self.arn]
        if session := _SESSION.fullmatch(self.arn):
            arns.append(f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}")
        return any(_expression(pattern).fullmatch(arn) for pattern in patterns for arn in arns)


def check_pattern(pattern: str) -> None:
    """Raises ValueError if nobody could ever be one of these."""
    if not pattern.startswith("arn:"):
        raise ValueError(f"{pattern!r} is not the ARN of a role, a session or a user; * stands for any characters")
    if _ROLE_WITH_PATH.fullmatch(pattern):
        name = f"{pattern.partition('/')[0]}/{pattern.rpartition('/')[2]}"
        raise ValueError(f"{pattern!r} names a role with its path, which no session shows; such as {name} is possible")


def _expression(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(character) or re.escape(character) for character in pattern), re.DOTALL)
