"""CloudWatch alarms as evidence against a version.

An alarm counts if it goes into ALARM after the update started. Amazon ECS has the same rule for its deployments (Amazon
ECS developer guide, "How CloudWatch alarms detect Amazon ECS deployment failures").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.configuration.alarm_pattern import matches_any, no_alarm
from wardrop.foreign_text import clean, one_line
from wardrop.structs import replace

MAX_REASON, MOST_NAMED = 200, 3


class AlarmState(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    """CloudWatch has too few data points. This state shows neither a good nor a bad version."""


@dataclass(frozen=True)
class Alarm:
    name: str
    state: AlarmState
    since: datetime
    """The time at which the state last changed."""

    reason: str = ""
    """CloudWatch's reason for the state."""


@dataclass(frozen=True)
class AlarmsReading:
    """The states of an environment's alarms at one time."""

    alarms: tuple[Alarm, ...] = ()
    missing: tuple[str, ...] = ()
    """The configured names and patterns for which CloudWatch has no alarm."""

    unread: str | None = None
    """The reason why the alarms could not be read. None: the alarms were read."""

    @property
    def unknown(self) -> str | None:
        """A clause that states why it is not known whether an alarm was raised. None: all alarms were read."""
        if self.unread is not None:
            return f"cannot tell whether an alarm was raised, because {self.unread}"
        if self.missing:
            return f"cannot tell whether an alarm was raised, because {no_alarm(self.missing[0])}"
        return None

    @property
    def in_alarm(self) -> list[Alarm]:
        return [alarm for alarm in self.alarms if alarm.state is AlarmState.ALARM]


def reading_of(entries: Sequence[str], alarms: Iterable[Alarm]) -> AlarmsReading:
    """Returns the alarms that match the configured names and patterns, and the entries that no alarm matches."""
    matching = tuple(alarm for alarm in alarms if matches_any(entries, alarm.name))
    missing = (entry for entry in entries if not any(matches_any([entry], alarm.name) for alarm in matching))
    return AlarmsReading(matching, tuple(missing))


class RaisedAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that went into ALARM after the update started. It counts even if it is no longer in ALARM."""

    name: str
    at: datetime
    reason: str = ""

    def __post_init__(self) -> None:
        clean(self, "reason", limit=MAX_REASON)


class WatchedAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """The alarms that are watched during one deployment."""

    entries: list[str]
    """The names of the alarms. When the deployment starts, each pattern is replaced by the names that match it.

    A pattern remains if the alarms could not be read at the start, or if the pattern matched no alarm.
    """

    before: list[str] | None = None
    """The alarms that were already in ALARM before the update, and therefore do not count.

    None: the alarms could not be read.
    """

    raised: list[RaisedAlarm] = []

    def with_raised(self, raised: Iterable[RaisedAlarm]) -> "WatchedAlarms":
        return replace(self, raised=[*self.raised, *raised])


def watched_from(entries: list[str], reading: AlarmsReading) -> WatchedAlarms:
    """Returns the alarms to watch during a deployment. `reading` contains their states before the update."""
    if reading.unread is not None:
        return WatchedAlarms(entries=entries)
    names = [alarm.name for alarm in reading.alarms]
    return WatchedAlarms(
        entries=list(dict.fromkeys([*names, *reading.missing])),
        before=[alarm.name for alarm in reading.in_alarm],
    )


def newly_raised(watched: WatchedAlarms, reading: AlarmsReading, update_started_at: datetime) -> list[RaisedAlarm]:
    """Returns the alarms in ALARM that count against the version and are not recorded yet.

    If the alarms could not be read before the update, the time of an alarm's last change decides. Example: the update
    started at 12:00:00. An alarm in ALARM since 11:58:00 does not count. An alarm in ALARM since 12:01:00 counts.
    """
    recorded = {raised.name for raised in watched.raised}
    return [
        RaisedAlarm(name=alarm.name, at=alarm.since, reason=alarm.reason)
        for alarm in reading.in_alarm
        if alarm.name not in recorded and not _was_in_alarm(watched, alarm, update_started_at)
    ]


def _was_in_alarm(watched: WatchedAlarms, alarm: Alarm, update_started_at: datetime) -> bool:
    return alarm.since < update_started_at if watched.before is None else alarm.name in watched.before


# Sentences


def raised_sentence(raised: Sequence[RaisedAlarm]) -> str:
    """Names at most three alarms."""
    clauses = [
        f"the alarm {one_line(alarm.name)} went into ALARM at {alarm.at:%H:%M:%S}"
        + (f" ({alarm.reason.rstrip('.')})" if alarm.reason else "")
        for alarm in raised[:MOST_NAMED]
    ]
    return "; ".join(clauses) + _more(raised)


def start_clause(reading: AlarmsReading) -> str:
    """Returns a clause about alarms that cannot count during the deployment that starts, or that cannot be found.

    If there are no such alarms, the clause is empty.
    """
    if reading.unread is not None:
        return f"cannot tell which alarms are in ALARM already, because {reading.unread}"
    excused = ", ".join(one_line(alarm.name) for alarm in reading.in_alarm[:MOST_NAMED]) + _more(reading.in_alarm)
    clauses = [f"alarms that are already in ALARM do not count for this deployment: {excused}"] if excused else []
    return "; ".join([*clauses, *map(no_alarm, reading.missing[:1])])


def none_counts_clause(watched: WatchedAlarms) -> str:
    """States that no alarm counts. Names the alarms that cannot count, because they were in ALARM before the update."""
    clause = "no alarm counts against it"
    if not watched.before:
        return clause
    excused = ", ".join(map(one_line, watched.before[:MOST_NAMED])) + _more(watched.before)
    return f"{clause} (not counted, because in ALARM before the update: {excused})"


def _more(alarms: Sequence[object]) -> str:
    return f" and {len(alarms) - MOST_NAMED} more" if len(alarms) > MOST_NAMED else ""
