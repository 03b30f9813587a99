"""The limit of processor time for hostile input."""

import pytest

from tests import limits


def limited_with(times: list[float], reference: float, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """Returns the output and the number of runs that were not made. `times` has the processor time of each run."""
    remaining = iter(times)
    monkeypatch.setattr(limits, "_timed", lambda *_: ("output", next(remaining)))
    monkeypatch.setattr(limits, "_reference", lambda: reference * limits.REFERENCE_SECONDS)
    return limits.limited(lambda _: "", "input"), len(list(remaining))


def test_an_input_that_is_too_slow_in_every_run_is_reported_with_the_limit_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
):
    with pytest.raises(limits.TooSlow, match=r"^2.1 s of processor time, which may be 2.0 s on this machine$"):
        limited_with([2.4, 2.3, 2.1, *[2.2] * (limits.MORE_RUNS - 2)], 2, monkeypatch)


@pytest.mark.parametrize(
    ("times", "reference"),
    [([1.0], 1), ([1.1, *[3.0] * (limits.MORE_RUNS - 1), 1.0], 0.5), ([2.1, 2.1, 2.0], 2)],
    ids=["fast", "fast in one run", "on a slow machine"],
)
def test_a_slow_machine_or_a_run_that_others_slowed_down_is_no_fault(monkeypatch, times, reference):
    assert limited_with(times, reference, monkeypatch) == ("output", 0)
