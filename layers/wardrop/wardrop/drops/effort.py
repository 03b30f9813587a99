"""Limits the work of one inspection, because a hostile bundle must not delay the drops of other teams."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from wardrop.configuration.bounded_yaml import NotSupported
from wardrop.errors import Rejected

MAX_SECONDS = 5.0
"""The limit, in seconds of processor time. The inspection of a good WAR of 500 MB takes about 0.2 seconds.

Waiting for S3 takes no processor time, so Wardrop never rejects a drop because of a slow response.
"""

MAX_NODES = 20_000
"""The limit for the YAML nodes in all files of `.ebextensions`. PyYAML needs about 20 µs for a node."""

CHECKED_EVERY = 256
"""The number of nodes or entries between two measurements of the time."""

Item = TypeVar("Item")


class Effort:
    def __init__(self, processor_time: Callable[[], float] = lambda: 0.0) -> None:
        """`processor_time` returns the processor time that the process has used, in seconds."""
        self._processor_time = processor_time
        self._end = processor_time() + MAX_SECONDS
        self._nodes = 0

    def check(self) -> None:
        """Raises Rejected after MAX_SECONDS."""
        if self._processor_time() > self._end:
            raise Rejected(
                "cannot tell whether Beanstalk could deploy the file, because its inspection took more than "
                f"{MAX_SECONDS:.0f} seconds of processor time. Nothing was deployed; make the archive again with fewer "
                "entries and shorter files in .ebextensions, and drop it again"
            )

    def each(self, items: Iterable[Item], checked_every: int = 1) -> Iterator[Item]:
        """Yields the items. Raises Rejected before an item if MAX_SECONDS have passed."""
        for number, item in enumerate(items):
            if number % checked_every == 0:
                self.check()
            yield item

    def count_node(self) -> None:
        """Counts a YAML node. Raises Rejected after MAX_SECONDS, and NotSupported if there are more than MAX_NODES."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise NotSupported(f"the files of .ebextensions have more than {MAX_NODES} values")
        if self._nodes % CHECKED_EVERY == 0:
            self.check()
