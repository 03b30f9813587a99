"""Sweeps: only a file whose event did not arrive becomes a drop, and it becomes one only once."""

import importlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.drops.test_lost import WAIT, listed
from tests.unit.samples import NOW
from tests.unit.world import Crash, World
from wardrop.aws.drop_bucket import ObjectPage
from wardrop.deployments.change import Change
from wardrop.drops.drop import Drop
from wardrop.drops.lost import ListedObject, Position, SweepState
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.drops.sweep import MOST_PAGES, MOST_SENT, SweepDrops
from wardrop.errors import NotNow

app: Any = importlib.import_module("functions.receive_drop.app")


@dataclass
class FakeBucket:
    """A list of objects, which is read in pages."""

    objects: list[ListedObject] = field(default_factory=list)
    page_size: int = 1000
    name: str = "drops"
    pages_read: int = 0
    tagged: set[str] = field(default_factory=set)
    error: Exception | None = None

    def list(self, after: Position | None) -> ObjectPage:
        if self.error:
            raise self.error
        self.pages_read += 1
        start = next((n + 1 for n, one in enumerate(self.objects) if after and one.key == after.key), 0)
        page = self.objects[start : start + self.page_size]
        is_last = start + self.page_size >= len(self.objects)
        return ObjectPage(page, None if is_last else Position(page[-1].key))

    def has_outcome(self, drop: Drop) -> bool:
        return drop.key in self.tagged


@dataclass
class FakeDropQueue:
    sent: list[Drop] = field(default_factory=list)
    crashes: bool = False

    def send(self, drops: list[Drop]) -> None:
        self.sent += drops
        if self.crashes:
            raise Crash


class SweepWorld(World):
    def __init__(self, *objects: ListedObject) -> None:
        super().__init__()
        self.bucket, self.queue = FakeBucket(list(objects)), FakeDropQueue()
        self.ledger.sweeps.write(SweepState(since=NOW - timedelta(days=30)))

    def sweep(self, now: datetime = NOW) -> list[str]:
        return self.verb(SweepDrops, wait=WAIT)(now)

    def receive(self, drop: Drop) -> None:
        receipt = Receipt(drop=drop.id, status=ReceiptStatus.ACCEPTED, reason="queued", at=NOW)
        self.ledger.write(Change(), receipt)

    @property
    def sent_keys(self) -> list[str]:
        return [drop.key for drop in self.queue.sent]


def test_a_file_whose_event_was_lost_is_sent_once():
    world = SweepWorld(listed())
    assert world.sweep() == [listed().drop("drops").id]
    assert world.sweep(NOW + timedelta(minutes=5)) == []
    assert world.sent_keys == [listed().key]


def test_a_file_that_was_received_is_not_sent():
    world = SweepWorld(listed())
    world.receive(listed().drop("drops"))
    assert world.sweep() == []


def test_the_event_of_a_new_file_may_still_arrive():
    world = SweepWorld(listed(modified_at=NOW - WAIT + timedelta(seconds=1)))
    assert world.sweep() == []
    assert len(world.sweep(NOW + timedelta(seconds=1))) == 1


def test_only_the_newest_version_of_a_key_is_sent():
    world = SweepWorld(listed(version_id="v-2"), listed(version_id="v-1", is_newest=False))
    assert [drop.version_id for drop in (world.sweep(), world.queue.sent)[1]] == ["v-2"]


def test_after_a_crash_the_drop_is_sent_again():
    world = SweepWorld(listed())
    world.queue.crashes = True
    with pytest.raises(Crash):
        world.sweep()
    world.queue.crashes = False
    assert len(world.sweep()) == 1


def test_in_a_bucket_without_versioning_the_tags_show_which_files_were_processed():
    world = SweepWorld(listed(version_id=None, key="a/1.war"), listed(version_id=None, key="a/2.war"))
    world.bucket.tagged = {"a/1.war"}
    world.sweep()
    assert world.sent_keys == ["a/2.war"]


def test_a_sweep_of_a_large_bucket_continues_where_the_last_one_ended():
    keys = [f"a/{number:03}.war" for number in range(MOST_PAGES + 2)]
    world = SweepWorld(*(listed(key=key) for key in keys))
    world.bucket.page_size = 1
    world.sweep()
    assert world.bucket.pages_read == MOST_PAGES
    world.sweep()
    assert world.bucket.pages_read == len(keys)
    assert world.sent_keys == keys
    assert world.ledger.sweeps.read().position is None


def test_more_lost_files_than_one_sweep_sends_are_left_to_the_next():
    keys = [f"a/{number:03}.war" for number in range(MOST_SENT + 1)]
    world = SweepWorld(*(listed(key=key) for key in keys))
    assert len(world.sweep()) == MOST_SENT
    assert len(world.sweep()) == 1


def test_an_uneventful_sweep_writes_nothing():
    world = SweepWorld()
    world.sweep()
    assert [call for call in world.calls if "write" in call] == []


def test_without_a_state_the_table_says_when_wardrop_was_installed():
    world = SweepWorld(listed(key="a/old.war", modified_at=NOW - timedelta(hours=2)), listed(key="a/new.war"))
    world.table.items.clear()
    world.table.created = NOW - timedelta(hours=1)
    world.sweep()
    assert world.sent_keys == ["a/new.war"]


def test_a_bucket_that_does_not_exist_yet_is_swept_later():
    world = SweepWorld(listed())
    world.bucket.error = NotNow("the drop bucket drops does not exist")
    assert world.sweep() == []
    world.bucket.error = None
    assert len(world.sweep()) == 1


def test_the_function_sweeps_on_the_tick_and_receives_nothing():
    swept: list[datetime] = []
    answer = app.respond({"tick": "2026-11-28T12:00:00Z"}, None, swept.append, None, None)
    assert answer == {"batchItemFailures": []}
    assert len(swept) == 1
