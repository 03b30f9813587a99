"""Alerts into Slack's channels: in order, once, at Slack's pace, and none lost while Slack is not to be had."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from wardrop.alerts.kinds import Reach
from wardrop.alerts.model import Notification
from wardrop.aws.ledger.threads import Threads
from wardrop.aws.secrets import NoSecret, Secrets
from wardrop.errors import Malformed, NotNow, WardropError
from wardrop.slack import thread as slack_thread
from wardrop.slack.client import (
    ChannelRefused,
    CredentialsRefused,
    LayoutRefused,
    MessageGone,
    Posted,
    RateLimited,
    Slack,
    Unreachable,
    connect,
)
from wardrop.slack.message import SlackMessage, message, reply, summary
from wardrop.slack.thread import Thread

PACE_SECONDS = 1.0
"""Between two calls for one channel; Slack's "Rate limits": one message a second and channel, and for a webhook."""

PATIENCE_SECONDS = 10
"""What Slack asks us to wait is waited for in place, if it is not more."""

ONE_SUBJECT_SECONDS = 20.0
"""Three calls at most, each with its pause and its timeout; none is begun with less time than that."""

WEBHOOK = "webhook"

Answer = TypeVar("Answer")

_logger = logging.getLogger(__name__)


class OutOfTime(NotNow):
    retry_after = 0


def read_notification(body: str) -> Notification:
    """Raises Malformed."""
    try:
        return msgspec.json.decode(body, type=Notification)
    except msgspec.MsgspecError as error:
        raise Malformed(f"not an alert for Slack: {error}") from error


@dataclass
class Workspace:
    """Slack, as the secret opens it; read once, and again when Slack takes it no more."""

    secrets: Secrets
    connecting: Callable[[str], Slack] = connect
    _secret: str = ""
    _slack: Slack | None = None

    def slack(self) -> Slack:
        """Raises CredentialsRefused."""
        if self._slack is None:
            self._secret = self._read()
            self._slack = self.connecting(self._secret)
        return self._slack

    def renew(self) -> bool:
        """False if the secret is still the same."""
        before = self._secret
        self.forget()
        self.slack()
        return self._secret != before

    def forget(self) -> None:
        """The secret is read before the next call."""
        self._slack = None

    def _read(self) -> str:
        try:
            return self.secrets.read()
        except NoSecret as error:
            raise CredentialsRefused(error.reason) from error


@dataclass
class Pace:
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _last: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def kept(self, channel: str) -> Iterator[None]:
        """Waits until the channel may be written to; its second runs from the answer, for Slack's began in between."""
        self._wait_since(self._last.get(channel))
        try:
            yield
        finally:
            self._last[channel] = self.clock()

    def end(self) -> None:
        """The next invocation may come at once, and elsewhere: what it must wait for is waited for here."""
        self._wait_since(max(self._last.values(), default=None))
        self._last.clear()

    def _wait_since(self, last: float | None) -> None:
        if last is not None and (left := last + PACE_SECONDS - self.clock()) > 0:
            self.sleep(left)


@dataclass
class Outcome:
    """What became of a channel's alerts, by their ids."""

    settled: set[str] = field(default_factory=set)
    """Slack has them, or need not have them."""

    refused: dict[str, WardropError] = field(default_factory=dict)
    """No retry helps."""

    trouble: NotNow | None = None
    """Why all others have to come again."""

    def holds(self, notification: Notification) -> bool:
        return notification.alert.alert_id in self.settled or notification.alert.alert_id in self.refused


@dataclass(frozen=True)
class PostToSlack:
    workspace: Workspace
    threads: Threads
    pace: Pace
    default_channel: str | None

    def __call__(self, notifications: Sequence[Notification], now: datetime, remaining: Callable[[], float]) -> Outcome:
        """What is to be told in one channel, in order; `remaining` is how many seconds are left for it."""
        outcome = Outcome()
        try:
            try:
                self._tell(notifications, now, remaining, outcome)
            except CredentialsRefused:
                if not self.workspace.renew():
                    raise
                self._tell([one for one in notifications if not outcome.holds(one)], now, remaining, outcome)
        except NotNow as trouble:
            outcome.trouble = trouble
            if isinstance(trouble, Unreachable):
                # It may be the address in the secret that is wrong, and a person at work on it.
                self.workspace.forget()
        return outcome

    def _tell(
        self, notifications: Sequence[Notification], now: datetime, remaining: Callable[[], float], outcome: Outcome
    ) -> None:
        if not notifications:
            return
        slack = self.workspace.slack()
        channel = (notifications[0].channel or self.default_channel) if slack.edits else WEBHOOK
        if channel is None:
            error = ChannelRefused("neither the application's configuration nor the parameter SlackChannel names one")
            outcome.refused |= {one.alert.alert_id: error for one in notifications}
            return
        telling = Telling(slack, self.threads, self.pace, channel, self.default_channel, now, remaining)
        by_subject = slack_thread.by_subject(notifications)
        threads = {subject: self.threads.read(channel, subject) for subject in by_subject}
        new = [one for subject, thread in threads.items() for one in thread.untold(by_subject[subject])]
        if late := slack_thread.stale(new, now):
            # What is refused here is refused one by one, and then has its reason.
            with suppress(ChannelRefused, LayoutRefused):
                threads |= telling.together(late, threads)
        for subject, about in by_subject.items():
            ids = {one.alert.alert_id for one in about}
            try:
                telling.one_by_one(subject, threads[subject], about)
            except (ChannelRefused, LayoutRefused) as error:
                outcome.refused |= dict.fromkeys(ids, type(error)(f"Slack refuses it in {channel}: {error.reason}"))
            else:
                outcome.settled |= ids


