"""A request for the tail logs of an environment's instances.

After a call to RequestEnvironmentInfo, Elastic Beanstalk collects the logs. As soon as they are ready, calls to
RetrieveEnvironmentInfo return links to them. Wardrop makes such a request for a failed deployment if the deployment log
does not exist or does not name the cause.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from wardrop.evidence.explanation import Explanation

CLOCK_SKEW = timedelta(seconds=10)
MOST_INSTANCES = 3
"""The number of instances whose logs are read."""


class LogRequest(msgspec.Struct, frozen=True, kw_only=True):
    environment: str
    environment_id: str
    deployment: str
    """The id of the deployment that failed. An environment has at most one request at a time."""

    since: datetime
    """The start of the update. Log records from before this time do not explain the failure."""

    at: datetime
    """The time of the request."""

    instances: list[str] = []
    """The ids of the instances that report the version. Their logs are read first."""

    revision: int = 0
    unknown: dict[str, Any] = {}


class Patience(NamedTuple):
    """The longest times for which Wardrop waits for the logs that it has requested."""

    for_more: timedelta
    """The limit if some logs have arrived but name no cause. The logs of other instances may still arrive."""

    for_any: timedelta
    """The limit if no logs have arrived. Beanstalk deletes the logs after 15 minutes."""


def patience(settle: timedelta) -> Patience:
    """Calculates the limits from the stack's parameter SettleSeconds. By default (180 s), they are 2 and 5 minutes."""
    return Patience(for_more=settle * 2 / 3, for_any=settle * 5 / 3)


@dataclass(frozen=True)
class InstanceLog:
    """The tail log of one instance, as an object in Beanstalk's bucket."""

    instance: str
    key: str
    sampled_at: datetime


def needs_instance_logs(explanation: Explanation) -> bool:
    """Whether the deployment log does not explain the failure."""
    return explanation.cause is None


def to_read(request: LogRequest, logs: Iterable[InstanceLog]) -> list[InstanceLog]:
    """Returns the newest log of each instance since the request, for at most MOST_INSTANCES instances.

    The instances that are named in the request come first.
    """
    fresh = [log for log in logs if log.sampled_at >= request.at - CLOCK_SKEW]
    newest = {log.instance: log for log in sorted(fresh, key=lambda log: log.sampled_at)}
    return sorted(newest.values(), key=lambda log: (log.instance not in request.instances, log.instance))[
        :MOST_INSTANCES
    ]


# The records since the start of the update

_DATE = re.compile(rb"\s{0,20}[\[(]?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)")
_TOMCAT_DATE = re.compile(rb"\s{0,20}(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)")
_SYSLOG_DATE = re.compile(rb"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) ")
_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), 1
    )
}
_HEADING = re.compile(rb"/var/log/\S")


def records_since(content: bytes, since: datetime) -> bytes:
    """Removes the records from before `since`, because the end of a log may also contain earlier failures.

    Instances write times in UTC, unless a platform hook changes the time zone. If the time zone is west of Greenwich,
    too many records are removed, and Wardrop names no cause.
    """
    lines, keeps, earliest = [], True, since - CLOCK_SKEW
    for line in content.split(b"\n"):
        if _HEADING.match(line):
            keeps = False  # A record without a time at the beginning of a log may be from before `since`.
        elif at := _time_of(line, since.year):
            keeps = at >= earliest
        if keeps:
            lines.append(line)
    return b"\n".join(lines)


def _time_of(line: bytes, year: int) -> datetime | None:
    if match := _DATE.match(line):
        numbers = [int(group) for group in match.groups()]
    elif match := _TOMCAT_DATE.match(line):
        day, month, years, *clock = match.groups()
        numbers = [int(years), _MONTHS.get(month, 0), int(day), *map(int, clock)]
    elif match := _SYSLOG_DATE.match(line):
        month, day, *clock = match.groups()
        numbers = [year, _MONTHS.get(month, 0), int(day), *map(int, clock)]
    else:
        return None
    try:
        return datetime(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], tzinfo=UTC)
    except ValueError:
        return None
