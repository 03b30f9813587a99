"""What an event of Beanstalk on EventBridge tells people, beside being a reason to look.

The table is AWS's ("Using Elastic Beanstalk with Amazon EventBridge", field mapping). The severity that AWS gives
is not read where the status is known: it calls a failed managed update and a failed termination INFO.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import msgspec

from wardrop.alerts import model as alert
from wardrop.alerts.model import Alert, Kind, Severity
from wardrop.environments.model import COLORS, Environment, Health
from wardrop.health.incident import Transition

LONGEST_QUOTE = 500
OLDEST, AHEAD = timedelta(days=14), timedelta(minutes=5)
"""SQS keeps nothing for longer than two weeks; a date beyond these is none."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]")
"""Of an environment (API reference, CreateEnvironment): nothing else may be asked for."""

_HEALTH = "|".join(["no ?data", *(health for health in Health if health is not Health.NO_DATA), *COLORS, "Grey"])
HEALTH_CHANGE = re.compile(
    rf"\bhealth has (?:transitioned|been set)(?: from (?P<before>{_HEALTH}))?"
    rf" to (?P<now>{_HEALTH})\b\.?\s*(?P<causes>.*)",
    re.IGNORECASE | re.DOTALL,
)


class Detail(msgspec.Struct, frozen=True, rename="pascal"):
    status: str | None = None
    event_date: Any = None
    """Milliseconds since 1970."""

    application_name: str | None = None
    environment_name: str | None = None
    message: str | None = None
    severity: str | None = None


