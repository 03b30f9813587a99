"""Updates that may replace instances: their health gate, how they replace instances, and how they are undone.

The times are from public logs. Which changes replace instances is from the AWS developer guide, "Environment
configuration changes". That a change of VPC, scheme or type also replaces the load balancer is inferred from
CloudFormation's replacement rules.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from . import health
from .environments import Steps, Update
from .instances import Instance, batches
from .options import ASG, BALANCER, COMMAND, HEALTH, ROLLING_UPDATE, Configuration, Option, replaces, seconds

CHECKS = {"WebServer": 12, "Worker": 18}
"""The number of healthy checks in a row that are required, by tier (AWS developer guide, "Enhanced health rules")."""

ADDED_TIMEOUT = 240
"""The service adds so many seconds to the command timeout (AWS developer guide, general options, Timeout)."""

BOOT_SECONDS = 100
"""From the launch of an instance to the end of its first command (public logs of immutable deployments)."""

AUTOMATIC_PAUSE = 60
"""AWS computes a missing PauseTime from instance type and container. This value is invented."""

PROCESS = "aws:elasticbeanstalk:environment:process:default"
RESOURCES = ("aws:elb", PROCESS.removesuffix("default"))
"""Prefixes of the load balancers' namespaces."""


class Unsuccessful(Exception):
    """The update fails. Has the event that reports the failure, and the instances that failed."""


@dataclass(kw_only=True)
class Replacement(Update):
    """An update to a configuration, and maybe to another platform."""

    configuration: Configuration
    solution_stack_name: str
    abortable: bool = True
    new: Sequence[Instance] = ()
    """The instances that the update has launched. If the update fails, they are removed."""
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
        """Another platform version is a configuration update as well (AWS developer guide, "Updating the platform")."""
        another = self.solution_stack_name != self.environment.solution_stack_name
        return another or any(map(replaces, self.changed))

    @property
    def timeout(self) -> int:
        return int(self.environment.option("Timeout")) + ADDED_TIMEOUT

    def configure(self) -> None:
        """From here on the new settings apply, until the update is undone."""
        environment = self.environment
        moves = any(option in BALANCER for option in self.changed)
        environment.configuration = self.configuration
        if moves:
            self.say("balancer-deleted", balancer=environment.load_balancer_name)
            environment.load_balancer_name = f"{environment.load_balancer_name[:18]}{self.request_id[:6].upper()}"
            self.say("balancer-created", balancer=environment.load_balancer_name)

    def launch(self, size: int, number: int) -> Steps:
        """Launches the current batch. The instances serve once they are healthy. `number`: of the batch."""
        self.batch = self.environment.launched(size)
        for instance in self.batch:
            instance.deployment, instance.in_service = None, False
        self.new = [*self.new, *self.batch]
        self.environment.add(self.batch)
        yield from self.boot(number)

    def boot(self, number: int) -> Steps:  # noqa: ARG002 - overriding methods use it for faults
        """Deploys the last successful version to the launched instances."""
        yield BOOT_SECONDS
        for instance in self.batch:
            instance.deployment = self.environment.expected

    def serve(self) -> None:
        for instance in self.batch:
            instance.in_service = True
        self.completed += len(self.batch)

    def retire(self, instances: Sequence[Instance]) -> None:
        self.environment.remove(instances)
        self.new = [each for each in self.new if each not in instances]

    def suffer_faults(self, number: int) -> bool:
        faults = self.environment.region.service.faults
        struck = faults.strikes("deploy-fails-health", self.environment.name, batch=number) is not None
        for instance in self.batch if struck else ():
            instance.answers = False
        return struck

    def pass_health_checks(self, number: int, within: int | None = None) -> Steps:
        """The health gate of a batch: it must pass a number of checks in a row, within the command timeout.

        A failed check resets the count. With IgnoreHealthCheck the update goes on when the time is up (AWS developer
        guide, general options). With basic health the load balancer's own checks decide.
        """
        self.suffer_faults(number)
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

    def unwell(self) -> Unsuccessful:
        return Unsuccessful("checks-unsuccessful", self.batch)

    def undo(self) -> Steps:
        """Restores the previous settings. If old instances were replaced, the new instances are replaced in turn.

        This replacement follows the previous settings, cannot be aborted, and may itself be Unsuccessful (AWS developer
        guide, "Rolling environment configuration updates" and "Canceling environment configuration updates").
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
    """The event that refuses an immutable update together with other changes, or None if AWS accepts them.

    Source: AWS developer guide, "Immutable environment updates". The first refusal was seen
    (hypothesis/deployment pull request 60). The guide names refused changes, "for example, load balancer settings".
    Only load balancer settings are refused here.
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
    """Replaces instances as the rolling update options say: immutably, in batches, or all at once.

    RollingUpdateType alone is enough for immutable updates. The other types must also be enabled (AWS developer guide,
    examples).
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
    """Terminates each batch, then launches new instances.

    Source: AWS developer guide, "Rolling environment configuration updates".

    If MinInstancesInService leaves no room for a batch, capacity is first raised up to MaxSize, as CloudFormation does.
    If MaxSize leaves no room either, instances are replaced one by one.
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
        wanted = min(len(leaving) or extra, missing - len(update.new))
        if wanted < 1:
            continue
        yield from update.launch(wanted, number)
        if by_health:
            yield from update.pass_health_checks(number, seconds(environment.option("Timeout", ROLLING_UPDATE)))
        update.serve()
        if not by_health:
            yield AUTOMATIC_PAUSE if pause is None else seconds(pause)


def immutable(update: Replacement, old: Sequence[Instance]) -> Steps:
    """Launches one new instance, then the others. The old instances keep running, and are terminated at the end."""
    environment, say = update.environment, update.say
    group = environment.group_name.replace("-stack-", "-immutable-stack-")
    say("immutable-starting")
    yield 16
    say("temporary-group-created", group=group)
    for number, size in enumerate((1, len(old) - 1), start=1):
        if size < 1:
            continue
        if number == 2:
            say("test-passed")
        yield from update.launch(size, number)
        if number == 2:
            say("all-launched")
        listed = ", ".join(each.id for each in update.batch)
        say("balancer-joining", instances=listed)
        say("checks-awaited", instances=listed)
        yield from update.pass_health_checks(number)
    yield from take_over(update, old, group)


def take_over(update: Replacement, old: Sequence[Instance], group: str) -> Steps:
    """The new instances become the fleet. From then on the update cannot be aborted."""
    say = update.say
    say("detached", group=group)
    say("attached", group=update.environment.group_name)
    yield 27
    say("post-deployment")
    yield 60
    say("post-deployment-awaited")
    update.abortable = False
    update.new = ()
    say("terminating-old")
    yield 90
    update.retire(old)
    yield 100
