"""Drops, which are read from S3's events."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, drop
from wardrop.drops.drop import MAX_BUNDLE_BYTES, check_size, read_event
from wardrop.errors import Malformed, Rejected

times = st.datetimes(timezones=st.just(UTC))
sequencers = st.text("0123456789abcdefABCDEF", min_size=1, max_size=70)


def envelope(key: str = "shop/shop-1.0.war", **differs: Any) -> dict[str, Any]:
    created = {
        "key": key,
        "size": 5,
        "etag": "b1946ac92492d2347c6235b4d2611184",
        "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        "sequencer": "617f08299329d189",
    } | differs
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2021-11-12T00:00:00Z",
        "region": "ca-central-1",
        "resources": ["arn:aws:s3:::drops"],
        "detail": {
            "version": "0",
            "bucket": {"name": "drops"},
            "object": {name: value for name, value in created.items() if value is not None},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }


class TestEvent:
    def test_bucket_key_version_size_and_order_are_read_from_the_event(self):
        read = read_event(json.dumps(envelope()))
        assert read is not None
        assert (read.bucket, read.key, read.size) == ("drops", "shop/shop-1.0.war", 5)
        assert read.version_id == "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
        assert read.sequencer == "617f08299329d189"
        assert read.event_time == datetime(2021, 11, 12, tzinfo=UTC)

    def test_fields_that_amazon_adds_later_are_ignored(self):
        extended = envelope(**{"event-version": "2.1", "tags": {"a": [1]}})
        extended["detail"]["deletion-type"] = extended["replay-name"] = "new"
        assert read_event(json.dumps(extended)) is not None

    def test_an_unversioned_bucket_has_no_version_id(self):
        read = read_event(json.dumps(envelope(**{"version-id": None})))
        assert read is not None
        assert read.version_id is None

    @pytest.mark.parametrize("key", ["shop/", "shop/shop-staging/", "/"])
    def test_a_folder_is_not_a_drop(self, key: str):
        assert read_event(json.dumps(envelope(key))) is None

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "no JSON",
            "[]",
            "null",
            '"text"',
            "{}",
            json.dumps(envelope() | {"detail": {}}),
            json.dumps(envelope() | {"detail": None}),
            json.dumps(envelope() | {"time": "yesterday"}),
            json.dumps(envelope() | {"time": "2021-11-12T00:00:00"}),
            json.dumps(envelope(key="")),
            json.dumps(envelope(size="five")),
            '{"time":"2021-11-12T00:00:00Z","detail":{"bucket":{"name":"b"},"object":{"key":"\\ud800"}}}',
        ],
    )
    def test_anything_but_an_object_created_event_is_malformed(self, body: str):
        with pytest.raises(Malformed, match="not an Object Created event"):
            read_event(body)

    @given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
    def test_no_body_raises_anything_but_malformed(self, body: str):
        with pytest.raises(Malformed):
            read_event(body)

    @given(st.text(st.characters(codec="utf-8"), min_size=1))
    def test_a_key_is_not_decoded(self, key: str):
        read = read_event(json.dumps(envelope(key)))
        assert (read is None) == key.endswith("/")
        assert read is None or read.key == key


class TestIdentity:
    def test_one_event_delivered_twice_is_one_drop(self):
        again = envelope()
        first, second = read_event(json.dumps(envelope())), read_event(json.dumps(again))
        assert first is not None
        assert second is not None
        assert first.id == second.id

    def test_two_uploads_under_one_key_are_two_drops(self):
        assert drop(version_id="v1").id != drop(version_id="v2").id

    def test_the_same_bytes_uploaded_again_into_an_unversioned_bucket_are_another_drop(self):
        first, second = drop(version_id=None, sequencer="01"), drop(version_id=None, sequencer="02")
        assert first.id != second.id

    def test_a_bucket_with_suspended_versioning_is_treated_as_unversioned(self):
        read = read_event(json.dumps(envelope(**{"version-id": "null"})))
        assert read is not None
        assert read.version_id is None


class TestSize:
    @pytest.mark.parametrize("size", [1, MAX_BUNDLE_BYTES])
    def test_up_to_500_mb_are_accepted(self, size: int):
        check_size(size)

    def test_more_than_500_mb_are_rejected(self):
        with pytest.raises(Rejected, match="up to 500 MB"):
            check_size(MAX_BUNDLE_BYTES + 1)

    def test_an_empty_file_is_rejected(self):
        with pytest.raises(Rejected, match="empty"):
            check_size(0)


class TestArrival:
    def test_last_modified_is_compared_first(self):
        older = drop(event_time=NOW + timedelta(hours=1), sequencer="ff").arrival(NOW)
        assert older < drop(event_time=NOW, sequencer="00").arrival(NOW + timedelta(seconds=1))

    def test_then_the_time_of_the_event(self):
        older = drop(event_time=NOW, sequencer="ff").arrival(NOW)
        assert older < drop(event_time=NOW + timedelta(seconds=1), sequencer="00").arrival(NOW)

    def test_then_the_sequencer_padded_on_the_right(self):
        assert drop(sequencer="009FF").arrival(NOW) < drop(sequencer="00A0").arrival(NOW)

    @given(st.lists(st.tuples(times, times, sequencers), min_size=3, max_size=3))
    def test_the_order_is_total(self, uploads: list[tuple[datetime, datetime, str]]):
        a, b, c = (
            drop(event_time=at, sequencer=sequencer).arrival(uploaded_at) for uploaded_at, at, sequencer in uploads
        )
        assert (a < b) + (b < a) + (a == b) == 1
        assert not (a <= b <= c) or a <= c

    @given(sequencers, sequencers)
    def test_sequencers_are_compared_as_s3_documents(self, first: str, second: str):
        length = max(len(first), len(second))
        padded = first.upper().ljust(length, "0"), second.upper().ljust(length, "0")
        arrivals = drop(sequencer=first).arrival(NOW), drop(sequencer=second).arrival(NOW)
        assert (arrivals[0] < arrivals[1]) == (padded[0] < padded[1])
        assert (arrivals[0] == arrivals[1]) == (padded[0] == padded[1])

    @given(sequencers, st.integers(0, 20))
    def test_trailing_zeros_of_a_sequencer_do_not_matter(self, sequencer: str, zeros: int):
        assert drop(sequencer=sequencer).arrival(NOW) == drop(sequencer=sequencer + "0" * zeros).arrival(NOW)
