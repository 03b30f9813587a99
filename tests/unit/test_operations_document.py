"""docs/operations.md says for each state of a deployment and for each alert what to do."""

import re

import pytest

from tests.unit.samples import ROOT
from wardrop.alerts.kinds import Kind, Severity
from wardrop.deployments.state import State

DOCUMENT = (ROOT / "docs/operations.md").read_text("utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The cells after the first one, by each name in the first one."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {name: cells[1:] for cells in lines for name in re.findall(r"`(\w+)`", cells[0])}


STATES = rows("The states of a deployment")
ALERTS = rows("The alerts")


def test_every_state_of_a_deployment_is_in_the_runbook():
    assert set(STATES) == set(State)


def test_every_kind_of_alert_is_in_the_runbook():
    assert set(ALERTS) == set(Kind)


@pytest.mark.parametrize("state", State)
def test_the_runbook_says_what_a_state_means_and_what_to_do(state):
    assert [cell for cell in STATES[state][:2] if len(cell) < len("No action is needed.")] == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.traits.severity is not Severity.INFO])
def test_the_runbook_names_an_action_and_a_command_for_each_warning_and_error(kind):
    action, *command = ALERTS[kind]
    assert action != "No action is needed."
    assert re.match(r"^`wardrop \w", command[0]), kind
