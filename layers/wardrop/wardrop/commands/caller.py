"""The sender of a request. AWS verifies the sender by the signature of the request.

The signature proves the account, and the user or the role. It does not prove the name of a session: the identity that
assumes a role chooses this name, unless the role's trust policy has a condition on `sts:RoleSessionName`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wardrop.configuration.arn_pattern import matches

_SESSION = re.compile(r"arn:([^:]+):sts::([0-9]+):assumed-role/([^/]+)/(.+)")


@dataclass(frozen=True)
class Caller:
    arn: str
    at: datetime
    """The time at which the request arrived."""

    @property
    def name(self) -> str:
        """The caller's name: `role (session name)` for an assumed role, and otherwise the last part of the ARN."""
        if session := _SESSION.fullmatch(self.arn):
            return f"{session[3]} (session {session[4]})"
        return self.arn.rpartition(":")[2].rpartition("/")[2]

    @property
    def principal(self) -> str:
        """The authenticated part of the identity: the ARN of the user, or of the role without its path."""
        return self.arns[-1]

    @property
    def arns(self) -> list[str]:
        """The ARN of the caller. For a session of a role, also the ARN of the role, without the role's path."""
        session = _SESSION.fullmatch(self.arn)
        return [self.arn, f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"] if session else [self.arn]

    def is_one_of(self, patterns: Sequence[str]) -> bool:
        return any(matches(pattern, arn) for pattern in patterns for arn in self.arns)
