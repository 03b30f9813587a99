"""Elastic Beanstalk (API 2010-12-01) on this machine, in moto's shape.

`install(...)` puts it in the place of moto's own; `seed.seed_shop()` gives it something to work on.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.utils import get_service_model
from moto.elasticbeanstalk.models import EBBackend, eb_backends
from moto.elasticbeanstalk.urls import url_paths

from local.clock import Clock
from local.faults import Faults

from .models import ElasticBeanstalkBackend
from .responses import BeanstalkResponse
from .service import Beanstalk

__all__ = ["Beanstalk", "install"]


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
