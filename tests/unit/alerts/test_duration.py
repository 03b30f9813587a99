"""Durations, as people read them."""

from datetime import timedelta

import pytest

from wardrop.alerts.duration import lasting


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (40, "40 s"),
        (720, "12 min"),
        (725, "12 min 5 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
        (183600, "2 d 3 h"),
    ],
)
def test_durations_are_told_in_two_units(seconds, told):
    assert lasting(timedelta(seconds=seconds)) == told
