"""CloudTrail's records of calls, and requests, for guard_configuration."""

import importlib
import json
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.oracle import check_line, check_world
from tests.fuzz.strategies import mutated, written
from tests.fuzz.target import Target
from tests.unit.fakes import FakeDeadLetters
from tests.unit.guard.test_guard import GuardedWorld
from tests.unit.samples import event_files

app: Any = importlib.import_module("functions.guard_configuration.app")


def _bodies() -> list[Any]:
    found = []
    for event in event_files("guard_configuration").values():
        for record in event["Records"]:
            try:
                found.append(json.loads(record["body"]))
            except ValueError:
                continue
    return found


BODIES = _bodies()


def check(document: Any) -> None:
    world, dead = GuardedWorld(), FakeDeadLetters()
    world.start_update(InstanceType="m5.large")
    answer = app.respond({"Records": [{"messageId": "1", "body": written(document)}]}, world.guard_configuration, dead)
    assert answer == {"batchItemFailures": []}
    for _, reason in dead.parked:
        check_line(reason)
    check_world(world)


TARGET = Target(st.sampled_from(BODIES).flatmap(mutated), check)
