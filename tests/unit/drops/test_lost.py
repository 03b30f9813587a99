"""The files in the drop bucket that count as lost drops."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, drop
from wardrop.drops.drop import read_event
from wardrop.drops.lost import WINDOW, Interval, ListedObject, SweepState, interval, message_of

WAIT = timedelta(minutes=5)
LONG_AGO = NOW - timedelta(days=400)

moments = st.integers(-4 * 86400, 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))


def listed(**differs: Any) -> ListedObject:
    fields = {
        "key": "shop/shop-staging/shop-1.war",
        "version_id": "v-1",
        "etag": "e-1",
        "size": 7,
        "modified_at": NOW - timedelta(minutes=10),
        "is_newest": True,
    }
    return ListedObject(**(fields | differs))


class TestInterval:
    @given(moments, moments)
    def test_a_file_is_lost_only_if_it_is_newer_than_the_installation_and_its_event_is_overdue(
        self, installed_at: datetime, modified_at: datetime
    ):
        is_lost = interval(installed_at, WAIT, NOW).contains(listed(modified_at=modified_at))
        assert is_lost == (max(installed_at, NOW - WINDOW) <= modified_at <= NOW - WAIT)

    def test_the_history_of_an_existing_bucket_is_never_deployed(self):
        installed_at = NOW - timedelta(minutes=30)
        before = listed(modified_at=installed_at - timedelta(seconds=1))
        assert not interval(installed_at, WAIT, NOW).contains(before)

    def test_a_file_of_the_second_of_the_installation_belongs_to_the_interval(self):
        installed_at = NOW.replace(microsecond=900_000) - timedelta(minutes=30)
        assert interval(installed_at, WAIT, NOW).contains(listed(modified_at=installed_at.replace(microsecond=0)))

    def test_folders_older_versions_and_deleted_files_are_no_lost_drops(self):
        always = Interval(LONG_AGO, NOW)
        assert always.contains(listed())
        assert not always.contains(listed(key="shop/shop-staging/"))
        assert not always.contains(listed(is_newest=False))


class TestMessage:
    @given(st.text(min_size=1, max_size=30).filter(lambda key: not key.endswith("/")), st.sampled_from([None, "v-1"]))
    def test_it_is_read_as_the_same_drop(self, key: str, version_id: str | None):
        lost = listed(key=key, version_id=version_id).drop("drops")
        assert read_event(message_of(lost)) == lost

    def test_a_versioned_file_has_the_id_that_its_event_has(self):
        assert listed().drop("drops").id == "s3://drops/shop/shop-staging/shop-1.war#v-1"

    def test_without_versioning_two_uploads_of_equal_bytes_are_two_drops(self):
        first, second = listed(version_id=None), listed(version_id=None, modified_at=NOW)
        assert first.drop("drops").id != second.drop("drops").id

    @pytest.mark.parametrize("version_id", [None, "v-2"])
    def test_of_two_uploads_in_the_same_second_the_one_with_an_event_is_newer(self, version_id: str | None):
        at = listed().modified_at
        sequencer = f"00{int(at.timestamp()):X}D90281E5"  # the form of S3's sequencers
        received = drop(event_time=at, sequencer=sequencer)
        assert listed(version_id=version_id).drop("drops").arrival(at) < received.arrival(at)


class TestState:
    def test_a_drop_that_was_sent_is_known_until_it_is_received(self):
        lost = listed().drop("drops")
        sent = SweepState(since=LONG_AGO).after([lost], [], None, NOW)
        assert sent.is_sent(lost)
        assert sent.after([], [], None, NOW).is_sent(lost)
        assert not sent.after([], [lost], None, NOW).is_sent(lost)

    def test_a_drop_older_than_the_window_is_forgotten(self):
        lost = listed().drop("drops")
        sent = SweepState(since=LONG_AGO).after([lost], [], None, NOW)
        assert sent.after([], [], None, NOW + WINDOW).sent == {}
