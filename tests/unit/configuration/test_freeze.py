"""Freeze windows, in the time zones where people keep them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.configuration.freeze import frozen, window

WEEKEND = "Fri 16:00 - Mon 08:00 Asia/Seoul"
NIGHT = "22:00 - 06:00"


def seoul(day: int, hour: int, minute: int = 0) -> datetime:
    """In the week of Monday, 5 January 2026."""
    return datetime(2026, 1, day, hour, minute, tzinfo=ZoneInfo("Asia/Seoul")).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (seoul(9, 15, 59), False),
        (seoul(9, 16), True),
        (seoul(10, 12), True),
        (seoul(11, 23, 59), True),
        (seoul(12, 7, 59), True),
        (seoul(12, 8), False),
        (seoul(7, 12), False),
    ],
)
def test_a_week_end_is_frozen_from_friday_to_monday(now, expected):
    assert window(WEEKEND).holds(now) is expected


@pytest.mark.parametrize(("hour", "expected"), [(21, False), (22, True), (0, True), (5, True), (6, False), (12, False)])
def test_a_window_over_midnight_holds_every_day(hour, expected):
    for day in range(5, 12):
        assert window(NIGHT).holds(datetime(2026, 1, day, hour, tzinfo=UTC)) is expected


def test_summer_time_moves_the_window_with_the_clock_on_the_wall():
    berlin = window("08:00 - 09:00 Europe/Berlin")
    assert berlin.holds(datetime(2026, 1, 5, 7, 30, tzinfo=UTC))
    assert berlin.holds(datetime(2026, 7, 6, 6, 30, tzinfo=UTC))
    assert not berlin.holds(datetime(2026, 7, 6, 7, 30, tzinfo=UTC))


def test_the_window_that_holds_is_named():
    assert frozen([NIGHT, WEEKEND], seoul(10, 16)) == WEEKEND
    assert frozen([NIGHT, WEEKEND], seoul(8, 16)) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Fri 16:00 - Mon 08:00 Asia/Soul", "is not an IANA time zone"),
        ("Fri 16:00 - Mon 08:00 ../../etc/passwd", "is not a freeze window"),
        ("Fri 25:00 - Mon 08:00", "is not a freeze window"),
        ("Fri 16:00 - 08:00", "is not a freeze window"),
        ("Friday 16:00 - Monday 08:00", "is not a freeze window"),
        ("always", "is not a freeze window"),
        ("08:00 - 08:00", "for ever, or never"),
    ],
)
def test_what_is_no_window_is_refused_with_what_is_allowed(text, told):
    with pytest.raises(ValueError, match=told):
        window(text)


times = st.builds(lambda day, minute: (day, minute), st.sampled_from(["Mon", "Wed", "Sun"]), st.integers(0, 1439))


@given(times, times, st.datetimes(timezones=st.just(UTC)))
def test_every_moment_is_in_a_window_or_in_its_complement(start, end, now):
    if start == end:
        return
    first, second = (f"{day} {minute // 60:02}:{minute % 60:02}" for day, minute in (start, end))
    assert window(f"{first} - {second}").holds(now) is not window(f"{second} - {first}").holds(now)
