"""The wiring names a missing or empty variable, and makes an object only when it is used."""

import sys
from datetime import timedelta
from subprocess import run

import pytest

from bench.cold_starts import VARIABLES
from tests.unit.functions import FUNCTIONS, variables_read
from tests.unit.samples import ROOT
from wardrop.errors import Misconfigured
from wardrop.variables import Variables
from wardrop.wiring import Wiring


def test_a_missing_variable_is_named_when_it_is_needed():
    wiring = Wiring({})
    with pytest.raises(Misconfigured, match="the environment variable DEAD_LETTERS_URL is missing"):
        _ = wiring.dead_letters


def test_an_empty_variable_is_none_only_where_a_parameter_may_be_empty():
    variables = Variables({"SLACK_CHANNEL": "", "LEDGER_TABLE": ""})
    assert variables.optional("SLACK_CHANNEL") is None
    assert variables.text_or_empty("SLACK_CHANNEL") == ""
    with pytest.raises(Misconfigured, match="LEDGER_TABLE is empty"):
        variables.text("LEDGER_TABLE")


def test_seconds_are_a_whole_number():
    assert Variables({"SETTLE_SECONDS": "180"}).seconds("SETTLE_SECONDS") == timedelta(minutes=3)
    with pytest.raises(Misconfigured, match="SETTLE_SECONDS must be a number of seconds; it is 3 min"):
        Variables({"SETTLE_SECONDS": "3 min"}).seconds("SETTLE_SECONDS")


def test_a_verb_is_made_once():
    wiring = Wiring({"DEAD_LETTERS_URL": "https://sqs/dead"})
    assert wiring.dead_letters is wiring.dead_letters


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_post_to_slack_loads_slacks_sdk(function):
    program = f"import sys; sys.path.insert(0, 'functions/{function}'); import app; print('slack_sdk' in sys.modules)"
    environment = {"PYTHONPATH": "layers/wardrop", "POWERTOOLS_SERVICE_NAME": "unit", "PATH": ""}
    shown = run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == str(function == "post_to_slack")


def test_every_function_reads_the_ledgers_name():
    assert all("LEDGER_TABLE" in variables_read(function) for function in FUNCTIONS)


def test_the_bench_of_cold_starts_sets_every_variable_that_a_function_reads():
    assert {variable for function in FUNCTIONS for variable in variables_read(function)} <= set(VARIABLES)
