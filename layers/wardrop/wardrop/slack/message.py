"""Formats an alert as a Slack message, as an entry of a thread, and as one line."""

from collections.abc import Sequence

from wardrop.alerts.kinds import Severity, Tone
from wardrop.alerts.model import Alert, Notification
from wardrop.alerts.text import Fact, Role, facts, headline, moment
from wardrop.environments.model import Progress
from wardrop.slack.blocks import Block, SlackMessage, context, fields, section, with_bar
from wardrop.slack.text import code, escape, link

MAX_HEADLINE = 250
MAX_REASON = 1500
MAX_FIELDS, MAX_FIELD = 10, 250
MAX_REPORTS, MAX_REPORTS_IN_THREAD, MAX_REPORT = 8, 4, 250
MAX_QUOTES, MAX_QUOTE = 6, 250
MAX_STEP = 400
MAX_NOTE = 250
MAX_LINE_HEADLINE, MAX_LINE_REASON = 140, 200
MAX_EARLIER = 9
MAX_REPLY = 3500
BAR_LENGTH = 10

SEVERITY_ICONS = {
    Severity.INFO: "🔵",
    Severity.WARNING: "🟡",
    Severity.ERROR: "🟠",
    Severity.CRITICAL: "🔴",
}
COMMANDS = ("aws ", "wardrop ")
GREEN, GREY = "#2eb67d", "#9aa0a6"
COLOURS = {
    Severity.INFO: "#36c5f0",
    Severity.WARNING: "#ecb22e",
    Severity.ERROR: "#e8601c",
    Severity.CRITICAL: "#c4122f",
}


def message(notification: Notification, earlier: Sequence[Alert] = (), note: str | None = None) -> SlackMessage:
    """Formats the message for an alert. `note` is added at the end.

    The message also lists up to nine earlier alerts about the same subject, with one line for each alert.
    """
    alert = notification.alert
    title = _title(alert, MAX_HEADLINE)
    reason = escape(alert.text, MAX_REASON)
    step = f"*Next step:* {_next_step(alert.next_step)}" if alert.next_step else ""
    blocks = [
        section(_lines(reason, _progress_bar(alert.progress))),
        _details(alert),
        section(
            _lines(
                *_quotes(alert), *_reports(alert, MAX_REPORTS), *(one_line(before) for before in earlier[-MAX_EARLIER:])
            )
        ),
        section(step),
        _footer(notification, note),
    ]
    return with_bar(_lines(title, reason, step, escape(note or "", MAX_NOTE)), title, colour(alert), blocks)


def _next_step(step: str) -> str:
    """Returns a command as inline code, so that it can be copied, and any other next step as plain text."""
    return code(step, MAX_STEP) if step.startswith(COMMANDS) else escape(step, MAX_STEP)


def thread_entry(alert: Alert) -> str:
    title = f"{_title(alert, MAX_HEADLINE)}  {alert.at:%H:%M}"
    return _lines(title, escape(alert.text, MAX_REASON // 2), *_quotes(alert), *_reports(alert, MAX_REPORTS_IN_THREAD))


def reply(entries: Sequence[str]) -> SlackMessage:
    """Makes one reply from about ten entries, or fewer. `thread_entry` formats the entries."""
    titles = "\n".join(entry.partition("\n")[0] for entry in entries)
    return SlackMessage(titles[:MAX_REPLY], [section(entry) for entry in entries])


def one_line(alert: Alert) -> str:
    reason = escape(alert.text, MAX_LINE_REASON)
    return f"{_title(alert, MAX_LINE_HEADLINE)}  {alert.at:%H:%M}{f' · {reason}' if reason else ''}"


def icon(alert: Alert) -> str:
    return alert.kind.traits.icon or SEVERITY_ICONS[alert.severity]


def colour(alert: Alert) -> str:
    match alert.kind.traits.tone:
        case Tone.SUCCESS:
            return GREEN
        case Tone.NEUTRAL:
            return GREY
        case Tone.SEVERITY:
            return COLOURS[alert.severity]


def _title(alert: Alert, limit: int) -> str:
    return f"{icon(alert)} *{escape(headline(alert), limit)}*"


def _progress_bar(progress: Progress | None) -> str:
    if progress is None or progress.instances < 1:
        return ""
    done = min(max(progress.done, 0), progress.instances)
    full = BAR_LENGTH * done // progress.instances
    return f"{'▰' * full}{'▱' * (BAR_LENGTH - full)}  {done} of {progress.instances} instances"


def _details(alert: Alert) -> Block:
    details = [fact for fact in facts(alert) if fact.role in (Role.DETAIL, Role.LINK)]
    return fields([f"*{fact.label}*\n{_value(fact)}" for fact in details[:MAX_FIELDS]])


def _value(fact: Fact) -> str:
    escaped = escape(fact.value, MAX_FIELD)
    return link(fact.value, escaped) if fact.role is Role.LINK else escaped


def _reports(alert: Alert, limit: int) -> list[str]:
    reports = [fact.value for fact in facts(alert) if fact.role is Role.REPORT]
    more = [f"• and {len(reports) - limit} more"] if len(reports) > limit else []
    return [f"• {escape(report, MAX_REPORT)}" for report in reports[:limit]] + more


def _quotes(alert: Alert) -> list[str]:
    return [f"> {escape(fact.value, MAX_QUOTE)}" for fact in facts(alert) if fact.role is Role.QUOTE][:MAX_QUOTES]


def _footer(notification: Notification, note: str | None) -> Block:
    parts = [
        escape(notification.alert.application or "", 100),
        moment(notification.alert.at),
        link(notification.link, "Console") if notification.link else "",
        escape(note or "", MAX_NOTE),
    ]
    return context("  ·  ".join(filter(None, parts)))


def _lines(*lines: str) -> str:
    return "\n".join(filter(None, lines))
