"""Finds the newest operation on an environment in its events. It does not matter who started the operation."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wardrop.environments import events as texts
from wardrop.environments.model import Event

STALE = timedelta(minutes=1)
"""The time after the start of an update during which DescribeEnvironments may still return the status Ready."""


class OperationKind(StrEnum):
    UPDATE = "update"
    """A call to UpdateEnvironment, which changes settings, the version or the platform."""

    RESTART = "restart"
    REBUILD = "rebuild"
    OTHER = "other"
    """Any other operation, such as a change of tags, a swap of CNAMEs, a creation or a termination.

    It replaces no instances.
    """


_KINDS = {
    texts.UPDATE_STARTS: OperationKind.UPDATE,
    texts.RESTART_STARTS: OperationKind.RESTART,
    texts.REBUILD_STARTS: OperationKind.REBUILD,
}


@dataclass(frozen=True)
class Operation:
    request_id: str
    started_at: datetime
    kind: OperationKind = OperationKind.UPDATE
    is_managed: bool = False
    """Whether the operation is a managed platform update. Beanstalk starts it in the maintenance window."""

    deploys_version: bool = False
    launched: tuple[str, ...] = ()
    """The ids of all instances that were launched since the start of the operation.

    Instances that were launched for another reason are included, because the events do not name the operation.
    """

    removed: tuple[str, ...] = ()
    replaced_load_balancer: bool = False
    has_ended: bool = False

    @property
    def instance_changes(self) -> str:
        """For example `1 instance removed and 2 launched`."""
        removed = len(self.removed)
        return f"{removed} instance{'' if removed == 1 else 's'} removed and {len(self.launched)} launched"

    @property
    def has_replaced_instances(self) -> bool:
        return bool(self.launched or self.removed)

    def may_continue(self, now: datetime) -> bool:
        """Whether the operation may be in progress although DescribeEnvironments returns the status Ready."""
        return not self.has_ended and now - self.started_at < STALE


def newest_operation(events: Sequence[Event]) -> Operation | None:
    """Returns the newest operation, or None if no event starts an operation. `events` are ordered by time."""
    starts = [number for number, event in enumerate(events) if _starts(event)]
    if not starts:
        return None
    start, previous = events[starts[-1]], starts[-2] if len(starts) > 1 else -1
    since = events[starts[-1] :]
    own = [event for event in since if event.request_id == start.request_id]
    # The event about a managed update may precede the start event. The end of the previous operation precedes both.
    earlier = events[_last_end(events, previous, starts[-1]) + 1 :]
    return Operation(
        request_id=start.request_id or "",
        started_at=start.at,
        kind=_KINDS.get(start.message, OperationKind.OTHER),
        is_managed=any(event.message.startswith(texts.MANAGED_UPDATE_STARTS) for event in earlier),
        deploys_version=any(event.message.startswith(texts.VERSION_DEPLOYMENT_STARTS) for event in own),
        launched=_instances(since, texts.INSTANCES_ADDED),
        removed=_instances(since, texts.INSTANCES_REMOVED),
        replaced_load_balancer=any(event.message.startswith(texts.LOAD_BALANCER_DELETED) for event in since),
        has_ended=texts.end(own) is not None,
    )


def _starts(event: Event) -> bool:
    """Whether the event starts an operation that may change something. A request for logs changes nothing."""
    is_start = event.message.endswith(texts.STARTS) and event.message != texts.LOGS_REQUESTED
    return event.request_id is not None and is_start


def _last_end(events: Sequence[Event], first: int, last: int) -> int:
    """Returns the index of the event that ends the previous operation, or else of the event that starts it."""
    ends = [number for number in range(first + 1, last) if texts.end([events[number]])]
    return ends[-1] if ends else first


def _instances(events: Iterable[Event], form: "re.Pattern[str]") -> tuple[str, ...]:
    listed = [match[1] for event in events if (match := form.match(event.message))]
    return tuple(instance.strip() for ids in listed for instance in ids.split(",") if instance.strip())
