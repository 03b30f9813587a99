"""A bundle, and the known results of processing it."""

from dataclasses import dataclass

FAILS = "The deployment fails on the instances, because Beanstalk unpacks a bundle with unzip."
LIVE = "It goes live."
NOT_FOUND = "The instances unpack it, and the server finds no application in it."


@dataclass(frozen=True, kw_only=True)
class Bundle:
    file: str
    content: bytes
    exit_code: int
    """The exit code of Info-ZIP's UnZip 6.0, called as on an instance: unzip -q -o -d FOLDER BUNDLE."""

    unpacked: list[str]
    """The files that `unzip` writes, without folders."""

    beanstalk: str
    """The reaction of Beanstalk to the bundle."""

    source: str = "inferred from unzip"
    """The source of this knowledge, such as a public report."""

    reason: str | None = None
    """A part of the reason with which Wardrop rejects the bundle. None: Wardrop accepts it."""
