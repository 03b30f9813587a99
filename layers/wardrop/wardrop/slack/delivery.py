"""Delivers the alerts for one channel.

Each deployment and each incident has one message with a thread. Wardrop edits the message so that it shows the current
state, and adds each change to the thread.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from wardrop.alerts.model import Notification
from wardrop.slack.api import Posted
from wardrop.slack.channel import Channel
from wardrop.slack.errors import ChannelRefused, LayoutRefused, MessageGone
from wardrop.slack.message import message, reply
from wardrop.slack.plan import is_message, late, listed, plan
from wardrop.slack.summary import summary
from wardrop.slack.thread import Thread, Threads, by_subject
from wardrop.structs import replace


@dataclass(frozen=True)
class Delivery:
    channel: Channel
    threads: Threads
    now: datetime

    def send_late(self, subjects: Mapping[str, Sequence[Notification]]) -> dict[str, Thread]:
        """Summarizes late alerts in one message. Returns the threads of all subjects.

        If Slack refuses the summary, the alerts stay unsent. `send` then posts the alerts about each subject
        separately, and raises an error if Slack refuses them.
        """
        threads = {subject: self.threads.read(self.channel.name, subject) for subject in subjects}
        unsent = [
            notification for subject, thread in threads.items() for notification in thread.unsent(subjects[subject])
        ]
        if delayed := late(unsent, self.now):
            with suppress(ChannelRefused, LayoutRefused):
                return threads | self._summarize(delayed, threads)
        return threads

    def send(self, subject: str, thread: Thread, notifications: Sequence[Notification]) -> None:
        """Raises ChannelRefused and LayoutRefused."""
        unsent = thread.unsent(notifications)
        if not unsent:
            return
        self.channel.require_time()
        if self.channel.slack.edits:
            thread = self._update(subject, thread, unsent)
        elif messages := [notification for notification in unsent if is_message(notification.alert)]:
            *earlier, last = messages
            self.channel.post(lambda note: message(last, [notification.alert for notification in earlier], note))
        else:
            return
        self._keep(subject, thread, unsent)

    def _summarize(self, delayed: Sequence[Notification], threads: Mapping[str, Thread]) -> dict[str, Thread]:
        """Edits the existing messages before it posts the summary, so that no message shows an outdated state."""
        subjects = by_subject(delayed)
        updated = {subject: threads[subject] for subject in subjects}
        for subject, notifications in subjects.items():
            if updated[subject].ts is not None:
                updated[subject] = self._show(updated[subject], plan(updated[subject], notifications).show)
        if messages := [each for each in delayed if self.channel.slack.edits or is_message(each.alert)]:
            self.channel.post(lambda note: summary(listed(messages), note))
        return {subject: self._keep(subject, updated[subject], subjects[subject]) for subject in subjects}

    def _update(self, subject: str, thread: Thread, unsent: Sequence[Notification]) -> Thread:
        planned = plan(thread, unsent)
        updated = self._show(thread, planned.show)
        if thread.ts is not None and updated.ts != thread.ts:
            # The message no longer existed, so a new message was posted. It begins a new thread.
            planned = plan(thread.without_message(), unsent)
        if planned.entries and updated.ts is not None:
            # The message is recorded before the reply is posted, so that a retry edits this message and does not post
            # another one. The alerts are recorded only after the reply, so that a retry posts the reply. Example: the
            # message is edited at 12:00:00, and the reply fails. At 12:00:05, the alerts are delivered again, and the
            # same message is edited.
            self._keep(subject, updated, [])
            posted = Posted(updated.channel, updated.ts)
            try:
                self.channel.reply(posted, reply(planned.entries), broadcast=planned.broadcast)
            except MessageGone:
                if updated.ts != thread.ts:
                    raise
                return self._update(subject, thread.without_message(), unsent)
        return replace(updated, first_entry=planned.first_entry)

    def _show(self, thread: Thread, notification: Notification | None) -> Thread:
        """Edits the message. If there is no message, or if it no longer exists, posts a new message."""
        if notification is None:
            return thread
        change = notification.alert.change
        if thread.ts is not None:
            with suppress(MessageGone, ChannelRefused):
                self.channel.edit(Posted(thread.channel, thread.ts), message(notification, note=thread.note))
                return replace(thread, change=change)
            thread = thread.without_message()
        posted, note = self.channel.post(lambda note: message(notification, note=note))
        return replace(thread, channel=posted.channel, ts=posted.ts, change=change, note=note)

    def _keep(self, subject: str, thread: Thread, sent: Sequence[Notification]) -> Thread:
        kept = thread.with_alerts((notification.alert for notification in sent), self.now)
        self.threads.keep(self.channel.name, subject, kept)
        return kept
