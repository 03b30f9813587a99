"""An alert and its parts. The ledger stores an alert in the same transaction as the change that the alert reports."""

import hashlib
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, TypedDict, Unpack

import msgspec

from wardrop.alerts.kinds import Kind, Severity
from wardrop.environments.model import Health, Progress
from wardrop.environments.origin import Origin
from wardrop.foreign_text import clean, for_command, one_line

KEPT_SECONDS = 30 * 24 * 3600
MAX_TEXT, MAX_FIELD = 4_000, 600
MOST_ENTRIES, MAX_ENTRY = 12, 500
"""The limits of an alert.

MAX_TEXT, MAX_FIELD and MAX_ENTRY are maximum lengths in characters: MAX_TEXT of the text, MAX_FIELD of any other field,
and MAX_ENTRY of an entry in a list. MOST_ENTRIES is the maximum number of entries in a list. The limits keep an alert
below 256 KB, the maximum size of a message in SNS and SQS.
"""

_NOT_TEXT = ("at", "expires_at")
MAX_ID_BYTES = 1024
"""The maximum length of a sort key in bytes (DynamoDB developer guide, "Constraints").

The id of an alert about a drop contains the S3 key of the file, and this key alone can have 1,024 bytes.
"""


_LIMITS = {"text": MAX_TEXT, "alert_id": MAX_ID_BYTES}


class HealthChange(msgspec.Struct, frozen=True, kw_only=True):
    previous: Health | None
    """The health status before the change. None: this status is not known."""

    current: Health
    causes: list[str] = []
    instances: dict[str, int] = {}
    """The number of instances with each health status. With basic health reporting, the mapping is empty."""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """The version that an environment runs."""

    label: str
    since: datetime | None = None
    """The time at which the deployment or the rollback to this version ended. None: the time is not known."""


class LastDeployment(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    state: str
    at: datetime
    by: str | None = None


class LastGood(msgspec.Struct, frozen=True, kw_only=True):
    """The version that was last proven to be good in an environment."""

    label: str
    at: datetime
    origin: Origin | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    alert_id: str
    """The id of the alert. If Wardrop retries a change, the alert has the same id, so it is not written twice."""

    kind: Kind
    severity: Severity
    at: datetime
    text: str
    title: str | None = None
    """A headline that replaces the headline of the alert's kind. None: the headline of the kind is used."""

    application: str | None = None
    environment: str | None = None
    environment_id: str | None = None
    version_label: str | None = None
    deployment: str | None = None
    incident: str | None = None
    change: int = 0
    """The sequence number of the reported change. Each deployment and each incident numbers its own changes."""

    by: str | None = None
    """The person who dropped the file, according to its metadata, or the authenticated caller of the change."""

    previous_version: str | None = None
    """The version that ran before the deployment."""

    rollback_version: str | None = None
    """The version to which a deployment is rolled back."""

    progress: Progress | None = None
    duration_seconds: int | None = None
    """The time from the start of the deployment or the incident to the reported change, in seconds."""

    health: HealthChange | None = None
    running: Running | None = None
    last_deployment: LastDeployment | None = None
    events: list[str] = []
    """Elastic Beanstalk's own warnings and errors about the environment, the newest first."""

    origin: Origin | None = None
    """Where the version came from, according to the person or the program that uploaded it."""

    last_good: LastGood | None = None
    """The last good version before the failure."""

    log_lines: list[str] = []
    """Lines of the deployment log that name the cause of a failure, without secrets."""

    log: str | None = None
    """The address of the deployment log in S3."""

    next_step: str | None = None
    """The recommended action, in most cases a command. None: no action is recommended."""

    expires_at: int
    """The time at which DynamoDB deletes the alert, in seconds since 1970."""

    def __post_init__(self) -> None:
        """Makes every string one line, because a file name with a line break could forge a line of an e-mail."""
        for name in self.__struct_fields__:
            if name not in _NOT_TEXT:
                cleaned = _cleaned(getattr(self, name), _LIMITS.get(name, MAX_FIELD))
                msgspec.structs.force_setattr(self, name, cleaned)

    @property
    def subject(self) -> str:
        """The environment or, if there is none, the application that the alert is about.

        If there is neither, the subject is `account`. Alerts with the same subject are sent in order.
        """
        return self.environment or self.application or "account"


MAX_CHANNEL = 100
"""The longest name of a channel, in characters. Slack accepts 80 (conversations.create)."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the queue of post_to_slack: an alert with its Slack channel and its link."""

    alert: Alert
    channel: Annotated[str, msgspec.Meta(max_length=MAX_CHANNEL)] | None = None
    """The Slack channel. None: the channel of the incoming webhook."""

    link: str | None = None
    """The environment's page in the Elastic Beanstalk console."""

    def __post_init__(self) -> None:
        clean(self, "link")


class About(TypedDict, total=False):
    """The optional fields of an Alert."""

    title: str | None
    application: str | None
    environment: str | None
    environment_id: str | None
    version_label: str | None
    deployment: str | None
    incident: str | None
    change: int
    by: str | None
    previous_version: str | None
    rollback_version: str | None
    progress: Progress | None
    duration_seconds: int | None
    health: HealthChange | None
    running: Running | None
    last_deployment: LastDeployment | None
    events: list[str]
    origin: Origin | None
    log_lines: list[str]
    log: str | None
    next_step: str | None


def new_alert(
    kind: Kind, subject: str, at: datetime, text: str, *, severity: Severity | None = None, **about: Unpack[About]
) -> Alert:
    """Creates an alert. `subject` identifies a drop, or one change of a deployment, an incident or another object."""
    about.setdefault("next_step", _next_step(kind, about))
    return Alert(
        alert_id=_alert_id(subject, kind),
        kind=kind,
        severity=severity or kind.traits.severity,
        at=at,
        text=text,
        expires_at=int(at.timestamp()) + KEPT_SECONDS,
        **about,
    )


def _cleaned(value: Any, limit: int) -> Any:
    match value:
        case StrEnum():
            return value
        case str():
            return one_line(value, limit)
        case list():
            return [_cleaned(entry, MAX_ENTRY) for entry in value[:MOST_ENTRIES]]
        case dict():
            return {one_line(name, MAX_ENTRY): number for name, number in islice(value.items(), MOST_ENTRIES)}
        case HealthChange() | Running() | LastDeployment() | LastGood():
            fields = {name: _cleaned(getattr(value, name), MAX_FIELD) for name in value.__struct_fields__}
            return type(value)(**fields)
        case _:
            return value


def _next_step(kind: Kind, about: About) -> str | None:
    if (command := kind.traits.next_step) is None:
        return None
    names = {"application": about.get("application"), "environment": about.get("environment")}
    names["label"] = about.get("version_label")
    return command.format(**{field: for_command(str(name)) for field, name in names.items()})


def _alert_id(subject: str, kind: Kind) -> str:
    """Returns the id of an alert.

    If the subject is too long or contains a line break, its hash replaces it in the id.
    """
    whole = f"{subject}/{kind}"
    if whole == one_line(whole) and len(whole.encode()) <= MAX_ID_BYTES:
        return whole
    return f"{hashlib.sha256(subject.encode(errors='surrogatepass')).hexdigest()}/{kind}"
