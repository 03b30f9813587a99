"""Runs ReceiveDrop on a dropped file, with everything outside of it in memory."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fuzz.oracle import check_line, check_world
from tests.unit.samples import NOW, drop, environment
from tests.unit.world import World
from wardrop.aws.bundles import decoded
from wardrop.drops.empty import StillEmpty
from wardrop.drops.receive import ReceiveDrop


@dataclass(frozen=True)
class Dropped:
    key: str
    content: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)


def run(dropped: Dropped) -> None:
    """The drop is accepted or rejected."""
    world = World(environment())
    event = drop(dropped.key, size=len(dropped.content))
    world.bundles.put(event, dropped.content, **{name: decoded(value) for name, value in dropped.metadata.items()})
    try:
        receipt = world.verb(ReceiveDrop, processor_time=time.process_time)(event, NOW)
    except StillEmpty as later:
        check_line(later.reason)
        return
    check_line(receipt.reason)
    check_world(world)
    assert receipt.label is None or len(receipt.label) <= 100
