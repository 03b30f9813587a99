"""An alert as it goes to the SNS topic: a subject and a text for people, a document for programs."""

import unicodedata
from typing import Literal

import msgspec

from wardrop.alerts.model import Alert, Kind
from wardrop.alerts.text import Notification, facts, headline, moment

MOST_SUBJECT = 99
"""Characters, ASCII: Publish takes fewer than a hundred (SNS API reference)."""

MOST_TEXT = 4_000
MOST_FACTS = 40
MOST_FACT = 500
"""Characters, of four bytes at most: Publish takes 256 KB for everything together."""

UNPUBLISHED = frozenset({Kind.DEPLOYMENT_PROGRESSED})
"""A message of Slack is edited as a deployment proceeds; a letter for each step helps nobody."""

_PLAIN = str.maketrans({"→": "->", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'})


class Document(Alert, frozen=True, kw_only=True):
    """What programs read: docs/alert.schema.json. Fields are added, never removed, under one `version`."""

    version: Literal[1] = 1
    headline: str
    link: str | None = None
    """The environment's page in Beanstalk's console."""


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    text: str
    document: str
    """JSON."""

    attributes: dict[str, str]
    """For filter policies."""


def publication(notification: Notification) -> Publication:
    alert = notification.alert
    named = {
        "application": alert.application,
        "environment": alert.environment,
        "severity": alert.severity,
        "kind": alert.kind,
    }
    return Publication(
        subject=_subject(f"[{alert.severity.upper()}] {headline(alert)}"),
        text=_text(notification),
        document=_document(notification),
        attributes={name: str(value) for name, value in named.items() if value},
    )


def _subject(line: str) -> str:
    plain = unicodedata.normalize("NFKD", line.translate(_PLAIN)).encode("ascii", "ignore").decode()
    printable = " ".join("".join(one if one.isprintable() else " " for one in plain).split())
    return printable if len(printable) <= MOST_SUBJECT else f"{printable[: MOST_SUBJECT - 3]}..."


def _text(notification: Notification) -> str:
    alert = notification.alert
    named = [(fact.name, _cut(fact.value, MOST_FACT)) for fact in facts(alert)[:MOST_FACTS]]
    if alert.next_step:
        named.append(("Next", alert.next_step))
    if notification.link:
        named.append(("Console", notification.link))
    width = max((len(name) for name, _ in named), default=0)
    lines = [f"{name:{width}}  {value}" for name, value in named]
    footer = f"{alert.severity}, {alert.kind}, {moment(alert.at)}\n{alert.alert_id}"
    return "\n\n".join(part for part in (headline(alert), _cut(alert.text), "\n".join(lines), footer) if part)


def _document(notification: Notification) -> str:
    alert = notification.alert
    told = {name: getattr(alert, name) for name in alert.__struct_fields__}
    told |= {"text": _cut(alert.text), "events": _few(alert.events)}
    if alert.health is not None:
        told["health"] = msgspec.structs.replace(alert.health, causes=_few(alert.health.causes))
    document = Document(**told, headline=headline(alert), link=notification.link)
    return msgspec.json.encode(document).decode()


def _few(texts: list[str]) -> list[str]:
    return [_cut(text, MOST_FACT) for text in texts[:MOST_FACTS]]


def _cut(text: str, most: int = MOST_TEXT) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
