"""Alarms on Wardrop's own queues."""

from tests.unit.health.world import alerts_of_file
from wardrop.alerts.kinds import Kind, Severity


def test_an_alarm_names_the_queue_and_the_next_step():
    [alert] = alerts_of_file("alarm_dead_letters")
    assert (alert.kind, alert.severity) == (Kind.DEAD_LETTERS, Severity.ERROR)
    assert "See the log of ReceiveDrop." in alert.text
    assert "wardrop-DropsDead-1A2B3C4D5E6F" in alert.text
    assert alert.next_step is not None
    assert "redrive or purge" in alert.next_step


def test_the_end_of_an_alarm_is_information():
    [alert] = alerts_of_file("alarm_dead_letters_gone")
    assert (alert.kind, alert.severity) == (Kind.DEAD_LETTERS_CLEARED, Severity.INFO)


def test_a_new_alarm_is_not_reported():
    assert alerts_of_file("alarm_is_new") == []
