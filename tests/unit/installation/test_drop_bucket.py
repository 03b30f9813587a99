"""An existing drop bucket."""

import pytest

from installation.drop_bucket import Bucket, command_for_events, faults_of_bucket
from installation.findings import CannotTell

UNKNOWN = CannotTell("your credentials may not call GetBucketNotificationConfiguration")


def found(bucket: Bucket) -> list[tuple[str, str]]:
    return [(one.severity.value, one.code) for one in faults_of_bucket(bucket, "eu-central-1")]


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        (Bucket("drops", "eu-central-1", has_events=True, is_versioned=True), []),
        (Bucket("drops", None), [("refused", "bucket-missing")]),
        (Bucket("drops", "us-east-1", has_events=True, is_versioned=True), [("refused", "bucket-region")]),
        (Bucket("drops", "eu-central-1", has_events=False, is_versioned=True), [("refused", "bucket-events")]),
        (Bucket("drops", "eu-central-1", has_events=True, is_versioned=False), [("warning", "bucket-versioning")]),
        (Bucket("drops", UNKNOWN), [("warning", "bucket-unread")]),
        (Bucket("drops", "eu-central-1", UNKNOWN, is_versioned=True), [("warning", "bucket-events")]),
        (Bucket("drops", "eu-central-1", True, UNKNOWN), [("warning", "bucket-versioning")]),
    ],
)
def test_a_bucket_that_cannot_serve_is_refused_and_an_unread_one_is_warned_of(bucket, expected):
    assert found(bucket) == expected


def test_without_events_the_exact_command_is_printed_and_the_refusal_can_be_allowed():
    [finding] = faults_of_bucket(Bucket("their-drops", "eu-central-1", False, True), "eu-central-1")
    assert command_for_events("their-drops") in finding.next_step
    assert finding.may_be_allowed


def test_a_bucket_in_another_region_cannot_be_allowed():
    [finding] = faults_of_bucket(Bucket("drops", "us-east-1"), "eu-central-1")
    assert not finding.may_be_allowed
