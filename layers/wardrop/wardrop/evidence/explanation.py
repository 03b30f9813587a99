"""What the deployment log says about a failure, as the ledger keeps it."""

import msgspec

from wardrop.evidence.kinds import Kind

MOST_QUOTED, MAX_QUOTED = 3, 200
"""Lines in the sentence, and characters of each. The alert has all lines."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    quotes: list[str]
    """Lines of the log without secrets. The first one names the cause."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    log: str
    """The address of the log in S3."""

    cause: Cause | None = None
    """None: the log does not name a cause, or could not be read."""

    unread: str | None = None
    """Why the log could not be read."""

    is_growing: bool = False
    """The log had been written to in the seconds before it was read, so its end may have been missing."""

    @property
    def sentence(self) -> str:
        """For the reason of a deployment."""
        if self.cause is not None:
            quoted = ", ".join(f'"{_cut(quote)}"' for quote in self.cause.quotes[:MOST_QUOTED])
            return f"the deployment log says that {self.cause.kind}: {quoted}"
        if self.unread is not None:
            return f"cannot tell the cause, because {self.unread}; the deployment log would be {self.log}"
        if self.is_growing:
            return f"the deployment log does not name the cause yet, and is still being written: {self.log}"
        return f"the deployment log does not name the cause: {self.log}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 1]}…"
