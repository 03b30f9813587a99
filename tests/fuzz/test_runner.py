"""The limit of processor time, and the input in an error."""

import pytest

from tests.fuzz import runner


def test_an_input_that_is_too_slow_twice_is_reported_with_the_limit_of_this_machine(monkeypatch: pytest.MonkeyPatch):
    times = iter([1.1, 2.1])
    monkeypatch.setattr(runner, "_time_of", lambda *_: next(times))
    monkeypatch.setattr(runner, "_reference", lambda: 2 * runner.REFERENCE_SECONDS)
    with pytest.raises(runner.TooSlow, match=r"^2.1 s of processor time, which may be 2.0 s on this machine$"):
        runner.limited(lambda _: None, "input")


@pytest.mark.parametrize(("times", "reference"), [([1.0], 0.0), ([1.1, 1.0], 0.0), ([1.1, 2.0], 0.05)])
def test_a_slow_machine_or_a_slow_first_run_is_no_fault(monkeypatch: pytest.MonkeyPatch, times, reference):
    taken = iter(times)
    monkeypatch.setattr(runner, "_time_of", lambda *_: next(taken))
    monkeypatch.setattr(runner, "_reference", lambda: reference)
    runner.limited(lambda _: None, "input")
    assert next(taken, None) is None


def test_the_input_is_known_also_if_the_error_is_flaky():
    error = ValueError("bad")
    error.fuzzed = "input"  # type: ignore[attr-defined] # as the runner does
    assert runner.input_of(error) == runner.input_of(ExceptionGroup("flaky", [error])) == "input"
    assert runner.input_of(ValueError("bad")) is None
