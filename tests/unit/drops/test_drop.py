"""What a dropped file says of itself."""

import contextlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, drop
from wardrop.drops.drop import (
    MAX_BUNDLE_BYTES,
    application_of,
    arrival,
    check_size,
    describe,
    distinct,
    label_of,
    read_event,
    read_key,
    release_key,
    tag_value,
)
from wardrop.errors import Malformed, Rejected

HASH = "0123456789abcdef" * 4
times = st.datetimes(timezones=st.just(UTC))
sequencers = st.text("0123456789abcdef", min_size=1, max_size=20)


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


def label(file: str, **differs: Any) -> str:
    plain: dict[str, Any] = {
        "stated": None,
        "application": "shop",
        "implementation_version": None,
        "content_hash": HASH,
    }
    return label_of(file, **(plain | differs))


class TestReadingTheEvent:
    def test_bucket_key_version_size_and_order_are_taken_from_the_envelope(self):
        read = read_event(json.dumps(envelope()))
        assert read is not None
        assert (read.bucket, read.key, read.size) == ("drops", "shop/shop-1.0.war", 5)
        assert read.version_id == "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"
        assert read.sequencer == "617f08299329d189"
        assert read.event_time == datetime(2021, 11, 12, tzinfo=UTC)

    def test_fields_that_amazon_adds_one_day_are_tolerated(self):
        extended = envelope(**{"event-version": "2.1", "tags": {"a": [1]}})
        extended["detail"]["deletion-type"] = extended["replay-name"] = "new"
        assert read_event(json.dumps(extended)) is not None

    def test_an_unversioned_bucket_has_no_version_id(self):
        read = read_event(json.dumps(envelope(**{"version-id": None})))
        assert read is not None
        assert read.version_id is None

    @pytest.mark.parametrize("key", ["shop/", "shop/shop-staging/", "/"])
    def test_a_folder_is_no_drop(self, key: str):
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
    def test_what_is_no_object_created_event_is_malformed(self, body: str):
        with pytest.raises(Malformed, match="not an Object Created event"):
            read_event(body)

    @given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
    def test_no_body_raises_anything_but_malformed(self, body: str):
        with pytest.raises(Malformed):
            read_event(body)

    @given(st.text(st.characters(codec="utf-8"), min_size=1))
    def test_a_key_is_taken_as_it_comes(self, key: str):
        read = read_event(json.dumps(envelope(key)))
        assert (read is None) == key.endswith("/")
        assert read is None or read.key == key


class TestTheSameDrop:
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

    def test_a_bucket_whose_versioning_is_suspended_counts_as_unversioned(self):
        read = read_event(json.dumps(envelope(**{"version-id": "null"})))
        assert read is not None
        assert read.version_id is None

    @given(*[st.tuples(st.text(min_size=1), st.text("ab", min_size=1))] * 2)
    def test_two_object_versions_never_share_a_release_key(self, one: tuple[str, str], other: tuple[str, str]):
        keys = [release_key(drop(key, version_id=version), "shop") for key, version in (one, other)]
        assert (keys[0] == keys[1]) == (one == other)

    @given(st.text(min_size=1), st.text(min_size=1))
    def test_a_release_key_is_plain_ascii_whatever_was_dropped(self, key: str, application: str):
        made = release_key(drop(key), application)
        assert re.fullmatch(r"[A-Za-z0-9._-]+/[0-9a-f]{32}/[A-Za-z0-9._-]*", made)
        assert len(made) < 1024


