"""The interface to Slack. A bot and an incoming webhook implement it."""

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
        """Whether this connection can edit messages and reply to them. An incoming webhook cannot."""

    def post(self, channel: str, message: SlackMessage) -> Posted:
        """Raises ChannelRefused."""

    def edit(self, posted: Posted, message: SlackMessage) -> None:
        """Raises MessageGone and ChannelRefused."""

    def reply(self, posted: Posted, message: SlackMessage, *, broadcast: bool) -> None:
        """Replies in the message's thread. If `broadcast` is true, the channel also shows the reply.

        Raises MessageGone and ChannelRefused.
        """
