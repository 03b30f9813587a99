"""The checks of the Slack secret and of the posts."""

from dataclasses import replace

import pytest

from tests.unit.cli.doctor.samples import SLACK, finding
from wardrop_cli.doctor.findings import Severity
from wardrop_cli.doctor.readings import SecretFault


@pytest.mark.parametrize("fault", SecretFault)
def test_a_secret_that_cannot_be_used_is_broken_with_the_reason(fault: SecretFault) -> None:
    only = finding("slack", slack=replace(SLACK, secret=fault))
    assert only.severity is Severity.BROKEN
    assert fault in only.text
    assert SLACK.arn in only.remedy


def test_a_bot_without_a_channel_is_a_warning() -> None:
    assert finding("slack", slack=replace(SLACK, channel="")).severity is Severity.WARNING


def test_no_slack_at_all_is_a_warning() -> None:
    assert finding("slack", slack=None).severity is Severity.WARNING


def test_posts_that_slack_does_not_accept_are_broken() -> None:
    only = finding("slack-posts", slack=replace(SLACK, late=True))
    assert (only.severity, only.remedy.startswith("aws logs tail")) == (Severity.BROKEN, True)
    assert only.text == "A post to Slack has waited for more than 15 minutes."
