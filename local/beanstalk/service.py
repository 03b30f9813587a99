"""What all regions of the stand-in share: time, faults, the one lock, and what runs on the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any

from local.clock import Clock
from local.faults import Faults

from . import health
from .events import Event, envelope

if TYPE_CHECKING:
    from .models import ElasticBeanstalkBackend
    from .updates import Update


class Beanstalk:
    """The installed service.

    State is touched under `lock` only: by moto's request threads, by the steps of running updates, and by
    the one ticker that checks all environments' health. `emit` is called on the loop, never under the lock.
    """

    def __init__(
        self,
        clock: Clock,
        faults: Faults,
        emit: Callable[[dict[str, Any]], None],
        loop: asyncio.AbstractEventLoop,
        lag: float,
        failed_deployment_event: bool,
    ) -> None:
        self.clock, self.faults, self.lag = clock, faults, lag
        self.lock = threading.RLock()
        self.backends: dict[tuple[str, str], ElasticBeanstalkBackend] = {}
        self._emit, self._loop = emit, loop
        self._failed_deployment_event = failed_deployment_event
        self._tasks: set[asyncio.Task[None]] = set()
        self.run(self._check_health())

    def now(self) -> datetime:
        """Beanstalk's timestamps have milliseconds."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def publish(self, event: Event, account: str, region: str) -> None:
        carried = envelope(event, account, region, failed_deployments=self._failed_deployment_event)
        if carried is not None:
            self._loop.call_soon_threadsafe(self._emit, carried)

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs something on the loop; from any thread."""

        def start() -> None:
            task = self._loop.create_task(coroutine)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._loop.call_soon_threadsafe(start)

    def wake(self, update: Update) -> None:
        """Ends the wait that a running update is in."""
        self._loop.call_soon_threadsafe(update.end_wait)

    async def later(self, seconds: float, act: Callable[[], None]) -> None:
        await self.clock.sleep(seconds)
        with self.lock:
            act()

    async def close(self) -> None:
        """Ends what runs on the loop; environments stay as they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _check_health(self) -> None:
        while True:
            with self.lock:
                for backend in list(self.backends.values()):
                    for environment in backend.environments.values():
                        health.check(environment, self.faults, self.clock)
            await self.clock.sleep(health.CHECK_INTERVAL)
