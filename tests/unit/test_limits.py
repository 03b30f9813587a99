"""The limit of processor time for hostile input."""

import pytest

from tests import limits


def test_an_input_that_is_too_slow_twice_is_reported_with_the_limit_of_this_machine(monkeypatch: pytest.MonkeyPatch):
    times = iter([1.1, 2.1])
    monkeypatch.setattr(limits, "_timed", lambda *_: ("output", next(times)))
    monkeypatch.setattr(limits, "_reference", lambda: 2 * limits.REFERENCE_SECONDS)
    with pytest.raises(limits.TooSlow, match=r"^2.1 s of processor time, which may be 2.0 s on this machine$"):
        limits.limited(lambda _: None, "input")


@pytest.mark.parametrize(("times", "reference"), [([1.0], 0.0), ([1.1, 1.0], 0.0), ([1.1, 2.0], 0.05)])
def test_a_slow_machine_or_a_slow_first_run_is_no_fault(monkeypatch: pytest.MonkeyPatch, times, reference):
    taken = iter(times)
    monkeypatch.setattr(limits, "_timed", lambda *_: ("output", next(taken)))
    monkeypatch.setattr(limits, "_reference", lambda: reference)
    assert limits.limited(lambda _: None, "input") == "output"
    assert next(taken, None) is None
