"""The explanation of a failure from the deployment log, as the ledger stores it."""

import msgspec

from wardrop.evidence.kinds import Kind
from wardrop.foreign_text import clean, one_line

MOST_QUOTES, MAX_QUOTE = 6, 500
MAX_QUOTED = (500, 240, 160)
"""The maximum lengths of the first, second and third quoted line in the reason, in characters.

The alert quotes all lines, without these limits.
"""


def without_middle(text: str, limit: int) -> str:
    """Shortens a line of a log in the middle, because long messages often name the cause at the end."""
    if len(text) <= limit:
        return text
    end = limit * 3 // 5
    return f"{text[: limit - end - 1]}…{text[-end:]}"


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    quotes: list[str]
    """Lines of the log, without secrets. The first line names the cause."""

    def __post_init__(self) -> None:
        cleaned = [one_line(quote, MAX_QUOTE) for quote in self.quotes[:MOST_QUOTES]]
        if cleaned != self.quotes:
            msgspec.structs.force_setattr(self, "quotes", cleaned)


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    log: str
    """The address of the log in S3."""

    cause: Cause | None = None
    """The cause of the failure. None: the log does not name a cause, or could not be read."""

    unread: str | None = None
    """The reason why the log could not be read. None: the log was read."""

    is_partial: bool = False
    """Whether Wardrop read only the beginning and the end of the log."""

    is_growing: bool = False
    """Whether the log may be incomplete, because Beanstalk wrote it less than 15 seconds before Wardrop read it."""

    instances: str | None = None
    """A clause about the logs of the instances, for the reason. None: these logs are not needed."""

    by_instances: bool = False
    """Whether the cause is from the logs of the instances, because the deployment log does not name it."""

    def __post_init__(self) -> None:
        clean(self, "log", "unread", "instances")

    @property
    def sentence(self) -> str:
        """The text that is added to the deployment's reason."""
        sentence = self._of_log
        return f"{sentence}; {self.instances}" if self.instances else sentence

    @property
    def _of_log(self) -> str:
        if self.cause is not None:
            limited = zip(self.cause.quotes, MAX_QUOTED, strict=False)
            quoted = ", ".join(f'"{without_middle(quote, limit)}"' for quote, limit in limited)
            log = "the log of an instance" if self.by_instances else "the deployment log"
            return f"{log} says that {self.cause.kind}: {quoted}"
        if self.unread is not None:
            return f"cannot tell the cause, because {self.unread}; if the deployment log exists, it is at {self.log}"
        read = "the deployment log does not name the cause"
        if self.is_partial:
            read = "the parts of the deployment log that Wardrop read do not name the cause"
        growing = "; Wardrop read it while it was still being written" if self.is_growing else ""
        return f"{read}{growing}: {self.log}"
