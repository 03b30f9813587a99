"""Calls Slack for one channel, and keeps to the rate limit.

If Slack refuses the channel, the message goes to the fallback channel. If Slack refuses the layout, the message is sent
as plain text.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from wardrop.slack.api import Posted, Slack
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.errors import ChannelRefused, LayoutRefused, OutOfTime, RateLimited
from wardrop.slack.pace import Pace

PATIENCE_SECONDS = 10
"""The longest time, in seconds, to wait for the end of a rate limit. If the limit lasts longer, the queue retries."""

SUBJECT_SECONDS = 20.0
"""The time, in seconds, that the alerts about one subject may need.

They need at most three calls. Each call has a pause before it, and a timeout.
"""

Answer = TypeVar("Answer")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Channel:
    name: str
    fallback: str | None
    """The channel to use if Slack refuses a message in this channel. None: no other channel is configured."""

    slack: Slack
    pace: Pace
    seconds_left: Callable[[], float]
    """The seconds until the invocation ends."""

    def require_time(self) -> None:
        """Raises OutOfTime if the remaining time may be too short to send the alerts about one more subject."""
        if self.seconds_left() < SUBJECT_SECONDS:
            raise OutOfTime("the invocation ends soon")

    def post(self, write: Callable[[str | None], SlackMessage]) -> tuple[Posted, str | None]:
        """Posts to this channel. If Slack refuses the message here, posts to the fallback channel.

        If the fallback channel was used, also returns a note that states the reason. Raises ChannelRefused.
        """
        try:
            return self._call(lambda message: self.slack.post(self.name, message), write(None)), None
        except ChannelRefused as error:
            if self.fallback is None or self.fallback == self.name:
                raise
            fallback, note = self.fallback, f"Slack refused this message in {self.name}: {error.reason}"
            _logger.warning("Slack refused a message in %s: %s", self.name, error.reason)
        return self._call(lambda message: self.slack.post(fallback, message), write(note)), note

    def edit(self, posted: Posted, message: SlackMessage) -> None:
        """Raises MessageGone and ChannelRefused."""
        self._call(lambda written: self.slack.edit(posted, written), message)

    def reply(self, posted: Posted, message: SlackMessage, *, broadcast: bool) -> None:
        """Raises MessageGone and ChannelRefused."""
        self._call(lambda written: self.slack.reply(posted, written, broadcast=broadcast), message)

    def _call(self, call: Callable[[SlackMessage], Answer], message: SlackMessage) -> Answer:
        try:
            return self._at_pace(call, message)
        except LayoutRefused as error:
            _logger.warning("Slack refused the layout of a message: %s", error.reason)
            return self._at_pace(call, message.plain)

    def _at_pace(self, call: Callable[[SlackMessage], Answer], message: SlackMessage) -> Answer:
        while True:
            try:
                with self.pace.one_call(self.name):
                    return call(message)
            except RateLimited as limit:
                if limit.retry_after > min(PATIENCE_SECONDS, self.seconds_left() - SUBJECT_SECONDS):
                    raise
                self.pace.sleep(limit.retry_after)
