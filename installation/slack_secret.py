"""Checks the Slack secret with the same code that reads it in Lambda. No message contains any part of the secret."""

from installation.findings import CannotTell, Finding, refusal, unread, warning
from wardrop.slack.client import Bot, connect
from wardrop.slack.errors import CredentialsRefused

FORM = '{"bot_token": "xoxb-..."} or {"webhook_url": "https://..."}'


def faults_of_secret(secret: str | CannotTell | None, channel: str) -> list[Finding]:
    """`secret` is None if the secret does not exist or has no string value."""
    match secret:
        case None:
            return [refusal("slack-secret", "There is no secret with the ARN in SlackSecretArn.", f"Create it: {FORM}")]
        case CannotTell() as unknown:
            return [unread("slack-secret", "whether the Slack secret has the right form", unknown)]
    try:
        slack = connect(secret)
    except CredentialsRefused as error:
        return [refusal("slack-secret", f"SlackSecretArn cannot be used: {error}.", f"The secret must be {FORM}.")]
    if isinstance(slack, Bot):
        return _faults_of_bot(secret, channel)
    if channel:
        text = f"SlackChannel={channel} has no effect, because the secret contains a webhook."
        return [warning("slack-channel", text, "A webhook has its own channel. Set SlackChannel to nothing.")]
    return []


def _faults_of_bot(secret: str, channel: str) -> list[Finding]:
    if '"xoxb-' not in secret:
        text = "The token in the Slack secret is not a bot token, because bot tokens begin with xoxb-."
        return [refusal("slack-secret", text, "Use the Bot User OAuth Token of the Slack app.")]
    if not channel:
        text = "SlackChannel is empty. Slack gets no alerts about applications whose configuration names no channel."
        return [warning("slack-channel", text, 'Set SlackChannel, for example to "#deployments".')]
    return []
