"""A bundle with what is known about it."""

from dataclasses import dataclass

FAILS = "The deployment fails on the instances, because Beanstalk unpacks a bundle with unzip."
LIVE = "It goes live."
NOT_FOUND = "The instances unpack it, and the server finds no application in it."


@dataclass(frozen=True, kw_only=True)
class Bundle:
    file: str
    content: bytes
    exit_code: int
    """Of Info-ZIP's UnZip 6.0, which is called as on an instance: unzip -q -o -d FOLDER BUNDLE."""

    unpacked: list[str]
    """The files that `unzip` writes, without folders."""

    beanstalk: str
    """What Beanstalk does with the bundle."""

    source: str = "inferred from unzip"
    """A public report, or how this is known."""

    reason: str | None = None
    """A part of the reason for which Wardrop rejects it. None: Wardrop accepts it."""
