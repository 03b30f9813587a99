"""Makes the content that Wardrop publishes to SNS for an alert.

The content consists of a subject and a text for people, and of a JSON document for programs.
"""

import unicodedata
from typing import Literal

import msgspec

from wardrop.alerts.model import Alert, Notification
from wardrop.alerts.text import facts, headline, moment
from wardrop.foreign_text import shortened

MAX_SUBJECT = 99
"""The maximum length of a subject. SNS accepts fewer than 100 ASCII characters (SNS API reference, Publish)."""

MAX_FACTS = 40
MAX_FACT = 500
"""The maximum length of a fact's value, in characters (up to four UTF-8 bytes each).

This limit and the limits in model.py keep a message below 256 KB, the maximum size of a message in SNS.
"""

_ASCII = str.maketrans({"→": "->", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'})


class Document(Alert, frozen=True, kw_only=True):
    """The document for programs. docs/alert.schema.json is its schema.

    Within one `version`, fields are added, but never changed or removed.
    """

    version: Literal[1] = 1
    headline: str
    link: str | None = None
    """The environment's page in the Elastic Beanstalk console."""


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    text: str
    document: str
    """The JSON document for programs."""

    attributes: dict[str, str]
    """The attributes of the SNS message. Filter policies can use them."""


def publication(notification: Notification) -> Publication:
    alert = notification.alert
    attributes = {
        "application": alert.application,
        "environment": alert.environment,
        "severity": alert.severity,
        "kind": alert.kind,
    }
    return Publication(
        subject=_subject(f"[{alert.severity.upper()}] {headline(alert)}"),
        text=_text(notification),
        document=_document(notification),
        attributes={name: str(value) for name, value in attributes.items() if value},
    )


def _subject(line: str) -> str:
    plain = unicodedata.normalize("NFKD", line.translate(_ASCII)).encode("ascii", "ignore").decode()
    printable = "".join(character if character.isprintable() else " " for character in plain)
    subject = " ".join(printable.split())
    return subject if len(subject) <= MAX_SUBJECT else f"{subject[: MAX_SUBJECT - 3]}..."


def _text(notification: Notification) -> str:
    alert = notification.alert
    rows = [(fact.label, shortened(fact.value, MAX_FACT)) for fact in facts(alert)[:MAX_FACTS]]
    if alert.next_step:
        rows.append(("Next step", alert.next_step))
    if notification.link:
        rows.append(("Console", notification.link))
    width = max((len(label) for label, _ in rows), default=0)
    table = "\n".join(f"{label:{width}}  {value}" for label, value in rows)
    footer = f"{alert.severity}, {alert.kind}, {moment(alert.at)}\n{alert.alert_id}"
    return "\n\n".join(part for part in (headline(alert), alert.text, table, footer) if part)


def _document(notification: Notification) -> str:
    alert = notification.alert
    values = {name: getattr(alert, name) for name in alert.__struct_fields__}
    document = Document(**values, headline=headline(alert), link=notification.link)
    return msgspec.json.encode(document).decode()
