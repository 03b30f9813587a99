"""The checks of each environment."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.cli.doctor.samples import INSTALLED, PROD, SHOP, finding
from wardrop_cli.doctor.findings import Severity
from wardrop_cli.doctor.readings import FailedUpdate, Overview, Platform

MONDAY = datetime(2026, 11, 23, 4, tzinfo=UTC)


def test_a_deployment_that_takes_the_service_down_is_a_warning_with_a_plan_as_the_remedy() -> None:
    sentence = "a deployment takes the service down for a while: the policy is AllAtOnce"
    down = replace(PROD, availability=sentence, interruption="the policy is AllAtOnce")
    only = finding("availability", overview=Overview([down], [SHOP]))
    assert (only.severity, only.text) == (Severity.WARNING, f"shop-prod: {sentence}.")
    assert only.remedy.startswith("wardrop plan shop-prod --set aws:elasticbeanstalk:command:DeploymentPolicy=")


@pytest.mark.parametrize(
    ("instances", "policy"), [({"shop-1": 3, "none": 1}, "Rolling"), ({"shop-1": 1}, "Immutable"), (None, "Immutable")]
)
def test_the_proposed_policy_is_one_that_the_environment_can_have(
    instances: dict[str, int] | None, policy: str
) -> None:
    down = replace(PROD, availability="x", interruption="the policy is AllAtOnce", instances=instances)
    only = finding("availability", overview=Overview([down], [SHOP]))
    assert only.remedy.endswith(f":DeploymentPolicy={policy}")


def test_settings_that_wardrop_has_not_read_yet_are_no_assurance() -> None:
    only = finding("availability", overview=Overview([replace(PROD, availability=None)], [SHOP]))
    assert only.severity is Severity.CANNOT_TELL


def test_a_fleet_that_was_not_read_is_neither_an_assurance_nor_a_warning() -> None:
    unclear = replace(PROD, availability="x", availability_doubt="the number of instances was not read", instances=None)
    only = finding("availability", overview=Overview([unclear], [SHOP]))
    assert (only.severity, only.remedy) == (Severity.CANNOT_TELL, "wardrop status shop-prod")


def test_basic_health_is_a_warning() -> None:
    only = finding("health", installed=[replace(INSTALLED, has_enhanced_health=False)])
    assert only.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        (Platform("Tomcat 8.5", "Retired", is_recommended=False), "whose branch is retired"),
        (Platform("Tomcat 8.5", "Retired", is_recommended=True), "whose branch is retired"),
        (Platform("Tomcat 9", "Deprecated", is_recommended=True), "whose branch is deprecated"),
        (Platform("Tomcat 10.1", "Supported", is_recommended=False), "does not recommend any more"),
    ],
)
def test_an_old_platform_is_a_warning(platform: Platform, text: str) -> None:
    only = finding("platform", installed=[replace(INSTALLED, platform=platform)])
    assert only.severity is Severity.WARNING
    assert text in only.text


def test_a_platform_without_a_stated_lifecycle_is_no_assurance() -> None:
    platform = Platform("custom", "", is_recommended=True)
    assert finding("platform", installed=[replace(INSTALLED, platform=platform)]).severity is Severity.CANNOT_TELL


def test_managed_updates_that_keep_failing_are_reported_with_the_last_reason() -> None:
    failed = [FailedUpdate(MONDAY, "No capacity."), FailedUpdate(MONDAY, "Timeout.")]
    only = finding("managed-updates", installed=[replace(INSTALLED, failed_updates=failed)])
    assert only.severity is Severity.WARNING
    assert only.text == "The last managed update of shop-prod failed on 2026-11-23 and 1 before it: No capacity."