class BeanstalkEvent(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """The envelope. Its `resources` are not read: AWS's own samples print `arn:was`."""

    id: str
    detail_type: str
    detail: Detail

    @property
    def environment(self) -> str | None:
        name = self.detail.environment_name or ""
        return name if NAME.fullmatch(name) else None

    @property
    def application(self) -> str | None:
        """Empty in some health events."""
        return self.detail.application_name or None

    @property
    def status(self) -> str:
        return " ".join((self.detail.status or "").split()).casefold()

    @property
    def message(self) -> str:
        """As it may be quoted, on one line. The text is whatever somebody made Beanstalk say."""
        text = " ".join((self.detail.message or "").split())
        return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"

    def at(self, now: datetime) -> datetime:
        """When it happened; now, if it does not say so."""
        told = self.detail.event_date
        if not isinstance(told, int | float) or not 0 < told < 1e14:
            return now
        at = datetime.fromtimestamp(told / 1000, UTC)
        return at if now - OLDEST <= at <= now + AHEAD else now


@dataclass(frozen=True)
class Happening:
    """Something that people should know, whatever health is."""

    title: str
    severity: Severity
    kind: Kind = Kind.ENVIRONMENT_EVENT


LAUNCHED_WITH_ISSUES = Happening("it was launched, but there were issues", Severity.WARNING)
UPDATE_FAILED = Happening("an update failed", Severity.ERROR)
TERMINATED = Happening("it is terminated", Severity.WARNING)
LOAD_BALANCER_DELETED = Happening("its load balancer was deleted", Severity.ERROR)
UNSEEN = Happening("Beanstalk does not see how it is", Severity.WARNING)
UNKNOWN = Happening("Beanstalk tells something that Wardrop does not know", Severity.WARNING)
UNKNOWN_ERROR = Happening("Beanstalk tells an error that Wardrop does not know", Severity.ERROR)

HAPPENINGS: dict[str, Happening | None] = {
    "environment creation started": None,
    "environment creation successful": None,
    "environment creation failed": Happening("it could not be launched", Severity.ERROR),
    "environment update started": None,
    "environment update successful": None,
    "environment update failed": UPDATE_FAILED,
    "environment termination started": Happening("it is being terminated", Severity.WARNING),
    "environment termination successful": TERMINATED,
    "environment termination failed": Happening("it could not be terminated", Severity.ERROR),
    "auto scaling group created": None,
    "auto scaling group deleted": None,
    "instance added": None,
    "instance removed": None,
    "load balancer created": None,
    "load balancer deleted": LOAD_BALANCER_DELETED,
    "managed updated started": None,
    "managed update started": None,
    "managed update failed": Happening("a managed platform update failed", Severity.ERROR, Kind.MANAGED_UPDATE_FAILED),
}
"""By Status in small letters; None for what is ordinary. AWS writes "Managed updated started"."""


def transition(event: BeanstalkEvent, now: datetime) -> Transition | None:
    """What it says of health, in whichever of Beanstalk's wordings."""
    told = _health_change(event)
    if told is None:
        return None
    before = _health(told["before"]) if told["before"] else None
    return Transition(event.at(now), _health(told["now"]), before, told["causes"])


def is_termination(event: BeanstalkEvent) -> bool:
    return event.status == "environment termination successful"


def is_failed_update(event: BeanstalkEvent) -> bool:
    """What our own deployment tells itself, if it is its update."""
    return event.status == "environment update failed"


def tells(event: BeanstalkEvent) -> bool:
    """Whether it may be more than a reason to look."""
    return _health_change(event) is not None or _happening(event) is not None


def told(event: BeanstalkEvent, seen: Environment | None, now: datetime, *, going: bool = False) -> Alert | None:
    """What people should know of it beside health; None for what is ordinary, or not ours.

    `going`: the same batch tells that the environment is being terminated. What is not shown is terminated, or
    hidden from our role; then only an event that names its application is known to be ours.
    """
    application = event.application or (seen.application if seen else None)
    happening = _happening(event) or _unseen(event, seen)
    gone = seen is None or going
    if application is None or happening is None or (happening is LOAD_BALANCER_DELETED and gone):
        return None
    where = event.environment or application
    return alert.alert(
        happening.kind,
        f"{where}/{event.status[:100]}/{_occasion(event, happening, now)}",
        event.at(now),
        event.message or f"{event.detail_type}, without a message",
        severity=happening.severity,
        title=happening.title,
        application=application,
        environment=event.environment,
        environment_id=seen.id if seen else None,
        next_step=f"wardrop status {event.environment}" if seen and happening.severity is not Severity.INFO else None,
    )


def _happening(event: BeanstalkEvent) -> Happening | None:
    if _health_change(event) is not None:
        return None
    if event.status not in HAPPENINGS:
        return UNKNOWN_ERROR if (event.detail.severity or "").upper() in ("ERROR", "FATAL") else UNKNOWN
    if event.status == "environment creation successful" and "issues during launch" in event.message:
        return LAUNCHED_WITH_ISSUES
    return HAPPENINGS[event.status]


def _unseen(event: BeanstalkEvent, seen: Environment | None) -> Happening | None:
    """Beanstalk has lost sight of an environment that it is not doing anything to."""
    told = _health_change(event)
    if told is None or seen is None:
        return None
    health = _health(told["now"])
    blind = health is Health.SUSPENDED and seen.status != "Launching"
    return UNSEEN if blind or (health in (Health.UNKNOWN, Health.NO_DATA) and seen.is_ready) else None


def _occasion(event: BeanstalkEvent, happening: Happening, now: datetime) -> str:
    """The same for the same event, however often it comes; sight is lost once an hour at most."""
    if happening is UNSEEN:
        return f"{event.at(now):%Y-%m-%dT%H}"
    return f"{event.detail.event_date or event.id}-{crc32(event.message.encode(errors='replace')):08x}"[:100]


def _health_change(event: BeanstalkEvent) -> re.Match[str] | None:
    about_health = "health" in f"{event.detail_type} {event.status}".lower()
    return HEALTH_CHANGE.search(event.message) if about_health else None


def _health(word: str) -> Health:
    plain = word.replace(" ", "").capitalize()
    if plain in ("Nodata", "Grey"):
        return Health.NO_DATA if plain == "Nodata" else Health.UNKNOWN
    return COLORS.get(plain) or Health(plain)
