"""The table of kinds: its invariants, and what the template and docs/alerts.md repeat of it."""

import re

import pytest

from tests import gate
from tests.unit.alert_samples import SAMPLES
from tests.unit.samples import NOW, ROOT
from wardrop.alerts.kinds import Kind, Reach, Severity
from wardrop.alerts.model import new_alert
from wardrop.alerts.text import headline

ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| ([^|]+) \|$", re.MULTILINE)


@pytest.mark.parametrize("kind", Kind)
def test_every_headline_is_complete_even_if_the_alert_states_nothing(kind):
    assert "{" not in headline(new_alert(kind, "x", NOW, "why"))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.traits.severity is not Severity.INFO])
def test_warnings_and_errors_are_e_mailed_and_posted(kind):
    assert kind.traits.reach >= Reach.MESSAGE


def test_the_e_mail_subscription_leaves_out_the_kinds_that_reach_threads_only():
    subscription = gate.expand(gate.TEMPLATE.read_text())["Resources"]["AlertByEmail"]["Properties"]
    # Messages without a kind come from CloudWatch alarms.
    expected = {kind for kind in Kind if kind.traits.reach is Reach.THREAD}
    without, others = subscription["FilterPolicy"]["kind"]
    assert without == {"exists": False}
    assert set(others["anything-but"]) == expected


def documented() -> dict[str, str]:
    """Each kind with the severity in its row; `_failed` continues the name before it."""
    severities = {}
    for names, severity in ROW.findall((ROOT / "docs/alerts.md").read_text()):
        first = ""
        for name in re.findall(r"`(\w+)`", names):
            first = first or name.split("_")[0]
            severities[first + name if name.startswith("_") else name] = severity
    del severities["kind"]  # the table's head
    return severities


def test_every_kind_is_documented_and_nothing_else():
    assert set(documented()) == set(Kind)


def test_every_kind_is_documented_with_its_severity():
    severities = documented()
    for sample in SAMPLES:
        assert sample.severity in severities[sample.kind], sample.kind
