"""Operations on a whole environment: creation, restart, swap, tags, termination, and updates by somebody else.

The events are from the EB CLI's list of texts, the developer guide ("Blue/Green deployments") and public logs. The
times are invented, except those in the guide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from . import options
from .environments import Environment, Steps, Update
from .exceptions import ConfigurationValidationException
from .instances import batches
from .options import Given
from .versions import ApplicationVersion


@dataclass(kw_only=True)
class Creation(Update):
    """Events and times are from the public log of a load-balanced environment: about six and a half minutes."""

    noun = "Initialization"
    status = "Launching"

    version: ApplicationVersion | None
    bundled: Sequence[Given]
    """The settings of the bundle's `.ebextensions`."""

    def steps(self) -> Steps:
        """It is not known whether a creation can be aborted. The guide mentions only updates."""
        environment = self.environment
        self.say("creation-starting")
        yield 1
        self.say("storage", bucket=environment.region.bucket)
        try:
            bundled = options.bundled(self.bundled)
            environment.configuration = replace(environment.configuration, bundled=bundled).checked()
        except ConfigurationValidationException as error:
            self.say_invalid(error)
            self.say("launch-failed")
            return
        yield 20
        self.say("group-created", group=environment.group_name)
        self.say("instances-awaited")
        yield 60
        environment.resize()
        yield 120
        if not environment.single:
            self.say("balancer-created", balancer=environment.load_balancer_name)
        yield 180
        environment.deployed(self.version)
        for instance in environment.instances:
            instance.deployment, instance.answers = environment.expected, environment.answers
        self.successful = True
        self.say("launched" if environment.answers else "launched-with-issues", name=environment.name)


@dataclass(kw_only=True)
class Occupation(Update):
    """Somebody else's update. Only its start, its duration and its end are visible."""

    seconds: float

    def steps(self) -> Steps:
        self.say("update-starting")
        yield self.seconds
        self.successful = True
        self.say("update-completed")


@dataclass(kw_only=True)
class Restart(Update):
    """Restarts in the batches of a rolling deployment if the policy is rolling."""

    noun = "Application restart"

    def steps(self) -> Steps:
        environment = self.environment
        self.say("restart-starting")
        size = environment.option("BatchSizeType"), int(environment.option("BatchSize"))
        if not environment.option("DeploymentPolicy").startswith("Rolling"):
            size = "Percentage", 100
        for self.batch in batches(environment.instances, *size):
            yield 7
            for _ in self.batch:
                self.say("instance-deployed")
            self.completed += len(self.batch)
        self.say("restarted")
        self.successful = True


@dataclass(kw_only=True)
class TagUpdate(Update):
    def steps(self) -> Steps:
        self.say("tags-starting")
        yield 20
        self.say("tags-updated")
        self.successful = True


@dataclass(kw_only=True)
class Swap(Update):
    """Takes about five seconds. The other environment is Updating during this time."""

    other: Environment

    def steps(self) -> Steps:
        one, other = self.environment, self.other
        names = {"one": one.name, "other": other.name}
        self.say("swap-starting")
        other.status = "Updating"
        yield 1
        self.say("swapping", **names)
        one.cname, other.cname = other.cname, one.cname
        yield 4
        for each in (one, other):
            self.say("points-to", cname=each.cname, balancer=each.endpoint_url)
        other.status = "Ready"
        self.say("swapped", **names)
        self.successful = True


@dataclass(kw_only=True)
class Termination(Update):
    status = "Terminating"

    archive: Callable[[], None]
    over: str = "Terminated"

    def steps(self) -> Steps:
        environment = self.environment
        self.say("termination-starting")
        yield 30
        environment.remove(environment.instances)
        yield 60
        self.say("group-deleted", group=environment.group_name)
        if not environment.single:
            self.say("balancer-deleted", balancer=environment.load_balancer_name)
        yield 120
        self.archive()
        self.successful = True
        self.say("terminated")
