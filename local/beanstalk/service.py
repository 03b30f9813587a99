"""What all regions of the stand-in share: time, faults, the one lock, and what runs on the event loop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.elasticbeanstalk.models import eb_backends

from local.clock import Clock
from local.faults import Faults

from . import health


@dataclass
class Beanstalk:
    """The installed service.

    State is touched under `lock` only: by moto's request threads, by the steps of running updates, and by
    the one ticker that checks all environments' health. `emit` is called on the loop, never under the lock.
    """

    clock: Clock
    faults: Faults
    emit: Callable[[dict[str, Any]], None]
    loop: asyncio.AbstractEventLoop
    lag: float
    failed_deployment_event: bool
    lock: Any = field(default_factory=threading.RLock)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.run(self._check_health())

    def now(self) -> datetime:
        """Beanstalk's timestamps have milliseconds."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs something on the loop; from any thread."""

        def start() -> None:
            task = self.loop.create_task(coroutine)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self.loop.call_soon_threadsafe(start)

    async def close(self) -> None:
        """Ends what runs on the loop; environments stay as they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _check_health(self) -> None:
        while True:
            with self.lock:
                for region in [region for account in list(eb_backends.values()) for region in list(account.values())]:
                    for environment in region.environments.values():
                        health.check(environment)
            await self.clock.sleep(health.CHECK_INTERVAL)