class TestReadingTheKey:
    def test_application_environment_and_file(self):
        address = read_key("shop/shop-prod/shop-1.0.war")
        assert (address.application, address.environment, address.file) == (
            "shop",
            "shop-prod",
            "shop-1.0.war",
        )

    def test_without_an_environment(self):
        assert read_key("shop/shop-1.0.war").environment is None

    def test_below_the_prefix(self):
        assert read_key("releases/shop/shop-1.0.war", "releases/") == read_key("shop/shop-1.0.war")

    @pytest.mark.parametrize("file", ["a+b.war", "a b.war", "a%2Fb.war", "가게 1.0.war", "a&b=c.war", "A.WAR"])
    @pytest.mark.parametrize("application", ["shop", "my shop", "가게", "a+b"])
    def test_keys_are_never_decoded(self, application: str, file: str):
        address = read_key(f"{application}/{file}")
        assert (address.application, address.file) == (application, file)

    @pytest.mark.parametrize("ending", ["war", "zip", "jar", "WAR", "Zip"])
    def test_wars_zips_and_jars_are_taken(self, ending: str):
        assert read_key(f"shop/a.{ending}").ending == f".{ending.lower()}"

    @pytest.mark.parametrize("file", ["a.ear", "a.tar.gz", "war", "a.war.sha1", "a.war ", "README"])
    def test_any_other_ending_is_rejected_with_the_endings_that_are_taken(self, file: str):
        with pytest.raises(Rejected, match=r"does not end in \.war, \.zip or \.jar"):
            read_key(f"shop/{file}")

    @pytest.mark.parametrize("file", [".war", ".ZIP"])
    def test_an_ending_without_a_name_is_rejected(self, file: str):
        with pytest.raises(Rejected, match="has no name before its ending"):
            read_key(f"shop/{file}")

    @pytest.mark.parametrize("key", ["a.war", "a/b/c/d.war"])
    def test_any_other_depth_is_rejected_with_the_form_of_a_key(self, key: str):
        with pytest.raises(Rejected, match="is not <application>/<environment>/<file>"):
            read_key(key)

    def test_a_name_that_no_application_can_have_is_rejected(self):
        with pytest.raises(Rejected, match="more than 100 characters"):
            read_key(f"{'a' * 101}/a.war")

    @pytest.mark.parametrize("key", ["/a.war", "//a.war", "shop//a.war"])
    def test_an_empty_part_is_rejected(self, key: str):
        with pytest.raises(Rejected, match="has an empty part"):
            read_key(key)

    @given(st.text(), st.sampled_from(["", "in/"]))
    def test_no_key_raises_anything_but_rejected(self, key: str, prefix: str):
        with contextlib.suppress(Rejected):
            address = read_key(key, prefix)
            assert all((address.application, address.file))


class TestTheSize:
    @pytest.mark.parametrize("size", [1, MAX_BUNDLE_BYTES])
    def test_up_to_500_mb_are_taken(self, size: int):
        check_size(size)

    def test_more_than_500_mb_are_rejected(self):
        with pytest.raises(Rejected, match="up to 500 MB"):
            check_size(MAX_BUNDLE_BYTES + 1)

    def test_an_empty_file_is_rejected(self):
        with pytest.raises(Rejected, match="empty"):
            check_size(0)


class TestTheLabel:
    @pytest.mark.parametrize(
        ("file", "expected"),
        [
            ("shop-1.2.3.war", "shop-1.2.3"),
            ("shop_1.2-rc.4.ZIP", "shop_1.2-rc.4"),
            ("shop 1.2 (final).war", "shop-1.2-final"),
            ("가게-1.2.war", "1.2"),
            ("shop%2F1+2.jar", "shop-2F1-2"),
        ],
    )
    def test_it_is_the_files_name_in_a_safe_alphabet(self, file: str, expected: str):
        assert label(file) == expected

    def test_a_stated_label_comes_first(self):
        assert label("shop-1.0.war", stated="release candidate 5") == "release-candidate-5"

    def test_a_stated_label_is_taken_without_digits_too(self):
        assert label("shop-1.0.war", stated="golden") == "golden"

    def test_a_stated_label_of_which_nothing_is_safe_is_as_good_as_none(self):
        assert label("shop-1.0.war", stated="가게") == "shop-1.0"

    def test_a_name_without_digits_is_made_distinct_by_the_content(self):
        assert label("shop.war") == "shop-01234567"

    @pytest.mark.parametrize("file", ["shop-1.0-SNAPSHOT.war", "shop-1.0-snapshot.war"])
    def test_a_snapshot_is_made_distinct_by_the_content(self, file: str):
        assert label(file).endswith("-01234567")

    def test_a_name_without_a_version_takes_the_manifests(self):
        assert label("ROOT.war", implementation_version="2.5") == "ROOT-2.5"

    def test_a_name_with_a_version_does_not_take_the_manifests(self):
        assert label("shop-1.0.war", implementation_version="2.5") == "shop-1.0"

    def test_a_snapshot_in_the_manifest_is_made_distinct(self):
        assert label("ROOT.war", implementation_version="2.5-SNAPSHOT") == "ROOT-2.5-SNAPSHOT-01234567"

    def test_a_name_of_which_nothing_is_safe_becomes_the_applications(self):
        assert label("가게.war") == "shop-01234567"

    def test_other_bytes_under_a_label_get_a_label_of_their_own(self):
        assert distinct("shop-1.0", HASH) == "shop-1.0-01234567"

    def test_where_neither_file_nor_application_has_a_safe_name_the_content_is_the_label(self):
        assert label("가게.war", application="쇼핑") == "01234567"

    @given(
        file=st.text(min_size=1).map(lambda text: f"{text}.war"),
        stated=st.none() | st.text(),
        application=st.text(min_size=1),
        implementation_version=st.none() | st.text(),
    )
    def test_every_label_is_safe_and_short_and_stays_so_when_made_distinct(self, **given: Any):
        made = label_of(content_hash=HASH, **given)
        for one in (made, distinct(made, HASH)):
            assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", one)
            assert not one.startswith("-")

    @given(st.text("a1.-", min_size=1, max_size=150), st.text("0123456789abcdef", min_size=64, max_size=64))
    def test_making_a_label_distinct_ends_it_with_the_content(self, name: str, content_hash: str):
        assert distinct(name, content_hash).endswith(content_hash[:8])


