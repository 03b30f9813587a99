"""The runner reports violations of its rules, so that a fault of the code fails a run."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.fuzz import runner
from tests.fuzz.oracle import SECRET, check_line
from tests.fuzz.runner import TooSlow, fuzz, kept, limited, restored
from tests.fuzz.target import Target

pytestmark = pytest.mark.real


def _takes(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        random.random()  # noqa: S311 - uses the processor


def _uses(bytes_: int) -> None:
    assert len(bytearray(bytes_)) == bytes_


def test_an_input_that_takes_too_long_fails():
    with pytest.raises(TooSlow):
        limited(_takes, runner.MAX_SECONDS * 1.2)


def test_an_input_that_never_ends_is_interrupted():
    with pytest.raises(TooSlow, match="interrupted after 2 s"):
        limited(_takes, 600, stopped_after=2)


def test_an_input_that_uses_too_much_memory_fails():
    limited(_uses, runner.MAX_BYTES // 4)
    with pytest.raises(MemoryError):
        limited(_uses, runner.MAX_BYTES * 2)


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31m", "\u202e", "x" * 10_000, f"password {SECRET}"])
def test_a_text_that_must_not_be_shown_fails(text: str):
    with pytest.raises(AssertionError):
        check_line(text)


def test_the_input_that_fails_is_shrunk_and_can_be_run_again(tmp_path: Path):
    def fails(value: int) -> None:
        assert value < 1_000, value

    with pytest.raises(AssertionError) as caught:
        fuzz(Target(st.integers(0, 10**6), fails), 5, 1)
    value = caught.value.fuzzed
    assert value == 1_000
    assert restored(kept(tmp_path, "integers", value)) == value