@dataclass(frozen=True)
class Telling:
    """One channel's alerts on their way, each call at Slack's pace."""

    slack: Slack
    threads: Threads
    pace: Pace
    channel: str
    default_channel: str | None
    now: datetime
    remaining: Callable[[], float]

    def one_by_one(self, subject: str, thread: Thread, notifications: Sequence[Notification]) -> None:
        new = thread.untold(notifications)
        if not new:
            return
        if self.remaining() < ONE_SUBJECT_SECONDS:
            raise OutOfTime("the rest is for the next invocation")
        if self.slack.edits:
            thread = self._in_thread(subject, thread, new)
        elif loud := [one for one in new if one.alert.kind.traits.reach >= Reach.MESSAGE]:
            self._post(lambda note: message(loud[-1], [one.alert for one in loud[:-1]], note))
        else:
            return
        self.threads.keep(self.channel, subject, thread.after((one.alert for one in new), self.now))

    def together(self, late: Sequence[Notification], threads: Mapping[str, Thread]) -> dict[str, Thread]:
        """In one message, so that a backlog does not trickle; what shows a present state is put right before it.

        Returns the threads that know of it.
        """
        telling = late if self.slack.edits else [one for one in late if one.alert.kind.traits.reach >= Reach.MESSAGE]
        by_subject = slack_thread.by_subject(late)
        known = {subject: threads[subject] for subject in by_subject}
        for subject, about in by_subject.items():
            if known[subject].ts is not None:
                known[subject] = self._show(known[subject], slack_thread.plan(known[subject], about).show)
        if telling:
            self._post(lambda note: summary(slack_thread.worth_telling(telling), note))
        for subject, about in by_subject.items():
            known[subject] = known[subject].after((one.alert for one in about), self.now)
            self.threads.keep(self.channel, subject, known[subject])
        return known

    def _in_thread(self, subject: str, thread: Thread, new: Sequence[Notification]) -> Thread:
        plan = slack_thread.plan(thread, new)
        shown = self._show(thread, plan.show)
        if thread.ts is not None and shown.ts != thread.ts:
            # Its message was gone, so it begins anew.
            plan = slack_thread.plan(thread.lost(), new)
        if plan.tell and shown.ts is not None:
            # If the reply fails, the message is not posted a second time.
            self.threads.keep(self.channel, subject, shown.after([], self.now))
            answer = reply(plan.tell)
            try:
                self._call(
                    lambda text: self.slack.post(shown.channel, text, shown.ts, everybody=plan.everybody), answer
                )
            except MessageGone:
                if shown.ts != thread.ts:
                    raise
                return self._in_thread(subject, thread.lost(), new)
        return msgspec.structs.replace(shown, first=plan.first)

    def _show(self, thread: Thread, notification: Notification | None) -> Thread:
        """Edits the message, or posts one if there is none (any more)."""
        if notification is None:
            return thread
        change = notification.alert.change
        if (ts := thread.ts) is not None:
            showing = message(notification, note=thread.note)
            try:
                self._call(lambda text: self.slack.edit(thread.channel, ts, text), showing)
            except (MessageGone, ChannelRefused):
                thread = thread.lost()
            else:
                return msgspec.structs.replace(thread, change=change)
        posted, note = self._post(lambda note: message(notification, note=note))
        return msgspec.structs.replace(thread, channel=posted.channel, ts=posted.ts, change=change, note=note)

    def _post(self, about: Callable[[str | None], SlackMessage]) -> tuple[Posted, str | None]:
        """Into the stack's own channel if the configured one refuses it, with a note that says so.

        Raises ChannelRefused.
        """
        try:
            return self._call(lambda text: self.slack.post(self.channel, text), about(None)), None
        except ChannelRefused as error:
            if self.default_channel is None or self.default_channel == self.channel:
                raise
            fallback, note = self.default_channel, f"Meant for {self.channel}, where Slack says {error.reason}"
            _logger.warning("%s refuses what is posted to it: %s", self.channel, error.reason)
        return self._call(lambda text: self.slack.post(fallback, text), about(note)), note

    def _call(self, call: Callable[[SlackMessage], Answer], text: SlackMessage) -> Answer:
        """As plain text if Slack refuses the layout; waits in place if Slack asks for it and there is time."""
        try:
            return self._at_slacks_pace(call, text)
        except LayoutRefused as error:
            _logger.warning("Slack refuses a layout: %s", error.reason)
            return self._at_slacks_pace(call, text.as_text)

    def _at_slacks_pace(self, call: Callable[[SlackMessage], Answer], text: SlackMessage) -> Answer:
        while True:
            try:
                with self.pace.kept(self.channel):
                    return call(text)
            except RateLimited as limit:
                if limit.retry_after > min(PATIENCE_SECONDS, self.remaining() - ONE_SUBJECT_SECONDS):
                    raise
                self.pace.sleep(limit.retry_after)
