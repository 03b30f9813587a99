"""Summarizes delayed alerts in one message, the most severe first."""

from collections.abc import Sequence

from wardrop.alerts.kinds import Severity
from wardrop.alerts.model import Alert
from wardrop.alerts.text import moment
from wardrop.slack.blocks import SlackMessage, section, with_bar
from wardrop.slack.message import COLOURS, MAX_NOTE, icon, one_line
from wardrop.slack.text import escape

MAX_LINES = 25
LINES_PER_BLOCK = 5
MAX_LINES_OF_TEXT = 8

_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def summary(alerts: Sequence[Alert], note: str | None = None) -> SlackMessage:
    first, last = min(alert.at for alert in alerts), max(alert.at for alert in alerts)
    worst = max(alerts, key=_rank)
    title = f"{icon(worst)} *{len(alerts)} delayed alerts, from {first:%H:%M} to {moment(last)}*"
    ranked = sorted(alerts, key=lambda alert: (-_rank(alert), alert.at))
    lines = [one_line(alert) for alert in ranked[:MAX_LINES]]
    if more := len(ranked) - len(lines):
        lines.append(f"and {more} more of the same or lower severity")
    if note:
        lines.append(escape(note, MAX_NOTE))
    starts = range(0, len(lines), LINES_PER_BLOCK)
    blocks = [section("\n".join(lines[start : start + LINES_PER_BLOCK])) for start in starts]
    return with_bar("\n".join([title, *lines[:MAX_LINES_OF_TEXT]]), title, COLOURS[worst.severity], blocks)


def _rank(alert: Alert) -> int:
    return _RANKS[alert.severity]
