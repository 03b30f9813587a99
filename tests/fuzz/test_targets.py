"""Every target, for a few seconds each. `make fuzz` takes longer."""

import time

import pytest

from tests.fuzz.runner import fuzz
from tests.fuzz.targets import TARGETS

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::UserWarning:zipfile")]

SECONDS = 60 / len(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_crashes_the_code_takes_long_or_is_shown_without_limits(name: str, capsys: pytest.CaptureFixture[str]):
    inputs = fuzz(TARGETS[name], SECONDS, int(time.time()))
    capsys.readouterr()  # the functions write metrics for every input
    assert inputs > 0
