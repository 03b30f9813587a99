"""Runs every target for a few seconds. `make fuzz` runs them longer."""

import time

import pytest

from tests.fuzz.runner import FOLDER, fuzz, input_of, kept
from tests.fuzz.targets import TARGETS

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::UserWarning:zipfile")]

SECONDS = 60 / len(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_is_processed_without_an_error_in_time_and_shown_within_limits(
    name: str, capsys: pytest.CaptureFixture[str]
):
    seed = int(time.time())
    try:
        inputs = fuzz(TARGETS[name], SECONDS, seed)
    except Exception as error:  # raised again, with the input that caused it
        value = input_of(error)
        error.add_note(f"seed {seed}; again: make fuzz TARGET={kept(FOLDER, name, value)}")
        raise
    capsys.readouterr()  # The functions print metrics for every input.
    assert inputs > 0
