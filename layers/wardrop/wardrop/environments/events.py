"""Recognizes the messages of Beanstalk's events and the causes of a health status. No other module compares such texts.

Sources: `ebcli/resources/strings.py` of the EB CLI, Elastic Beanstalk's EventBridge reference, and events that users
published. `local/beanstalk/events.json` contains the same messages.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from wardrop.environments.model import COLORS, Event, Health

UPDATE_STARTS = "Environment update is starting."
STARTS = " is starting."
"""The last words of each event that reports the start of an operation on an environment."""

LOGS_REQUESTED = "requestEnvironmentInfo is starting."
RESTART_STARTS = "restartAppServer is starting."
REBUILD_STARTS = "rebuildEnvironment is starting."
"""This message is inferred from the names of other operations. No public log contains it."""

MANAGED_UPDATE_STARTS = "Managed platform update is in-progress"
VERSION_DEPLOYMENT_STARTS = "Deploying new version to instance(s)"
LOAD_BALANCER_DELETED = "Deleted load balancer named"

INSTANCES_ADDED = re.compile(r"Added instances? \[([^\]]*)\]")
INSTANCES_REMOVED = re.compile(r"Removed instances? \[([^\]]*)\]")

UPDATE_SUCCEEDED = "Environment update completed successfully."

SETTINGS_FAILED = "Failed to deploy configuration."
UPDATE_FAILED = (
    "Failed to deploy application.",
    SETTINGS_FAILED,
    "Update environment operation is complete, but with errors.",
)
"""The first words of the events that end a failed update. More text may follow."""

_NOT_RESPONDED = re.compile(r"have not responded in the allowed command timeout time[^\[]*\[([^\]]*)\]")

CONSEQUENCES = (*UPDATE_FAILED, "During an aborted deployment")
"""The first words of error events that are only the consequence of another error."""

VERSION_FAILED = (
    "Instance deployment failed",
    "Unsuccessful command execution",
    "Command failed on instance",
    "did not pass health check",
)
"""Parts of error messages that show that the version failed on an instance."""

VERSION_NOT_AT_FAULT = re.compile(
    r"(?:\[Instance: [\w-]+\] )?(?:"
    r"Service:[\w ]{1,80}, ?Message:.*?(?:not authorized|Access ?Denied)"
    r"|You (?:are not authorized|do not have permission)"
    r"|User: \S{1,300} is not authorized"
    r"|Access Denied: S3Bucket="
    r"|(?:Unable|Failed|Instance deployment failed) to download"
    r"|Unable to assume role"
    r")",
    re.DOTALL,
)
"""Matches the first words of error events about a missing permission or bundle.

These events take precedence over VERSION_FAILED.

Only the first words are matched, because Beanstalk quotes the output of a failed command at the end of the message. If
a hook of the version prints "Access Denied", the version is the cause of the failure.
"""

WRONG_VERSION = "Incorrect application version"
"""The first words of the cause that is reported if an instance's version differs from the environment's version."""

_LOAD_BALANCER_CAUSE = re.compile(r"\bELB (?:processes|health)\b")
"""Matches the causes of a health status that state only that the load balancer sends an instance no requests."""

ABORTING = "Aborting the operation."

HEALTH_EVENT = "Environment health has"
LAUNCH_ISSUES = "issues during launch"

_STATUS = "|".join(["no ?data", *(health for health in Health if health is not Health.NO_DATA), *COLORS, "Grey"])
_HEALTH_CHANGE = re.compile(
    rf"\bhealth has (?:transitioned|been set)(?: from (?P<before>{_STATUS}))?"
    rf" to (?P<now>{_STATUS})\b\.?\s*(?P<causes>.*)",
    re.IGNORECASE | re.DOTALL,
)


class ReportedHealth(NamedTuple):
    health: Health
    before: Health | None
    causes: str


def starts(events: Sequence[Event]) -> list[Event]:
    """Returns the events that report the start of an update, the oldest first. Beanstalk runs one update at a time."""
    return [event for event in events if event.message == UPDATE_STARTS and event.request_id]


def end(events: Sequence[Event]) -> Event | None:
    """Returns the event that reports the end of an update. `events` are the events of this update."""
    return next((event for event in events if event.message.startswith((UPDATE_SUCCEEDED, *UPDATE_FAILED))), None)


def unsuccessful(events: Sequence[Event]) -> list[Event]:
    """Returns the start events of updates that did not succeed but may have deployed a version, such as aborted ones.

    An update that failed to deploy settings is excluded, because Beanstalk restores the earlier settings.
    """
    return [start for start in starts(events) if not _leaves_nothing(start, events)]


def _leaves_nothing(start: Event, events: Sequence[Event]) -> bool:
    closing = end([event for event in events if event.request_id == start.request_id])
    return closing is not None and closing.message.startswith((UPDATE_SUCCEEDED, SETTINGS_FAILED))


def errors(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.is_error or event.message.startswith(UPDATE_FAILED)]


def unresponsive(events: Sequence[Event]) -> list[str]:
    """Returns the ids of instances that did not respond to the command in time. The command may still run there."""
    lists = [match[1] for event in events if (match := _NOT_RESPONDED.search(event.message))]
    return list(dict.fromkeys(id_ for listed in lists for id_ in re.split(r"[\s,]+", listed) if id_))


def first_cause(errors: Sequence[Event]) -> str:
    """Returns the first error that is not a consequence of another error, without the final full stop."""
    cause = next((error for error in errors if not error.message.startswith(CONSEQUENCES)), errors[0])
    return cause.message.strip().removesuffix(ABORTING).strip().rstrip(".")


def blame_the_version(errors: Sequence[Event]) -> bool:
    return _any_has(errors, VERSION_FAILED) and not excuse_the_version(errors)


def excuse_the_version(errors: Sequence[Event]) -> bool:
    return any(VERSION_NOT_AT_FAULT.match(error.message) for error in errors)


def explains_health(message: str) -> bool:
    """Whether a warning or an error may explain the health status. A consequence of another error does not."""
    return not message.startswith((HEALTH_EVENT, *CONSEQUENCES))


def is_out_of_load_balancer(cause: str) -> bool:
    """Whether a cause states only that the load balancer sends the instance no requests.

    Failed requests are another cause.
    """
    return _LOAD_BALANCER_CAUSE.search(cause) is not None


def reported_health(message: str) -> ReportedHealth | None:
    """Returns the health status in the message of a health event, or None if no known wording occurs in it."""
    change = _HEALTH_CHANGE.search(message)
    if change is None:
        return None
    before = _health(change["before"]) if change["before"] else None
    return ReportedHealth(_health(change["now"]), before, change["causes"])


def _health(word: str) -> Health:
    name = word.replace(" ", "").capitalize()
    match name:
        case "Nodata":
            return Health.NO_DATA
        case "Grey":
            return Health.UNKNOWN
        case _:
            return COLORS.get(name) or Health(name)


def _any_has(errors: Sequence[Event], parts: Sequence[str]) -> bool:
    return any(part in error.message for error in errors for part in parts)
