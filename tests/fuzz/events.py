"""EventBridge events for watch_environments, mutated from the files in events/, and S3 events for receive_drop."""

import importlib
import json
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.oracle import check_line, check_world
from tests.fuzz.strategies import mutated, written
from tests.fuzz.target import Target
from tests.unit.fakes import FakeDeadLetters, FakeQueue
from tests.unit.health.world import WatchedWorld
from tests.unit.samples import environment, event_files
from tests.unit.world import World
from wardrop.drops.receive import ReceiveDrop

watch_app: Any = importlib.import_module("functions.watch_environments.app")
receive_app: Any = importlib.import_module("functions.receive_drop.app")


def bodies(function: str) -> list[Any]:
    """The events in the messages of the example files. Files that are not JSON are skipped."""
    found = []
    for event in event_files(function).values():
        for record in event.get("Records", []):
            try:
                found.append(json.loads(record["body"]))
            except (KeyError, ValueError):
                continue
    return found


WATCHED, DROPPED = bodies("watch_environments"), bodies("receive_drop")


def batch(events: list[Any]) -> dict[str, Any]:
    return {"Records": [{"messageId": str(n), "body": written(event)} for n, event in enumerate(events)]}


def watch(events: list[Any]) -> None:
    world = WatchedWorld()
    dead = FakeDeadLetters()
    answer = watch_app.respond(batch(events), world.watch, dead)
    assert answer == {"batchItemFailures": []}
    for _, reason in dead.parked:
        check_line(reason)
    check_world(world)


def no_sweep(_now: datetime) -> None:
    raise AssertionError("a message is no tick")


def receive(events: list[Any]) -> None:
    world = World(environment())
    dead = FakeDeadLetters()
    receive = world.verb(ReceiveDrop, processor_time=lambda: 0.0)
    for event in events:
        receive_app.respond(batch([event]), receive, no_sweep, dead, FakeQueue())
    check_world(world)


EVENTS = Target(st.lists(st.sampled_from(WATCHED).flatmap(mutated), min_size=1, max_size=4), watch)
DROPS = Target(st.lists(st.sampled_from(DROPPED).flatmap(mutated), min_size=1, max_size=2), receive)
