"""Invocations of CleanVersions by other functions."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.memory_table import MemoryTable
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.clean_ups import CleanUpRecord
from wardrop.errors import LedgerBusy, NotNow


def clean_ups(error_type: str) -> CleanUps:
    payload = json.dumps({"errorType": error_type, "errorMessage": "later"}).encode()

    def invoke(**_: Any) -> dict[str, Any]:
        return {"FunctionError": "Unhandled", "Payload": io.BytesIO(payload)}

    return CleanUps(lambda: SimpleNamespace(invoke=invoke), "clean-versions", CleanUpRecord(MemoryTable()))


@pytest.mark.parametrize("error", [NotNow, LedgerBusy])
def test_a_plan_that_needs_another_attempt_is_no_error(error: type[NotNow]):
    with pytest.raises(NotNow, match="later"):
        clean_ups(error.__name__).plan(None)


def test_any_other_error_of_the_plan_flies():
    with pytest.raises(RuntimeError, match="ValueError"):
        clean_ups("ValueError").plan(None)
