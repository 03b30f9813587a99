"""The errors of calls to Slack. Each class tells the caller how to react.

RateLimited         Try again after `retry_after` seconds.
Unreachable         Try again later, because Slack or the network has failed.
CredentialsRefused  Read the secret again. A user may have to correct the secret.
OutOfTime           Leave the remaining alerts to the next invocation.
ChannelRefused      Use another channel, if another one is configured.
MessageGone         Post a new message, because the message to edit or reply to does not exist.
LayoutRefused       Post the same message as plain text.

The messages of these errors contain neither tokens nor webhook URLs.
"""

from wardrop.errors import NotNow, WardropError


class RateLimited(NotNow):
    retry_after: int

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Slack's rate limit is reached; it ends after {retry_after} s")
        self.retry_after = retry_after


class Unreachable(NotNow):
    """Slack, or the network, has failed."""


class CredentialsRefused(NotNow):
    """The secret is missing, unreadable or malformed, or Slack does not accept it."""


class OutOfTime(NotNow):
    """The invocation may end before the next calls to Slack are complete."""

    retry_after = 0


class ChannelRefused(WardropError):
    """The channel does not exist, or the app is not allowed to post to the channel."""


class MessageGone(WardropError):
    """The message to edit or to reply to does not exist."""


class LayoutRefused(WardropError):
    """Slack does not accept the blocks of the message."""
