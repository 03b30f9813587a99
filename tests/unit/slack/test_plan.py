"""The message of a thread, its replies, and the alerts that are summarized."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW
from tests.unit.slack.test_message import notification
from tests.unit.slack.world import STEPS, change, rejected
from wardrop.alerts.kinds import Kind
from wardrop.slack.plan import late, plan
from wardrop.slack.thread import Thread

CHANGES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([*STEPS, Kind.DEPLOYMENT_FAILED])), max_size=6)


@given(st.lists(CHANGES, max_size=4))
def test_a_message_never_shows_an_older_change_and_the_thread_has_every_change(batches):
    thread, shown, entries = Thread(), -1, []
    for batch in batches:
        unsent = thread.unsent(notification(change(number, kind)) for number, kind in batch)
        planned = plan(thread, unsent)
        if planned.show:
            assert planned.show.alert.change >= shown
            shown = planned.show.alert.change
            thread = msgspec.structs.replace(thread, ts="1.0", change=shown)
        assert shown == max([shown, *(one.alert.change for one in unsent)])
        entries += planned.entries
        thread = msgspec.structs.replace(
            thread.with_alerts((one.alert for one in unsent), NOW), first_entry=planned.first_entry
        )
    everything = "\n".join([*entries, thread.first_entry or ""])
    for number, kind in {one for batch in batches for one in batch}:
        assert kind is Kind.DEPLOYMENT_PROGRESSED or f"change {number}" in everything


@pytest.mark.parametrize(("late_by", "is_late"), [(timedelta(minutes=10), False), (timedelta(minutes=10.01), True)])
def test_alerts_older_than_ten_minutes_are_late(late_by, is_late):
    assert bool(late([notification(rejected(1)), notification(rejected(2))], NOW + late_by)) is is_late


def test_a_single_alert_is_never_late():
    assert late([notification(rejected(1))], NOW + timedelta(hours=1)) == []
