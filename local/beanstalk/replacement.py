"""Updates that may replace instances, with their health checks and their rollback.

The times are from public logs. The AWS developer guide ("Environment configuration changes") lists the changes that
replace instances. Here, if the VPC, the scheme or the environment type changes, the load balancer is replaced, too.
This is inferred from CloudFormation's replacement rules.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from . import health
from .environments import Steps, Update
from .instances import Instance, batches
from .options import ASG, BALANCER, COMMAND, HEALTH, ROLLING_UPDATE, Configuration, Option, replaces, seconds

CHECKS = {"WebServer": 12, "Worker": 18}
"""The required number of successful checks in a row, keyed by tier (AWS developer guide, "Enhanced health rules")."""

ADDED_TIMEOUT = 240
"""The seconds that Beanstalk adds to the command timeout (AWS developer guide, general options, Timeout)."""

ADDED_AFTER = 120
"""The time from an instance's launch during an update to the event that reports the instance, from public logs."""

AUTOMATIC_PAUSE = 60
"""The default of PauseTime. This value is an assumption, because AWS computes the default from the instance type."""

PROCESS = "aws:elasticbeanstalk:environment:process:default"
RESOURCES = ("aws:elb", PROCESS.removesuffix("default"))
"""The prefixes of the namespaces that contain the options of load balancers."""


class Unsuccessful(Exception):
    """The update has failed. The arguments are the event that reports the failure, and the instances that failed."""


@dataclass(kw_only=True)
class Replacement(Update):
    """An update of the configuration and, optionally, of the platform."""

    configuration: Configuration
    solution_stack_name: str
    abortable: bool = True
    new: Sequence[Instance] = ()
    """The instances that the update has launched. They are removed if the update fails."""
    undoing: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.before = self.environment.configuration
        self.balancer_before = self.environment.load_balancer_name
        self.size_before = len(self.environment.instances)

    @property
    def changed(self) -> list[Option]:
        return self.before.differing(self.configuration)

    @property
    def replaces(self) -> bool:
        """Whether the update replaces instances.

        A new platform version also replaces them (AWS developer guide, "Updating the platform").
        """
        another = self.solution_stack_name != self.environment.solution_stack_name
        return another or any(map(replaces, self.changed))

    @property
    def timeout(self) -> int:
        return int(self.environment.option("Timeout")) + ADDED_TIMEOUT

    def configure(self) -> None:
        """Applies the new settings."""
        environment = self.environment
        moves = any(option in BALANCER for option in self.changed)
        environment.configuration = self.configuration
        if moves:
            self.add_event("balancer-deleted", balancer=environment.load_balancer_name)
            environment.load_balancer_name = f"{environment.load_balancer_name[:18]}{self.request_id[:6].upper()}"
            self.add_event("balancer-created", balancer=environment.load_balancer_name)

    def launch(self, size: int, number: int) -> Steps:
        """Launches a batch of `size` instances.

        `number` is the number of the batch. The instances are not in service yet.
        """
        self.batch = self.environment.launched(size)
        self.new = [*self.new, *self.batch]
        self.environment.add(self.batch, ADDED_AFTER)
        yield from self.boot(number)

    def boot(self, number: int) -> Steps:  # noqa: ARG002 - overriding methods use it for faults
        """Deploys the last successful version to the launched instances. Raises Unsuccessful if this fails."""
        yield from self.environment.boot(self.batch)
        if failed := [each for each in self.batch if each.deployment != self.environment.expected]:
            raise Unsuccessful("command-unsuccessful", failed)

    def serve(self) -> None:
        for instance in self.batch:
            instance.in_service = True
        self.completed += len(self.batch)

    def retire(self, instances: Sequence[Instance]) -> None:
        self.environment.remove(instances)
        self.new = [each for each in self.new if each not in instances]

    def apply_health_fault(self, number: int) -> bool:
        faults = self.environment.region.service.faults
        struck = faults.strikes("deploy-fails-health", self.environment.name, batch=number) is not None
        for instance in self.batch if struck else ():
            self.environment.fleet.fail(instance)
        return struck

    def pass_health_checks(self, number: int, within: int | None = None) -> Steps:
        """Waits until the batch has passed the required number of checks in a row. Raises Unsuccessful at the timeout.

        If IgnoreHealthCheck is set, the update continues after the timeout (AWS developer guide, general options). With
        basic health, the load balancer's own checks count.
        """
        self.apply_health_fault(number)
        environment, within = self.environment, within or self.timeout
        threshold = environment.option("HealthCheckSuccessThreshold", HEALTH)
        bad = health.BAD[health.BAD.index(threshold) + 1 :] if threshold in health.BAD else health.BAD
        needed, interval = CHECKS.get(environment.tier["Name"], 12), health.CHECK_INTERVAL
        if not environment.enhanced:
            needed, interval = (
                int(environment.option(name, PROCESS)) for name in ("HealthyThresholdCount", "HealthCheckInterval")
            )
        passed = waited = 0
        while passed < needed:
            yield interval
            waited += interval
            failing = [each for each in self.batch if health.of_instance(environment, each).status in bad]
            passed = 0 if failing else passed + 1
            if waited >= within and failing:
                if environment.option("IgnoreHealthCheck") == "true":
                    break
                raise Unsuccessful("checks-unsuccessful", failing)
        for instance in self.batch:
            instance.in_service = True

    def failed_checks(self) -> Unsuccessful:
        return Unsuccessful("checks-unsuccessful", self.batch)

    def undo(self) -> Steps:
        """Restores the previous settings. If old instances were terminated, the new instances are replaced, too.

        These replacements have the previous settings, and cannot be aborted. Raises Unsuccessful if a replacement fails
        (AWS developer guide, "Rolling environment configuration updates" and "Canceling environment configuration
        updates").
        """
        self.abortable = False
        self.environment.configuration = self.before
        self.environment.load_balancer_name = self.balancer_before
        launched = [each for each in self.new if each in self.environment.instances]
        if len(self.environment.instances) - len(launched) >= self.size_before:
            self.retire(launched)
            return
        self.undoing, self.new = True, ()
        yield from replace(self, launched)


