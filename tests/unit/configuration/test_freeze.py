"""Freeze windows in their time zones."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.configuration.freeze import active_window, parse_window

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
def test_a_weekly_window_lasts_from_friday_to_monday(now, expected):
    assert parse_window(WEEKEND).contains(now) is expected


@pytest.mark.parametrize(("hour", "expected"), [(21, False), (22, True), (0, True), (5, True), (6, False), (12, False)])
def test_a_daily_window_may_include_midnight(hour, expected):
    for day in range(5, 12):
        assert parse_window(NIGHT).contains(datetime(2026, 1, day, hour, tzinfo=UTC)) is expected


def test_a_window_follows_local_time_when_summer_time_begins():
    berlin = parse_window("08:00 - 09:00 Europe/Berlin")
    assert berlin.contains(datetime(2026, 1, 5, 7, 30, tzinfo=UTC))
    assert berlin.contains(datetime(2026, 7, 6, 6, 30, tzinfo=UTC))
    assert not berlin.contains(datetime(2026, 7, 6, 7, 30, tzinfo=UTC))


def test_the_active_window_is_named_as_configured():
    assert active_window([NIGHT, WEEKEND], seoul(10, 16)) == WEEKEND
    assert active_window([NIGHT, WEEKEND], seoul(8, 16)) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Fri 16:00 - Mon 08:00 Asia/Soul", "is not an IANA time zone"),
        ("Fri 16:00 - Mon 08:00 ../../etc/passwd", "is not a freeze window"),
        ("Fri 25:00 - Mon 08:00", "is not a freeze window"),
        ("Fri 16:00 - 08:00", "is not a freeze window"),
        ("Friday 16:00 - Monday 08:00", "is not a freeze window"),
        ("always", "is not a freeze window"),
        ("08:00 - 08:00", "could mean always or never"),
    ],
)
def test_anything_else_is_refused_with_the_allowed_forms(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_window(text)


times = st.builds(lambda day, minute: (day, minute), st.sampled_from(["Mon", "Wed", "Sun"]), st.integers(0, 1439))


@given(times, times, st.datetimes(timezones=st.just(UTC)))
def test_every_moment_is_in_a_window_or_in_its_complement(start, end, now):
    if start == end:
        return
    first, second = (f"{day} {minute // 60:02}:{minute % 60:02}" for day, minute in (start, end))
    assert parse_window(f"{first} - {second}").contains(now) is not parse_window(f"{second} - {first}").contains(now)
