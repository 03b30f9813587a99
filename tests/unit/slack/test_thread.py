"""The record of a thread."""

from tests.unit.samples import NOW
from tests.unit.slack.test_message import deployed, notification
from tests.unit.slack.world import change, incident, rejected
from wardrop.alerts.kinds import Kind
from wardrop.slack.thread import MAX_ALERT_IDS, Thread, by_subject


def test_only_the_last_ids_are_kept():
    thread = Thread()
    for number in range(2 * MAX_ALERT_IDS):
        thread = thread.with_alerts([change(number)], NOW)
    assert len(thread.alert_ids) == MAX_ALERT_IDS
    assert thread.alert_ids[-1] == change(2 * MAX_ALERT_IDS - 1).alert_id


def test_unsent_alerts_are_in_order_and_each_is_there_once():
    thread = Thread().with_alerts([change(1)], NOW)
    arrived = [notification(alert) for alert in (change(3), change(1), change(2), change(3))]
    assert [one.alert for one in thread.unsent(arrived)] == [change(3), change(2)]


def test_the_subject_is_the_deployment_the_incident_or_the_alert_itself():
    alerts = [change(1), incident(1), rejected(1), change(2), deployed(Kind.DEPLOYMENT_STARTED, "", deployment="d-2")]
    subjects = by_subject(map(notification, alerts))
    assert list(subjects) == ["20260102T030405-shop", "i-1", rejected(1).alert_id, "d-2"]
    assert [one.alert for one in subjects["20260102T030405-shop"]] == [change(1), change(2)]
