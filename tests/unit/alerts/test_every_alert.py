"""The e-mails and the messages in Slack for every kind of alert and for every event of Beanstalk."""

import pytest
from msgspec import to_builtins

from tests import pictures
from tests.snapshots import Snapshot
from tests.unit.alert_samples import SAMPLES, notification
from tests.unit.health.world import alerts_of_file
from tests.unit.samples import event_files
from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert
from wardrop.slack.message import message

EVENTS = [name for name, event in event_files("watch_environments").items() if "Records" in event]


def read(snapshot: Snapshot, name: str, alerts: list[Alert]) -> None:
    notifications = [notification(one) for one in alerts]
    letters = [f"Subject: {one.subject}\n\n{one.text}\n" for one in map(publication, notifications)]
    snapshot(name, f"\n{'=' * 80}\n\n".join(letters))
    snapshot(name, [to_builtins(message(one)) for one in notifications])


def test_there_is_a_sample_of_each_kind():
    assert {one.kind for one in SAMPLES} == set(Kind)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.kind))
def test_each_kind_is_read_so(snapshot, sample):
    read(snapshot, str(sample.kind), [sample])


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_that_tells_something_is_read_so(snapshot, name):
    if alerts := alerts_of_file(name):
        read(snapshot, f"event-{name}", alerts)


def test_these_events_tell_people_nothing(snapshot):
    snapshot("events-that-tell-nothing", "".join(f"{name}\n" for name in EVENTS if not alerts_of_file(name)))


def test_the_document_shows_every_alert_as_it_is_read_now():
    """If this fails, run `make pictures`."""
    assert pictures.DOCUMENT.read_text("utf-8") == pictures.document()
    assert {path.stem for path in pictures.FOLDER.glob("*.png")} == set(pictures.pictures())
