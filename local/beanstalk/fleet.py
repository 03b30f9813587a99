"""The instances of environments. They are simulated, or they are servers on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from .instances import Instance
from .tables import table

if TYPE_CHECKING:
    from .environments import Environment
    from .versions import ApplicationVersion

WINDOW_SECONDS = 10
"""The length of the period for which AWS reports request metrics, in seconds."""


class Outcome(Enum):
    """The result of a command on an instance."""

    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()


@dataclass(frozen=True)
class Traffic:
    """The requests in the last WINDOW_SECONDS."""

    statuses: tuple[int, int, int, int] = (0, 0, 0, 0)
    """The numbers of responses with a status 2xx, 3xx, 4xx and 5xx."""
    latency: dict[str, float] = field(default_factory=lambda: dict(table("defaults")["latency"]))
    """The latency in seconds, keyed by percentile."""

    @property
    def requests(self) -> int:
        return sum(self.statuses)

    @property
    def metrics(self) -> dict[str, Any]:
        """The traffic in the form of `ApplicationMetrics` in DescribeEnvironmentHealth."""
        statuses = dict(zip(("Status2xx", "Status3xx", "Status4xx", "Status5xx"), self.statuses, strict=True))
        whole = {"Duration": WINDOW_SECONDS, "RequestCount": self.requests, "StatusCodes": statuses}
        return {**whole, "Latency": self.latency}


def total(several: Iterable[Traffic]) -> Traffic:
    """Adds up the traffic of several instances.

    Each percentile is the mean of the instances' percentiles, weighted by the number of their requests.
    """
    each = list(several)
    sums = [sum(numbers) for numbers in zip(*(traffic.statuses for traffic in each), strict=True)] or [0, 0, 0, 0]
    latency = dict(Traffic().latency)
    if requests := sum(sums):
        latency = {name: sum(one.latency[name] * one.requests for one in each) / requests for name in latency}
    return Traffic((sums[0], sums[1], sums[2], sums[3]), latency)


class Fleet:
    """Simulated instances. A subclass runs real servers instead.

    A command succeeds if the bundle can be unpacked. The bundle determines the responses to requests.

    Every caller holds the service's lock, so no method except `ready` may wait. The load balancer distributes requests
    to the instances that are `in_service`, according to their `weight`.
    """

    def __init__(self) -> None:
        self._started: dict[str, ApplicationVersion | None] = {}

    async def ready(self) -> None:
        """Waits until the instances of the first environments run. Only then is health reported."""

    def launch(self, environment: Environment, instances: Sequence[Instance]) -> None:
        """Starts the instances, which do not run a version yet."""

    def terminate(self, environment: Environment, instances: Sequence[Instance]) -> None:  # noqa: ARG002
        for instance in instances:
            self._started.pop(instance.id, None)

    def delete(self, environment: Environment) -> None:
        """Deletes the load balancer of an environment."""

    def start(self, environment: Environment, instance: Instance, version: ApplicationVersion | None) -> None:  # noqa: ARG002
        """Starts the command that replaces the previous version by this version. None: AWS's sample application."""
        self._started[instance.id] = version

    def is_running(self, instance: Instance) -> bool:  # noqa: ARG002
        """Whether the instance is executing a command."""
        return False

    def finish(self, instance: Instance) -> Outcome:
        """Returns the result of the instance's last command, after the command has ended."""
        version = self._started[instance.id]
        answers = version is None or version.answers()
        if answers is None:
            return Outcome.FAILED
        instance.answers = answers
        return Outcome.SUCCEEDED

    def fail(self, instance: Instance) -> None:
        """Makes the application stop answering requests."""
        instance.answers = False

    def traffic(self, instance: Instance) -> Traffic:
        """Returns the traffic of an instance.

        A simulated instance answers only one request in WINDOW_SECONDS: a health check of the load balancer.
        """
        well = int(instance.answers)
        return Traffic((well, 0, 1 - well, 0)) if instance.in_service else Traffic()

    def printed(self, instance: Instance) -> str:  # noqa: ARG002
        """Returns the output of the instance's server."""
        return ""

    def log(self, environment: Environment) -> str:  # noqa: ARG002
        """Returns the output of one of the servers that have executed commands since the last call of this method."""
        return ""

    def address(self, environment: Environment) -> str | None:  # noqa: ARG002
        """Returns the address at which the load balancer accepts requests. None: the website is simulated."""
        return None
