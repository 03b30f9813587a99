"""A simulation of Elastic Beanstalk (API 2010-12-01), built as a backend of moto.

`install` replaces moto's own Elastic Beanstalk. `seed.seed_shop` creates an application and its environments.
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.utils import get_service_model
from moto.elasticbeanstalk.models import EBBackend, eb_backends
from moto.elasticbeanstalk.urls import url_paths

from local.clock import Clock
from local.faults import Faults

from . import exceptions, health
from .environments import Environment
from .fleet import Fleet
from .maintenance import Occupation
from .models import ElasticBeanstalkBackend
from .responses import BeanstalkResponse
from .service import Service
from .tables import table


@dataclass
class Beanstalk(Service):
    """The installed service."""

    backends: dict[tuple[str, str], ElasticBeanstalkBackend] = field(default_factory=dict)
    """The backends, keyed by account and region."""

    def __post_init__(self) -> None:
        self.run(self._check_health())

    def _occupy(self, environment: Environment) -> None:
        if environment.status == "Ready" and (fault := self.faults.strikes("occupied", environment.name)):
            seconds = fault.parameters["seconds"]
            environment.start(Occupation(environment=environment, request_id=str(uuid.uuid4()), seconds=seconds))

    def _terminate_instance(self, environment: Environment) -> None:
        """Terminates an instance, as a user could. Auto Scaling then launches another instance.

        If a command hangs on an instance, this instance is terminated, and otherwise the first one.
        """
        if environment.status == "Ready" and self.faults.strikes("instance-terminated", environment.name):
            [first, *_] = sorted(environment.instances, key=lambda instance: not instance.is_stuck)
            environment.remove([first])
            environment.resize()

    async def _check_health(self) -> None:
        await self.fleet.ready()
        while True:
            with self.lock:
                for backend in list(self.backends.values()):
                    for environment in backend.environments.values():
                        health.check(environment)
                        self._occupy(environment)
                        self._terminate_instance(environment)
            await self.clock.sleep(health.CHECK_INTERVAL)


def install(
    *,
    clock: Clock,
    faults: Faults,
    emit: Callable[[dict[str, Any]], None],
    loop: asyncio.AbstractEventLoop,
    failed_deployment_event: bool = False,
    keeps_versions_in_use: bool = False,
    fleet: Fleet | None = None,
) -> Beanstalk:
    """Replaces moto's Elastic Beanstalk.

    Must be called before the first API call. The method `close` of the result stops the simulation.

    `emit` receives each EventBridge event, on the thread of the event loop. If `failed_deployment_event` is set, a
    failed application deployment also sends an event to EventBridge. AWS does not document such an event. If
    `keeps_versions_in_use` is set, a version that an environment runs cannot be deleted. The API reference states that
    AWS refuses this, but users have reported publicly that AWS allows it. If `fleet` is None, the instances are
    simulated.
    """
    installed = Beanstalk(clock, faults, emit, loop, failed_deployment_event, keeps_versions_in_use, fleet or Fleet())

    class Backend(ElasticBeanstalkBackend):
        service = installed
        __module__ = EBBackend.__module__  # moto loads the URLs from the same package

        def __init__(self, region_name: str, account_id: str) -> None:
            super().__init__(region_name, account_id)
            # Moto holds its own lock here. Requests acquire the service's lock first and moto's lock second, so
            # acquiring the service's lock here could cause a deadlock.
            installed.backends[account_id, region_name] = self

    eb_backends.backend = Backend
    eb_backends.clear()
    url_paths["{0}/$"] = BeanstalkResponse.dispatch
    # Moto logs a warning for an error code that botocore's model does not contain, unless the code is listed here.
    COMMON_ERROR_CODES.extend(["InvalidAction", *exceptions.UNMODELLED])
    # The EB CLI's API model has members that botocore's model does not have.
    shapes = get_service_model("elasticbeanstalk")._service_description["shapes"]
    for name, members in table("eb_cli").items():
        shapes.setdefault(name, {"type": "structure", "members": {}})["members"] |= members
    return installed
