"""Operations on a whole environment: creation, restart, swap, tags, termination, and updates by another user.

The events are from the EB CLI's list of messages, the developer guide ("Blue/Green deployments"), and public logs. The
durations are assumptions unless the developer guide or a log states them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from . import options
from .environments import Environment, Steps, Update
from .exceptions import ConfigurationValidationException
from .fleet import Outcome
from .instances import batches
from .options import Given
from .versions import ApplicationVersion


@dataclass(kw_only=True)
class Creation(Update):
    """The creation of an environment. The events and times are from a public log. In total, it takes 6.5 minutes."""

    operation = "Initialization"
    status = "Launching"

    version: ApplicationVersion | None
    bundled: Sequence[Given]
    """The settings of the bundle's `.ebextensions`."""

    def steps(self) -> Steps:
        """Creates the environment.

        In this simulation, a creation cannot be aborted, because AWS's guide mentions only updates.
        """
        self.add_event("creation-starting")
        yield 1
        yield from self.create()

    def create(self) -> Steps:
        environment = self.environment
        self.add_event("storage", bucket=environment.region.bucket)
        try:
            bundled = options.bundled(self.bundled)
            environment.configuration = replace(environment.configuration, bundled=bundled).checked()
        except ConfigurationValidationException as error:
            self.add_invalid_events(error)
            self.add_event("launch-failed")
            return
        yield 20
        self.add_event("group-created", group=environment.group_name)
        self.add_event("instances-awaited")
        yield 60
        environment.resize()
        yield 120
        if not environment.single:
            self.add_event("balancer-created", balancer=environment.load_balancer_name)
        yield 180
        environment.deployed(self.version)
        self.batch = environment.instances
        environment.run(self.batch)
        yield from self.await_commands()
        for instance in self.batch:
            if environment.fleet.finish(instance) is not Outcome.SUCCEEDED:
                environment.fleet.fail(instance)
            instance.deployment, instance.in_service = environment.expected, True
        event = "launched" if all(each.answers for each in self.batch) else "launched-with-issues"
        yield from self.complete(event, name=environment.name)


@dataclass(kw_only=True)
class Rebuild(Creation):
    """Deletes all resources and creates them again. A terminated environment has no resources to delete."""

    def steps(self) -> Steps:
        environment = self.environment
        self.add_event("rebuild-starting")
        yield 30
        environment.remove(environment.instances)
        environment.fleet.delete(environment)
        yield from self.create()


@dataclass(kw_only=True)
class Occupation(Update):
    """An update by another user. Its only effect is that the environment is Updating for some time."""

    seconds: float

    def steps(self) -> Steps:
        self.add_event("update-starting")
        yield self.seconds
        yield from self.complete("update-completed")


@dataclass(kw_only=True)
class Restart(Update):
    """Restarts the application servers: in batches if the deployment policy is rolling, and otherwise all at once."""

    operation = "Application restart"

    def steps(self) -> Steps:
        environment = self.environment
        self.add_event("restart-starting")
        size = environment.option("BatchSizeType"), int(environment.option("BatchSize"))
        if not environment.option("DeploymentPolicy").startswith("Rolling"):
            size = "Percentage", 100
        for self.batch in batches(environment.instances, *size):
            environment.run(self.batch)
            yield 7
            yield from self.await_commands()
            for _ in self.batch:
                self.add_event("instance-deployed")
            self.completed += len(self.batch)
        yield from self.complete("restarted")


@dataclass(kw_only=True)
class TagUpdate(Update):
    def steps(self) -> Steps:
        self.add_event("tags-starting")
        yield 20
        yield from self.complete("tags-updated")


@dataclass(kw_only=True)
class Swap(Update):
    """Swaps the CNAMEs of two environments. Both are Updating for about five seconds."""

    other: Environment

    def steps(self) -> Steps:
        environment, other = self.environment, self.other
        names = {"one": environment.name, "other": other.name}
        self.add_event("swap-starting")
        other.status = "Updating"
        yield 1
        self.add_event("swapping", **names)
        environment.cname, other.cname = other.cname, environment.cname
        yield 4
        for each in (environment, other):
            self.add_event("points-to", cname=each.cname, balancer=each.endpoint_url)
        yield from self.complete("swapped", **names)
        other.status = "Ready"


@dataclass(kw_only=True)
class Termination(Update):
    status = "Terminating"

    archive: Callable[[], None]
    final_status: str = "Terminated"

    def steps(self) -> Steps:
        environment = self.environment
        self.add_event("termination-starting")
        yield 30
        environment.remove(environment.instances)
        yield 60
        self.add_event("group-deleted", group=environment.group_name)
        if not environment.single:
            self.add_event("balancer-deleted", balancer=environment.load_balancer_name)
        yield 120
        environment.fleet.delete(environment)
        yield from self.complete("terminated")
        self.archive()
