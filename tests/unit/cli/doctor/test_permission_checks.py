"""The checks of Wardrop's permissions in environments."""

from dataclasses import replace

from tests.unit.cli.doctor.samples import INSTALLED, SOUND, finding, findings
from wardrop_cli.doctor.findings import Severity
from wardrop_cli.doctor.readings import Rights, Stack


def test_denied_actions_are_named() -> None:
    only = finding("rights", rights=Rights(("s3:GetObject",), "shop-prod"))
    assert (only.severity, only.text) == (
        Severity.BROKEN,
        "AWS denies these actions to the role of AdvanceDeployment: s3:GetObject.",
    )


def test_rights_are_asserted_only_for_the_environment_that_was_simulated() -> None:
    text = "IAM allows the role of AdvanceDeployment to update shop-prod and to read the release bucket."
    assert [each.text for each in findings("rights", SOUND)] == [text]


def test_an_environment_without_an_operations_role_is_named_with_the_command() -> None:
    only = finding("operations-roles", installed=[INSTALLED, replace(INSTALLED, name="x", has_operations_role=False)])
    assert only.severity is Severity.BROKEN
    assert only.text == "These environments have no operations role: x."
    assert "--environment-name x" in only.remedy


def test_operations_roles_are_not_checked_if_the_stack_does_not_use_them() -> None:
    managed = Stack("CREATE_COMPLETE", {"DownstreamAccess": "managed-policy"})
    assert findings("operations-roles", replace(SOUND, stack=managed)) == []
