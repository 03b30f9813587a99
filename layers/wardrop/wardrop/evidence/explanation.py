"""The explanation of a failure that the ledger stores, taken from the deployment log."""

import msgspec

from wardrop.evidence.kinds import Kind
from wardrop.foreign_text import shortened

MOST_QUOTED, MAX_QUOTED = 3, 200
"""The sentence quotes at most 3 lines and 200 characters of each. The alert quotes all lines."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    quotes: list[str]
    """Lines of the log, without secrets. The first line names the cause."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    log: str
    """The address of the log in S3."""

    cause: Cause | None = None
    """None if the log does not name a cause or could not be read."""

    unread: str | None = None
    """The reason why the log could not be read. None: the log was read."""

    is_growing: bool = False
    """Beanstalk wrote the log less than 15 seconds before it was read, so the end may have been missing."""

    @property
    def sentence(self) -> str:
        """The clause that is added to the deployment's reason."""
        if self.cause is not None:
            quoted = ", ".join(f'"{shortened(quote, MAX_QUOTED)}"' for quote in self.cause.quotes[:MOST_QUOTED])
            return f"the deployment log says that {self.cause.kind}: {quoted}"
        if self.unread is not None:
            return f"cannot tell the cause, because {self.unread}; the deployment log would be {self.log}"
        if self.is_growing:
            return f"the deployment log does not name the cause yet, and is still being written: {self.log}"
        return f"the deployment log does not name the cause: {self.log}"
