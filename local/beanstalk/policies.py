"""One generator of steps for each deployment policy.

The times are those of public logs: 79 s for three instances all at once, about 2 min 40 s for each batch of
a rolling deployment, 18 minutes for three immutable ones. Events of RollingWithAdditionalBatch and
TrafficSplitting are not known; theirs are made up, and nothing should rest on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .environments import Instance, batches
from .options import SPLITTING
from .updates import Steps

if TYPE_CHECKING:
    from .deployments import ApplicationDeployment


def all_at_once(deployment: ApplicationDeployment) -> Steps:
    """Every instance at the same time, and no health gate: a log of 79 s has no room for one.

    So an application that does not answer is deployed with success, and Severe.
    """
    deployment.batch = deployment.environment.instances
    for instance in deployment.batch:
        instance.in_service = False
    try:
        yield from deployment.execute(seconds=60)
    finally:
        for instance in deployment.batch:
            instance.in_service = True
    if deployment.suffer_faults(number=1):
        yield deployment.timeout - 60
        raise deployment.unwell()


def rolling(deployment: ApplicationDeployment) -> Steps:
    yield from _roll(deployment, deployment.environment.instances, first=1)


def rolling_with_additional_batch(deployment: ApplicationDeployment) -> Steps:
    """A batch of new instances first, so that capacity never falls; as many go again at the end."""
    fleet = list(deployment.environment.instances)
    number = len(_batches(deployment, fleet)[0]) if fleet else 0
    deployment.say("additional-launching", number=number)
    yield from deployment.launch(number, said=1)
    yield from deployment.pass_health_checks(1)
    deployment.completed = 0
    yield from _roll(deployment, fleet, first=2)
    deployment.retire(deployment.new)


def immutable(deployment: ApplicationDeployment) -> Steps:
    """One new instance, then the rest beside the old ones, which go at the end: until then nothing has changed."""
    environment, say = deployment.environment, deployment.say
    old = list(environment.instances)
    group = f"awseb-{environment.id}-immutable-stack-AWSEBAutoScalingGroup-{environment.id[2:].upper()}"
    say("immutable-starting")
    yield 16
    say("temporary-group-created", group=group)
    for number, size in enumerate((1, len(old) - 1), start=1):
        if size < 1:
            continue
        if number == 2:
            say("test-passed")
        yield from deployment.launch(size, said=number)
        if number == 2:
            say("all-launched")
        listed = ", ".join(each.id for each in deployment.batch)
        say("balancer-joining", instances=listed)
        say("checks-awaited", instances=listed)
        yield from deployment.pass_health_checks(number)
    yield from _take_over(deployment, old, group)


def traffic_splitting(deployment: ApplicationDeployment) -> Steps:
    """A whole second fleet gets some of the traffic for a while, then all of it."""
    environment, say = deployment.environment, deployment.say
    old = list(environment.instances)
    say("splitting-starting", number=len(old))
    yield from deployment.launch(len(old), said=1)
    yield from deployment.pass_health_checks(1)
    minutes = int(environment.option("EvaluationTime", SPLITTING))
    say("splitting", percent=environment.option("NewVersionPercent", SPLITTING), minutes=minutes)
    yield minutes * 60
    if any(not each.answers for each in deployment.new):
        raise deployment.unwell()
    say("splitting-done")
    yield from _take_over(deployment, old, f"awseb-{environment.id}-stack-AWSEBAutoScalingGroup")


def _roll(deployment: ApplicationDeployment, fleet: Sequence[Instance], first: int) -> Steps:
    environment, say, total = deployment.environment, deployment.say, len(fleet)
    for number, batch in enumerate(_batches(deployment, fleet), start=first):
        deployment.batch = batch
        say("batch-starting", number=number, instances=", ".join(each.id for each in batch))
        say("batch-leaving", number=number)
        for instance in batch:
            instance.in_service = False
        yield 28
        say("batch-executing", number=number)
        yield from deployment.execute(seconds=10, number=number)
        say("batch-executed", number=number)
        say("instances-executed", done=deployment.completed, total=max(total, len(environment.instances)))
        say("batch-joining", number=number)
        yield from deployment.pass_health_checks(number)
        say("batch-completed", number=number)


def _take_over(deployment: ApplicationDeployment, old: Sequence[Instance], group: str) -> Steps:
    """The new instances become the fleet; from the end of this on nothing can be aborted."""
    environment, say = deployment.environment, deployment.say
    permanent = f"awseb-{environment.id}-stack-AWSEBAutoScalingGroup-{environment.id[2:].upper()}"
    say("detached", group=group)
    say("attached", group=permanent)
    yield 27
    say("post-deployment")
    yield 60
    say("post-deployment-awaited")
    deployment.abortable = False
    deployment.new = ()
    say("terminating-old")
    yield 90
    deployment.retire(old)
    yield 100


def _batches(deployment: ApplicationDeployment, fleet: Sequence[Instance]) -> list[Sequence[Instance]]:
    environment = deployment.environment
    return batches(fleet, environment.option("BatchSizeType"), int(environment.option("BatchSize")))


POLICIES: dict[str, Callable[[ApplicationDeployment], Steps]] = {
    "AllAtOnce": all_at_once,
    "Rolling": rolling,
    "RollingWithAdditionalBatch": rolling_with_additional_batch,
    "Immutable": immutable,
    "TrafficSplitting": traffic_splitting,
}
"""DeploymentPolicy's values; `options.json` names the same."""
