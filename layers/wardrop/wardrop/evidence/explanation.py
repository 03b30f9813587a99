"""What the deployment log says about a failure, as the ledger keeps it."""

import msgspec

from wardrop.evidence.kinds import Kind

MAX_SENTENCE = 700
QUOTED = 3
"""Lines in the sentence. The alert has all lines."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    quotes: list[str]
    """Lines of the log without secrets. The first one names the cause."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    log: str
    """Where the log is."""

    cause: Cause | None = None
    """None: the log does not name a cause, or could not be read."""

    unread: str | None = None
    """Why the log could not be read."""

    @property
    def sentence(self) -> str:
        """For the reason of a deployment."""
        if self.cause is not None:
            quoted = ", ".join(f'"{quote}"' for quote in self.cause.quotes[:QUOTED])
            return f"the deployment log says that {self.cause.kind}: {quoted}"[:MAX_SENTENCE]
        if self.unread is not None:
            return f"cannot tell the cause, because {self.unread}; the log would be {self.log}"
        return f"the deployment log does not name the cause; it is {self.log}"
