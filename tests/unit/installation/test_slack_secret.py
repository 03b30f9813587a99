"""The form of the Slack secret."""

import pytest

from installation.findings import CannotTell, described
from installation.slack_secret import faults_of_secret

TOKEN = '{"bot_token": "xoxb-1-SECRET"}'
WEBHOOK = '{"webhook_url": "https://hooks.slack.com/services/SECRET"}'


@pytest.mark.parametrize(
    ("secret", "channel", "expected"),
    [
        (TOKEN, "#ops", []),
        (WEBHOOK, "", []),
        (TOKEN, "", [("warning", "slack-channel")]),
        (WEBHOOK, "#ops", [("warning", "slack-channel")]),
        (None, "#ops", [("refused", "slack-secret")]),
        (CannotTell("you may not"), "#ops", [("warning", "slack-secret")]),
        ("xoxb-1-SECRET", "#ops", [("refused", "slack-secret")]),
        ('{"token": "xoxb-1-SECRET"}', "#ops", [("refused", "slack-secret")]),
        ('{"bot_token": "xoxp-1-SECRET"}', "#ops", [("refused", "slack-secret")]),
        ('{"webhook_url": "http://hooks.slack.com/SECRET"}', "", [("refused", "slack-secret")]),
    ],
)
def test_a_secret_of_the_wrong_form_is_refused_and_never_shown(secret, channel, expected):
    findings = faults_of_secret(secret, channel)
    assert [(one.severity.value, one.code) for one in findings] == expected
    assert "SECRET" not in "".join(map(described, findings))
