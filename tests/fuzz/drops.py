"""Runs ReceiveDrop on a dropped file. S3, Beanstalk and the ledger are in memory."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, cast

from tests.fuzz.oracle import check_line, check_world
from tests.unit.fakes import FakeBundles
from tests.unit.samples import NOW, drop, environment
from tests.unit.world import World
from wardrop.aws.bundles import Dropped as Opened
from wardrop.aws.bundles import decoded
from wardrop.aws.ranged_file import RangedFile
from wardrop.drops.delivery import Delivery
from wardrop.drops.drop import Drop
from wardrop.drops.empty import StillEmpty
from wardrop.drops.receive import ReceiveDrop
from wardrop.environments.version import Version
from wardrop.structs import replace


@dataclass(frozen=True)
class Dropped:
    key: str
    content: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)


SHORT_TAIL = 100
"""The number of bytes of the first read. The adapter of S3 reads more, but most generated bundles are shorter."""


class RangedBundles(FakeBundles):
    """Reads a bundle as the adapter of S3 does: its end first, and other parts when they are needed."""

    def open(self, drop: Drop) -> Opened:
        opened = super().open(drop)
        content = opened.file.read()
        file = RangedFile(len(content), content[-SHORT_TAIL:], lambda start, end: content[start:end])
        return replace(opened, file=cast("IO[bytes]", file))


def received(dropped: Dropped) -> Version | None:
    """Receives the file. Raises an error unless the drop is accepted or rejected. None: there is no version of it."""
    world = World(environment())
    world.bundles = RangedBundles()
    event = drop(dropped.key, size=len(dropped.content))
    world.bundles.put(event, dropped.content, **{name: decoded(value) for name, value in dropped.metadata.items()})
    try:
        receipt = world.verb(ReceiveDrop, processor_time=time.process_time)(Delivery(event, NOW, NOW, is_first=False))
    except StillEmpty as later:
        check_line(later.reason)
        return None
    check_line(receipt.reason)
    check_world(world)
    if receipt.application is None or receipt.label is None:
        return None
    assert len(receipt.label) <= 100
    return world.ledger.versions.find(receipt.application, receipt.label)


def run(dropped: Dropped) -> None:
    received(dropped)
