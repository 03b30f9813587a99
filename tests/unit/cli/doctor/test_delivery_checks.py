"""The checks of the buckets and the dead-letter queues."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.cli.doctor.samples import QUEUE, SOUND, finding, findings
from wardrop_cli.doctor.delivery_checks import PURGED, REDRIVEN
from wardrop_cli.doctor.findings import Severity
from wardrop_cli.doctor.readings import Bucket


def test_a_drop_bucket_that_does_not_exist_is_the_only_finding_about_it() -> None:
    readings = replace(SOUND, drop_bucket=Bucket("drops", exists=False))
    assert [each.severity for each in findings("drop-bucket", readings)] == [Severity.BROKEN]
    assert findings("drop-events", readings) == findings("drop-versioning", readings) == []


def test_the_remedy_for_missing_events_keeps_the_other_notifications_of_the_bucket() -> None:
    only = finding("drop-events", drop_bucket=replace(SOUND.drop_bucket, has_events=False))
    assert only.severity is Severity.BROKEN
    assert "get-bucket-notification-configuration" in only.remedy
    assert 'merge(@, `{"EventBridgeConfiguration": {}}`)' in only.remedy


def test_without_events_the_sweep_still_finds_files() -> None:
    only = finding("drop-events", drop_bucket=replace(SOUND.drop_bucket, has_events=False))
    assert only.meaning.startswith("Dropped files are found only by the sweep")


def test_a_bucket_without_versions_is_a_warning() -> None:
    only = finding("drop-versioning", drop_bucket=replace(SOUND.drop_bucket, is_versioned=False))
    assert only.severity is Severity.WARNING


@pytest.mark.parametrize("logical_id", sorted(REDRIVEN | PURGED))
def test_messages_in_a_dead_letter_queue_are_reported_with_their_number_and_age(logical_id: str) -> None:
    queue = replace(QUEUE, logical_id=logical_id, messages=3, oldest=timedelta(hours=50))
    only = finding("dead-letters", dead_letters=[queue])
    assert only.text == f"{logical_id} contains 3 messages, and the oldest is 2 days old."
    assert only.severity is (Severity.WARNING if logical_id == "TicksDead" else Severity.BROKEN)
    command = "start-message-move-task" if logical_id in REDRIVEN else "purge-queue"
    assert command in only.remedy


def test_the_age_of_messages_is_left_out_if_it_is_not_known() -> None:
    only = finding("dead-letters", dead_letters=[replace(QUEUE, messages=1)])
    assert only.text == "DropsDead contains 1 message."


def test_a_stack_without_any_dead_letter_queue_is_not_called_sound() -> None:
    assert finding("dead-letters", dead_letters=[]).severity is Severity.CANNOT_TELL
