"""The interface to Slack, which a bot and an incoming webhook implement."""

from typing import NamedTuple, Protocol

from wardrop.slack.blocks import SlackMessage


class Posted(NamedTuple):
    channel: str
    """The channel's id in Slack. It is empty for a webhook."""

    ts: str
    """The message's id within the channel."""


class Slack(Protocol):
    """A connection to Slack. Every call may raise RateLimited, Unreachable, CredentialsRefused and LayoutRefused."""

    @property
    def edits(self) -> bool:
        """Whether Slack allows edits of messages and replies to messages."""

    def post(self, channel: str, message: SlackMessage) -> Posted:
        """Raises ChannelRefused."""

    def edit(self, posted: Posted, message: SlackMessage) -> None:
        """Raises MessageGone and ChannelRefused."""

    def reply(self, posted: Posted, message: SlackMessage, *, broadcast: bool) -> None:
        """Replies in the thread, and with `broadcast` also in the channel. Raises MessageGone and ChannelRefused."""