class TestTheDescription:
    def test_it_says_key_time_and_who_as_a_claim(self):
        said = describe(drop("shop/shop-1.0.war"), NOW, "jenkins")
        assert said == "shop/shop-1.0.war, dropped 2026-01-02T03:04:05Z, by jenkins as stated"

    def test_it_says_nothing_of_who_when_nobody_said_so(self):
        assert "by" not in describe(drop("shop/1.war"), NOW, None)

    @given(st.text(min_size=1), st.none() | st.text())
    def test_it_is_at_most_200_printable_characters_and_always_says_when(self, key: str, who: str | None):
        said = describe(drop(key), NOW, who)
        assert len(said) <= 200
        assert said.isprintable()
        assert ", dropped 2026-01-02T03:04:05Z" in said


class TestTags:
    def test_a_sentence_keeps_what_s3_takes(self):
        assert tag_value("s-1.0: no WAR (no WEB-INF); 100% sure") == "s-1.0: no WAR no WEB-INF - 100 sure"

    @given(st.text())
    def test_a_tag_is_always_in_s3s_alphabet_and_at_most_256(self, text: str):
        made = tag_value(text)
        assert re.fullmatch(r"[A-Za-z0-9 +\-=._:/@]{0,256}", made)
        assert made == made.strip()

    @given(st.text("abc XYZ019+-=._:/@", max_size=256))
    def test_what_is_a_tag_already_loses_nothing_but_spaces(self, text: str):
        assert tag_value(text).replace(" ", "") == text.replace(" ", "")


class TestTheOrderOfArrival:
    def test_last_modified_comes_first(self):
        older = arrival(NOW, drop(event_time=NOW + timedelta(hours=1), sequencer="ff"))
        assert older < arrival(NOW + timedelta(seconds=1), drop(event_time=NOW, sequencer="00"))

    def test_then_the_events_time(self):
        older = arrival(NOW, drop(event_time=NOW, sequencer="ff"))
        assert older < arrival(NOW, drop(event_time=NOW + timedelta(seconds=1), sequencer="00"))

    def test_then_the_sequencer_padded_on_the_left(self):
        assert arrival(NOW, drop(sequencer="9f")) < arrival(NOW, drop(sequencer="0100"))

    @given(st.lists(st.tuples(times, times, sequencers), min_size=3, max_size=3))
    def test_the_order_is_total(self, seen: list[tuple[datetime, datetime, str]]):
        a, b, c = (arrival(at, drop(event_time=told, sequencer=sequencer)) for at, told, sequencer in seen)
        assert (a < b) + (b < a) + (a == b) == 1
        assert not (a <= b <= c) or a <= c

    @given(sequencers, st.integers(0, 20))
    def test_zeros_before_a_sequencer_mean_nothing(self, sequencer: str, zeros: int):
        assert arrival(NOW, drop(sequencer=sequencer)) == arrival(NOW, drop(sequencer="0" * zeros + sequencer))


@pytest.mark.parametrize(
    ("key", "application"),
    [
        ("releases/shop/shop-prod/a.war", "shop"),
        ("releases/shop/a/b/c/d.war", "shop"),
        ("releases/a.war", None),
        ("releases//a.war", None),
        ("releases/", None),
    ],
)
def test_a_rejection_is_told_to_the_application_that_its_key_begins_with(key, application):
    assert application_of(key, "releases/") == application
