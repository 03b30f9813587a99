"""The table of kinds: its invariants, and the template and docs/alerts.md agree with it."""

import re

import pytest

from tests import gate
from tests.unit.alert_samples import SAMPLES
from tests.unit.samples import NOW, ROOT
from wardrop.alerts.kinds import Kind, Reach, Severity
from wardrop.alerts.model import new_alert
from wardrop.alerts.text import headline


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


DOCUMENTED = {
    kind: (severity, reach)
    for kind, severity, reach in re.findall(
        r"^\| `(\w+)` \| .+ \| ([\w ]+) \| ([\w-]+) \|$", (ROOT / "docs/alerts.md").read_text(), re.MULTILINE
    )
}
REACHES = {Reach.EDIT: "message", Reach.THREAD: "thread", Reach.MESSAGE: "e-mail", Reach.CHANNEL: "channel"}
STATED_BY_THE_ALERT = ("by health", "by event", "by effect")


def test_every_kind_is_documented_in_the_order_of_the_table():
    assert list(DOCUMENTED) == list(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_documented_with_its_severity_and_reach(kind):
    severity, reach = DOCUMENTED[kind]
    assert reach == REACHES[kind.traits.reach]
    if severity in STATED_BY_THE_ALERT:
        assert kind.traits.severity is Severity.INFO
    else:
        assert severity == kind.traits.severity
        assert {sample.severity for sample in SAMPLES if sample.kind is kind} == {kind.traits.severity}
