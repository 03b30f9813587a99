"""The state that all regions have in common, and the events and ARNs of a region."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.base_backend import BaseBackend

from local.clock import Clock
from local.faults import Faults

from .events import Event
from .fleet import Fleet
from .tables import table

EVENTS_KEPT = 6 * 7 * 86400
"""DescribeEvents returns an event for this time, in simulated seconds: six weeks (API reference)."""


@dataclass
class Service:
    """The state that all regions have in common.

    Every reader and writer of Beanstalk's state must hold `lock`. These are moto's request threads, the steps of
    running updates, and the task that checks the health of all environments. `emit` is called on the event loop,
    without the lock.
    """

    clock: Clock
    faults: Faults
    emit: Callable[[dict[str, Any]], None]
    loop: asyncio.AbstractEventLoop
    failed_deployment_event: bool
    keeps_versions_in_use: bool
    fleet: Fleet = field(default_factory=Fleet)
    lock: Any = field(default_factory=threading.RLock)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def now(self) -> datetime:
        """Returns the current time in whole milliseconds, as in Beanstalk's timestamps."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine on the event loop. Any thread can call this method."""

        def start() -> None:
            task = self.loop.create_task(coroutine)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self.loop.call_soon_threadsafe(start)

    async def close(self) -> None:
        """Cancels all running tasks. The environments keep their states."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Region(BaseBackend):  # type: ignore[misc]
    service: Service

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.events: deque[Event] = deque()
        self.bucket = f"elasticbeanstalk-{region_name}-{account_id}"

    def arn(self, kind: str, *path: str) -> str:
        return f"arn:aws:elasticbeanstalk:{self.region_name}:{self.account_id}:{kind}/{'/'.join(path)}"

    def kept_events(self) -> list[Event]:
        """Returns the events of the last six weeks, the newest first."""
        while self.events and self.service.clock.seconds_since(self.events[0].event_date) > EVENTS_KEPT:
            self.events.popleft()
        return list(reversed(self.events))

    def report(self, event: str, values: Mapping[str, object], **about: Any) -> None:
        row, service = table("events")[event], self.service
        message, severity = row["message"].format(**values), row.get("severity", "INFO")
        self.events.append(Event(service.now(), message, severity, **about))
        if "status" in row and (service.failed_deployment_event or "optional" not in row):
            envelope = self.events[-1].envelope(row, self.account_id, self.region_name)
            service.loop.call_soon_threadsafe(service.emit, envelope)
