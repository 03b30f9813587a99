"""Elastic Beanstalk (API 2010-12-01) on this machine, in moto's shape.

`install(...)` puts it in the place of moto's own; `seed.seed_shop()` gives it something to work on.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.utils import get_service_model
from moto.elasticbeanstalk.models import EBBackend, eb_backends
from moto.elasticbeanstalk.urls import url_paths

from local.clock import Clock
from local.faults import Faults

from . import health
from .environments import Environment
from .models import ElasticBeanstalkBackend
from .responses import BeanstalkResponse
from .updates import Occupation


@dataclass
class Beanstalk:
    """The installed service: what all regions share.

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
    backends: dict[tuple[str, str], ElasticBeanstalkBackend] = field(default_factory=dict)
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

    def _occupy(self, environment: Environment) -> None:
        if environment.status == "Ready" and (fault := self.faults.strikes("occupied", environment.name)):
            seconds = fault.parameters["seconds"]
            environment.start(Occupation(environment=environment, request_id=str(uuid.uuid4()), seconds=seconds))

    async def _check_health(self) -> None:
        while True:
            with self.lock:
                for backend in list(self.backends.values()):
                    for environment in backend.environments.values():
                        health.check(environment)
                        self._occupy(environment)
            await self.clock.sleep(health.CHECK_INTERVAL)


def install(
    *,
    clock: Clock,
    faults: Faults,
    emit: Callable[[dict[str, Any]], None],
    loop: asyncio.AbstractEventLoop,
    lag: float = 0.1,
    failed_deployment_event: bool = False,
) -> Beanstalk:
    """Replaces moto's Elastic Beanstalk, before the first call to it; the handle's `close()` ends what runs.

    `emit` gets each EventBridge envelope, on the loop's thread. `lag`: for so many real seconds
    DescribeEnvironments shows an environment as it was before an update. `failed_deployment_event` lets a
    failed application deployment reach EventBridge; whether AWS does is unknown, its table has no such event.
    """
    installed = Beanstalk(clock, faults, emit, loop, lag, failed_deployment_event)

    class Backend(ElasticBeanstalkBackend):
        service = installed
        __module__ = EBBackend.__module__  # beside which moto looks for the urls

    eb_backends.backend = Backend
    eb_backends.clear()
    url_paths["{0}/$"] = BeanstalkResponse.dispatch
    # Codes that botocore's model lacks; moto warns of each error otherwise.
    COMMON_ERROR_CODES.extend(["ConfigurationValidationException", "InvalidAction", "MissingRequiredParameter"])
    # A member that botocore's model lacks and the EB CLI's has: `eb health` needs it.
    shapes = get_service_model("elasticbeanstalk")._service_description["shapes"]
    shapes["ConfigurationSettingsDescription"]["members"]["Tier"] = {"shape": "EnvironmentTier"}
    return installed
