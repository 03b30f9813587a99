"""docs/alerts.md tells of every kind of alert, with the severity that it has."""

import re

from tests.unit.alert_samples import SAMPLES
from tests.unit.samples import ROOT
from wardrop.alerts.model import Kind

ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| ([^|]+) \|$", re.MULTILINE)


def documented() -> dict[str, str]:
    """Each kind with what its row says of severity; `_failed` continues the name before it."""
    found = {}
    for names, severity in ROW.findall((ROOT / "docs/alerts.md").read_text()):
        first = ""
        for name in re.findall(r"`(\w+)`", names):
            first = first or name.split("_")[0]
            found[first + name if name.startswith("_") else name] = severity
    del found["kind"]  # the table's head
    return found


def test_every_kind_is_documented_and_nothing_else():
    assert set(documented()) == set(Kind)


def test_with_the_severity_that_it_has():
    severities = documented()
    for sample in SAMPLES:
        assert sample.severity in severities[sample.kind], sample.kind