def refusal(update: Replacement, *, deploys: bool) -> str | None:
    """Returns the event that AWS adds if it refuses a change in an immutable update. None: AWS accepts the changes.

    Sources: hypothesis/deployment pull request 60 for the first refusal; AWS developer guide, "Immutable environment
    updates", for the second. The guide names only one example of refused changes, "load balancer settings". Here, only
    these changes are refused.
    """
    settings = update.configuration.settings
    of_version = settings[COMMAND, "DeploymentPolicy"] == "Immutable"
    of_settings = settings[ROLLING_UPDATE, "RollingUpdateType"] == "Immutable"
    if deploys and update.replaces and of_version != of_settings:
        return "immutable-alone"
    is_immutable = of_settings if update.replaces else of_version and deploys
    resources = any(option in BALANCER or option[0].startswith(RESOURCES) for option in update.changed)
    return "immutable-with-resources" if is_immutable and resources else None


def replace(update: Replacement, old: Sequence[Instance]) -> Steps:
    """Replaces instances according to the rolling update options: immutably, in batches, or all at once.

    The type Immutable takes effect even if RollingUpdateEnabled is not set. The other types need this option (examples
    in the AWS developer guide).
    """
    environment = update.environment
    missing = update.size_before - (len(environment.instances) - len(old))
    kind = environment.option("RollingUpdateType", ROLLING_UPDATE)
    enabled = environment.option("RollingUpdateEnabled", ROLLING_UPDATE) == "true"
    if kind == "Immutable":
        yield from immutable(update, old)
    elif enabled and not environment.single:
        yield from _in_batches(update, old, missing, by_health=kind == "Health")
    else:
        environment.remove(old)
        yield from update.launch(missing, number=1)
        update.serve()


def _in_batches(update: Replacement, old: Sequence[Instance], missing: int, *, by_health: bool) -> Steps:
    """Terminates each batch, and then launches new instances.

    Source: AWS developer guide, "Rolling environment configuration updates". If MinInstancesInService does not allow a
    whole batch to be terminated, new instances are launched first, up to MaxSize, as CloudFormation does. If MaxSize
    allows no additional instances, instances are replaced one by one.
    """
    environment, set_to = update.environment, update.environment.settings
    low, high = (int(environment.option(name, ASG)) for name in ("MinSize", "MaxSize"))
    size = int(set_to.get((ROLLING_UPDATE, "MaxBatchSize"), max(1, math.ceil(low / 3))))
    kept = int(set_to.get((ROLLING_UPDATE, "MinInstancesInService"), min(low, high - 1)))
    pause = set_to.get((ROLLING_UPDATE, "PauseTime"))
    total = len(environment.instances)
    extra = max(0, min(high, kept + min(size, len(old))) - total)
    size = max(1, min(size, total + extra - kept))
    old_ones = batches(old, "Fixed", size)
    for number, leaving in enumerate([(), *old_ones] if extra else old_ones, start=1):
        environment.remove(leaving)
        launching = min(len(leaving) or extra, missing - len(update.new))
        if launching < 1:
            continue
        yield from update.launch(launching, number)
        if by_health:
            yield from update.pass_health_checks(number, seconds(environment.option("Timeout", ROLLING_UPDATE)))
        update.serve()
        if not by_health:
            yield AUTOMATIC_PAUSE if pause is None else seconds(pause)


def immutable(update: Replacement, old: Sequence[Instance]) -> Steps:
    """Launches one new instance, and then the remaining instances. The old instances run until the end."""
    environment, add_event = update.environment, update.add_event
    group = environment.group_name.replace("-stack-", "-immutable-stack-")
    add_event("immutable-starting")
    yield 16
    add_event("temporary-group-created", group=group)
    for number, size in enumerate((1, len(old) - 1), start=1):
        if size < 1:
            continue
        if number == 2:
            add_event("test-passed")
        yield from update.launch(size, number)
        if number == 2:
            add_event("all-launched")
        listed = ", ".join(each.id for each in update.batch)
        add_event("balancer-joining", instances=listed)
        add_event("checks-awaited", instances=listed)
        yield from update.pass_health_checks(number)
    yield from take_over(update, old, group)


def take_over(update: Replacement, old: Sequence[Instance], group: str) -> Steps:
    """Replaces the old instances by the new instances. After that, the update cannot be aborted."""
    add_event = update.add_event
    add_event("detached", group=group)
    add_event("attached", group=update.environment.group_name)
    yield 27
    add_event("post-deployment")
    yield 60
    add_event("post-deployment-awaited")
    update.abortable = False
    update.new = ()
    add_event("terminating-old")
    yield 90
    update.retire(old)
    yield 100
