"""Alarms as evidence: which alarms count, and how the reasons name them."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW
from wardrop.evidence.alarms import (
    Alarm,
    AlarmsReading,
    AlarmState,
    RaisedAlarm,
    WatchedAlarms,
    newly_raised,
    none_counts_clause,
    raised_sentence,
    reading_of,
    start_clause,
    watched_from,
)

ENTRIES = ["shop-5xx", "shop-latency-*"]
ALARM = AlarmState.ALARM


def alarm(name: str = "shop-5xx", state: AlarmState = ALARM, seconds: float = 0, reason: str = "") -> Alarm:
    return Alarm(name, state, NOW + timedelta(seconds=seconds), reason)


def reading(*alarms: Alarm) -> AlarmsReading:
    return reading_of(ENTRIES, alarms)


def raised(watched: WatchedAlarms, *alarms: Alarm) -> list[str]:
    return [each.name for each in newly_raised(watched, reading(*alarms), NOW)]


QUIET = reading(alarm(state=AlarmState.OK), alarm("shop-latency-p99", AlarmState.OK))


def test_a_pattern_is_replaced_by_the_names_that_match_at_the_start():
    watched = watched_from(ENTRIES, QUIET)
    assert watched == WatchedAlarms(entries=["shop-5xx", "shop-latency-p99"], before=[])


def test_a_pattern_without_a_match_remains_a_pattern():
    watched = watched_from(ENTRIES, reading(alarm(state=AlarmState.OK)))
    assert watched.entries == ENTRIES


def test_if_the_alarms_cannot_be_read_at_the_start_the_configured_entries_are_watched():
    assert watched_from(ENTRIES, AlarmsReading(unread="throttled")) == WatchedAlarms(entries=ENTRIES, before=None)


def test_an_alarm_that_goes_into_alarm_counts_once():
    watched = watched_from(ENTRIES, QUIET)
    [first] = newly_raised(watched, reading(alarm(seconds=60, reason="too many errors.")), NOW)
    assert first == RaisedAlarm(name="shop-5xx", at=NOW + timedelta(seconds=60), reason="too many errors.")
    assert raised(watched.with_raised([first]), alarm(seconds=60)) == []


def test_an_alarm_that_was_in_alarm_before_does_not_count_even_if_it_was_ok_in_between():
    watched = watched_from(ENTRIES, reading(alarm(seconds=-60)))
    assert raised(watched, alarm(seconds=-60)) == []
    assert raised(watched, alarm(seconds=600)) == []
    assert raised(watched, alarm("shop-latency-p99")) == ["shop-latency-p99"]


def test_without_a_reading_before_the_update_the_time_of_the_change_decides():
    watched = WatchedAlarms(entries=ENTRIES)
    assert raised(watched, alarm(seconds=-1)) == []
    assert raised(watched, alarm(seconds=1)) == ["shop-5xx"]


names = st.sampled_from(["shop-5xx", "shop-latency-p50", "shop-latency-p99"])
alarms = st.lists(
    st.builds(
        Alarm, names, st.sampled_from(AlarmState), st.timedeltas(timedelta(-1), timedelta(1)).map(lambda age: NOW + age)
    ),
    unique_by=lambda each: each.name,
)


@given(before=alarms, later=st.lists(alarms))
def test_no_alarm_that_was_in_alarm_before_ever_counts(before, later):
    watched = watched_from(ENTRIES, reading(*before))
    were_in_alarm = {each.name for each in before if each.state is ALARM}
    for looked_at in later:
        found = newly_raised(watched, reading(*looked_at), NOW)
        in_alarm = {each.name for each in looked_at if each.state is ALARM}
        counted = {each.name for each in watched.raised} | {each.name for each in found}
        assert not counted & were_in_alarm
        assert in_alarm - were_in_alarm <= counted
        watched = watched.with_raised(found)


def test_missing_and_unread_alarms_are_unknown_and_insufficient_data_is_not():
    assert QUIET.unknown is None
    assert reading(alarm(state=AlarmState.INSUFFICIENT_DATA), alarm("shop-latency-a", AlarmState.OK)).unknown is None
    assert AlarmsReading(unread="CloudWatch throttled the call").unknown == (
        "cannot tell whether an alarm was raised, because CloudWatch throttled the call"
    )
    assert reading(alarm("shop-latency-p99", AlarmState.OK)).unknown == (
        "cannot tell whether an alarm was raised, because there is no metric alarm or composite alarm shop-5xx in this "
        "region"
    )


def test_the_sentence_names_the_alarm_the_time_and_the_reason_on_one_line():
    [found] = newly_raised(watched_from(ENTRIES, QUIET), reading(alarm(reason="5 errors\nin 1 min." + "x" * 300)), NOW)
    sentence = raised_sentence([found])
    assert sentence.startswith("the alarm shop-5xx went into ALARM at 03:04:05 (5 errors in 1 min.xxx")
    assert len(sentence) < 300
    assert "\n" not in sentence


def test_a_sentence_names_at_most_three_alarms():
    many = [alarm(f"shop-latency-{number}") for number in range(10)]
    found = newly_raised(WatchedAlarms(entries=ENTRIES, before=[]), reading(*many), NOW)
    assert raised_sentence(found).endswith("the alarm shop-latency-2 went into ALARM at 03:04:05 and 7 more")
    assert "shop-latency-2 and 7 more" in start_clause(reading(*many))


def test_the_reason_of_a_start_names_the_alarms_that_do_not_count():
    assert start_clause(QUIET) == ""
    assert start_clause(reading(alarm(), alarm("shop-latency-p99", AlarmState.OK))) == (
        "alarms that are already in ALARM do not count for this deployment: shop-5xx"
    )
    assert start_clause(AlarmsReading(unread="CloudWatch throttled the call")) == (
        "cannot tell which alarms are in ALARM already, because CloudWatch throttled the call"
    )


def test_the_proof_names_the_alarms_that_did_not_count():
    assert none_counts_clause(WatchedAlarms(entries=ENTRIES)) == "no alarm counts against it"
    assert none_counts_clause(WatchedAlarms(entries=ENTRIES, before=[])) == "no alarm counts against it"
    assert none_counts_clause(WatchedAlarms(entries=ENTRIES, before=["shop-5xx"])) == (
        "no alarm counts against it (not counted, because in ALARM before the update: shop-5xx)"
    )
    many = WatchedAlarms(entries=ENTRIES, before=[f"shop-latency-{number}" for number in range(5)])
    assert none_counts_clause(many).endswith("shop-latency-2 and 2 more)")
