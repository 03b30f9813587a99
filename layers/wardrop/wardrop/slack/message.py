"""Alerts as Slack shows them: a headline, and beside a bar in the colour of what it means the few things to know.

A message is kept well within what Slack takes: 50 blocks, 3,000 characters a section, 2,000 a field, 10 fields, some
13,000 in all. A coloured bar is to be had with attachments only; of one with more than five blocks Slack's client
folds the rest away.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from wardrop.alerts.kinds import Severity, Tone
from wardrop.alerts.model import Alert, Notification
from wardrop.alerts.text import Role, facts, headline, moment
from wardrop.environments.model import Progress
from wardrop.slack.text import code, link, shown

MOST_HEADLINE = 250
MOST_REASON = 1500
MOST_FIELD = 250
MOST_POINTS, MOST_POINT = 8, 250
MOST_STEP = 400
MOST_LINE = 350
MOST_EARLIER = 9
MOST_SUMMED = 25
MOST_TEXT = 3500
BAR = 10

SEVERITY_ICONS = {
    Severity.INFO: "🔵",
    Severity.WARNING: "🟡",
    Severity.ERROR: "🟠",
    Severity.CRITICAL: "🔴",
}
"""Of the kinds that can be anything, from a remark to the worst."""

GREEN, GREY = "#2eb67d", "#9aa0a6"
COLOURS = {
    Severity.INFO: "#36c5f0",
    Severity.WARNING: "#ecb22e",
    Severity.ERROR: "#e8601c",
    Severity.CRITICAL: "#c4122f",
}
WEIGHTS = list(Severity)


class SlackMessage(msgspec.Struct, frozen=True):
    text: str
    """What notifications and screen readers tell, and all there is where blocks are refused."""

    blocks: list[dict[str, Any]] = []
    attachments: list[dict[str, Any]] = []

    @property
    def as_text(self) -> "SlackMessage":
        return SlackMessage(self.text)


def message(notification: Notification, earlier: Sequence[Alert] = (), note: str | None = None) -> SlackMessage:
    """`earlier` are told in the same breath, for what cannot be edited; `note` is a remark about the message itself."""
    alert = notification.alert
    title = _title(alert, MOST_HEADLINE)
    reason = shown(alert.text, MOST_REASON)
    step = f"*Next:* {code(alert.next_step, MOST_STEP)}" if alert.next_step else ""
    blocks = [
        _section("\n".join(filter(None, [reason, _bar(alert.progress)]))),
        _fields(alert),
        _section("\n".join([*_points(alert), *(_line(one) for one in earlier[-MOST_EARLIER:])])),
        _section(step),
        _context(notification, note),
    ]
    text = "\n".join(filter(None, [title, reason, step, shown(note or "", MOST_POINT)]))
    return _message(text, title, colour(alert), blocks)


def told(alert: Alert) -> str:
    """A change as a thread tells it: when, what, why."""
    reason = shown(alert.text, MOST_REASON // 2)
    return "\n".join([f"{_title(alert, MOST_HEADLINE)}  {alert.at:%H:%M}", *filter(None, [reason]), *_points(alert, 4)])


def reply(changes: Sequence[str]) -> SlackMessage:
    """`changes` as `told` gives them, not more than ten or so."""
    text = "\n".join(change.partition("\n")[0] for change in changes)
    return SlackMessage(text[:MOST_TEXT], [block for block in map(_section, changes) if block])


def summary(alerts: Sequence[Alert], note: str | None = None) -> SlackMessage:
    """Of what could not be told in time: one message, the worst first, so that nothing bad is hidden by the many."""
    first, last = min(alert.at for alert in alerts), max(alert.at for alert in alerts)
    worst = max(alerts, key=_weight)
    title = f"{_icon(worst)} *{len(alerts)} alerts, late: from {first:%H:%M} to {moment(last)}*"
    ranked = sorted(alerts, key=lambda alert: (-_weight(alert), alert.at))
    lines = [_line(alert) for alert in ranked[:MOST_SUMMED]]
    if more := len(ranked) - len(lines):
        lines.append(f"and {more} more, none of them worse")
    if note:
        lines.append(shown(note, MOST_POINT))
    blocks = [_section("\n".join(lines[start : start + 5])) for start in range(0, len(lines), 5)]
    text = "\n".join([title, *lines[:8]])
    return _message(text, title, COLOURS[worst.severity], blocks)


def colour(alert: Alert) -> str:
    match alert.kind.traits.tone:
        case Tone.SUCCESS:
            return GREEN
        case Tone.NEUTRAL:
            return GREY
        case Tone.SEVERITY:
            return COLOURS[alert.severity]


def _message(text: str, title: str, bar: str, blocks: Sequence[dict[str, Any]]) -> SlackMessage:
    beside = [block for block in blocks if block]
    return SlackMessage(text, [_section(title)], [{"color": bar, "blocks": beside}] if beside else [])


def _weight(alert: Alert) -> int:
    return WEIGHTS.index(alert.severity)


def _icon(alert: Alert) -> str:
    return alert.kind.traits.icon or SEVERITY_ICONS[alert.severity]


def _title(alert: Alert, most: int) -> str:
    return f"{_icon(alert)} *{shown(headline(alert), most)}*"


def _line(alert: Alert) -> str:
    reason = shown(alert.text, MOST_LINE - 150)
    return f"{_title(alert, 140)}  {alert.at:%H:%M}{f' · {reason}' if reason else ''}"


def _points(alert: Alert, most: int = MOST_POINTS) -> list[str]:
    found = [fact.value for fact in facts(alert) if fact.role is Role.REPORT]
    more = [f"• and {len(found) - most} more"] if len(found) > most else []
    return [f"• {shown(point, MOST_POINT)}" for point in found[:most]] + more


def _bar(progress: Progress | None) -> str:
    if progress is None or progress.instances < 1:
        return ""
    done = min(max(progress.done, 0), progress.instances)
    full = BAR * done // progress.instances
    return f"{'▰' * full}{'▱' * (BAR - full)}  {done} of {progress.instances} instances"


def _fields(alert: Alert) -> dict[str, Any]:
    details = [fact for fact in facts(alert) if fact.role is Role.DETAIL]
    texts = [_text(f"*{fact.label}*\n{shown(fact.value, MOST_FIELD)}") for fact in details[:10]]
    return {"type": "section", "fields": texts} if texts else {}


def _context(notification: Notification, note: str | None) -> dict[str, Any]:
    parts = [shown(notification.alert.application or "", 100), moment(notification.alert.at)]
    if notification.link:
        parts.append(link(notification.link, "Console"))
    if note:
        parts.append(shown(note, MOST_POINT))
    return {"type": "context", "elements": [_text("  ·  ".join(filter(None, parts)))]}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)} if text else {}


def _text(text: str) -> dict[str, Any]:
    # Verbatim, Slack looks for no names, channels and addresses in it by itself.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
