"""The checks of the configurations, the guard and the quota."""

from dataclasses import replace

import pytest

from tests.unit.cli.doctor.samples import PROD, SHOP, SOUND, finding, findings
from wardrop_cli.doctor.findings import Severity
from wardrop_cli.doctor.readings import Overview, Quota


@pytest.mark.parametrize(
    ("source", "meaning"), [("last_good", "the last good document, stays in force"), ("held", "are held"), ("new", "")]
)
def test_a_configuration_that_cannot_be_read_is_broken(source: str, meaning: str) -> None:
    configuration = replace(SHOP, source=source, error="not YAML")
    only = finding("configuration", overview=Overview([PROD], [configuration]))
    assert only.severity is Severity.BROKEN
    assert only.text == "The configuration of shop cannot be read: not YAML."
    assert meaning in only.meaning
    assert only.remedy == "wardrop config show shop"


def test_a_guard_that_is_off_is_a_warning() -> None:
    only = finding("guard", overview=Overview([replace(PROD, guard="off")], [SHOP]))
    assert (only.severity, only.text) == (Severity.WARNING, "The guard is off for shop-prod.")


def test_a_guard_that_is_on_does_not_promise_a_notice_before_every_replacement() -> None:
    [only] = findings("guard", SOUND)
    assert only.text == "The guard is on for all environments that you may view."


def test_a_guard_that_the_stack_does_not_report_is_no_assurance() -> None:
    only = finding("guard", overview=Overview([replace(PROD, guard=None)], [SHOP]))
    assert only.severity is Severity.CANNOT_TELL


@pytest.mark.parametrize(("used", "severity"), [(951, Severity.WARNING), (1000, Severity.BROKEN)])
def test_a_quota_that_is_almost_or_quite_full_is_reported(used: int, severity: Severity) -> None:
    only = finding("quota", quota=Quota(used, 1000))
    assert (only.severity, only.remedy) == (severity, "wardrop clean --dry-run")
