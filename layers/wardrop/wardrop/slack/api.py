"""What Wardrop needs of Slack. `client.py` has it of a bot and of an incoming webhook."""

from typing import NamedTuple, Protocol

from wardrop.slack.blocks import SlackMessage


class Posted(NamedTuple):
    channel: str
    """Slack's id. Empty with a webhook."""

    ts: str
    """Slack's id of the message within the channel."""


class Slack(Protocol):
    """Every call may also raise RateLimited, Unreachable, CredentialsRefused, and LayoutRefused."""

    @property
    def edits(self) -> bool:
        """Whether messages can be edited and replied to."""

    def post(self, channel: str, message: SlackMessage) -> Posted:
        """Raises ChannelRefused."""

    def edit(self, posted: Posted, message: SlackMessage) -> None:
        """Raises MessageGone and ChannelRefused."""

    def reply(self, posted: Posted, message: SlackMessage, *, broadcast: bool) -> None:
        """In the thread, and with `broadcast` in the channel too. Raises MessageGone and ChannelRefused."""
