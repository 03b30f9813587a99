"""What Slack answers instead of doing what it was asked, by what the caller should do.

RateLimited         Try again after so many seconds.
Unreachable         Try again later: Slack, or the network, has failed.
CredentialsRefused  Read the secret again. A person may have to correct it.
OutOfTime           Leave the rest to the next invocation.
ChannelRefused      Use another channel, if there is one.
MessageGone         Post a new message: the one to edit or to reply to does not exist.
LayoutRefused       Post the same message as plain text.

None of these texts contains a token or the address of a webhook.
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
    """This invocation would end before the calls do."""

    retry_after = 0


class ChannelRefused(WardropError):
    """The channel does not exist, or the app may not post to it."""


class MessageGone(WardropError):
    """The message to edit or to reply to does not exist."""


class LayoutRefused(WardropError):
    """Slack does not accept the blocks of the message."""
