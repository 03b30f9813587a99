"""The checks of the stack, its version, its rules and its schedules."""

from dataclasses import replace

import pytest

from tests.unit.cli.doctor.samples import MAPPING, RULE, SCHEDULE, finding, findings
from tests.unit.cli.doctor.samples import SOUND as READINGS
from wardrop_cli.doctor.findings import Severity
from wardrop_cli.doctor.readings import NotAnswered, Stack


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        ("ROLLBACK_COMPLETE", Severity.BROKEN),
        ("UPDATE_ROLLBACK_FAILED", Severity.BROKEN),
        ("DELETE_FAILED", Severity.BROKEN),
        ("A_STATE_OF_THE_FUTURE", Severity.BROKEN),
        ("UPDATE_ROLLBACK_COMPLETE", Severity.WARNING),
        ("UPDATE_IN_PROGRESS", Severity.WARNING),
    ],
)
def test_a_stack_that_is_not_complete_is_reported(status: str, severity: Severity) -> None:
    only = finding("stack", stack=Stack(status, {"DownstreamAccess": "operations-role"}))
    assert only.severity is severity
    assert status in only.text
    assert only.remedy.startswith("aws cloudformation describe-stack-events --stack-name wardrop")


@pytest.mark.parametrize("version", [None, "0.0.9", "2.0.0"])
def test_another_version_of_the_stack_is_a_warning(version: str | None) -> None:
    only = finding("version", stack_version=version)
    assert only.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("switch", "remedy"),
    [
        (replace(RULE, state="DISABLED"), "aws events enable-rule --name wardrop-ObjectCreated-1A"),
        (replace(SCHEDULE, state="DISABLED"), "aws scheduler update-schedule"),
        (replace(MAPPING, state="Disabled"), "aws lambda update-event-source-mapping --uuid 0b7a --enabled"),
    ],
)
def test_what_is_disabled_is_broken_and_the_remedy_enables_it(switch, remedy) -> None:
    others = [each for each in (RULE, SCHEDULE, MAPPING) if each.logical_id != switch.logical_id]
    only = finding("rules", switches=[*others, switch])
    assert only.severity is Severity.BROKEN
    assert only.remedy.startswith(remedy)
    assert [each.severity for each in findings("rules", replace(READINGS, switches=[*others, switch]))] == [
        Severity.BROKEN
    ]


@pytest.mark.parametrize("logical_id", ["ObjectCreated", "Sweep"])
def test_the_events_and_the_sweep_find_files_independently_of_each_other(logical_id: str) -> None:
    only = finding("rules", switches=[replace(RULE, logical_id=logical_id, state="DISABLED")])
    assert "Dropped files" in only.meaning
    assert "are not processed" not in only.meaning


def test_a_stack_without_any_rule_is_not_called_sound() -> None:
    assert finding("rules", switches=[]).severity is Severity.CANNOT_TELL


def test_a_stack_that_does_not_answer_is_broken_with_the_advice_as_the_remedy() -> None:
    only = finding("requests", overview=NotAnswered("Lambda throttles the requests", "Try again in a moment."))
    assert (only.severity, only.remedy) == (Severity.BROKEN, "Try again in a moment.")
