"""One generator of steps for each deployment policy.

The times are from public logs: 79 s for three instances all at once, about 2 min 40 s for each batch of a rolling
deployment, 18 minutes for three immutable instances. The events of RollingWithAdditionalBatch and TrafficSplitting are
not known. The events used here are invented, and no code should depend on them.
"""

from collections.abc import Callable, Sequence

from .deployments import ApplicationDeployment
from .environments import Steps
from .instances import Instance, batches
from .options import SPLITTING, replaces
from .replacement import immutable, replace, take_over


def roll_out(deployment: ApplicationDeployment) -> Steps:
    """Deploys by the policy. If settings replace the instances, the new instances are launched with the version.

    If the same call contains launch or VPC settings, even unchanged ones, AWS was seen to ignore the policy and to
    deploy to all instances at once (aws-sdk-ruby issue 1394). AWS documents which policies a single instance cannot
    have, but not what they do if they are set.
    """
    replacing, environment = deployment.replaces, deployment.environment
    deployment.configure()
    name = environment.option("DeploymentPolicy")
    if replacing:
        yield from replace(deployment, environment.instances)
    elif any(map(replaces, deployment.sent)) or (environment.single and name != "Immutable"):
        yield from all_at_once(deployment)
    else:
        yield from POLICIES[name](deployment)


def all_at_once(deployment: ApplicationDeployment) -> Steps:
    """Deploys to every instance at the same time. There is no health gate: a log of 79 s leaves no time for one.

    Therefore the deployment of an application that does not answer succeeds, and its health is Severe.
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
    """Launches a batch of new instances first, so that capacity never falls. As many are removed at the end."""
    fleet = list(deployment.environment.instances)
    number = len(_batches(deployment, fleet)[0]) if fleet else 0
    deployment.say("additional-launching", number=number)
    yield from deployment.launch(number, number=1)
    yield from deployment.pass_health_checks(1)
    deployment.completed = 0
    yield from _roll(deployment, fleet, first=2)
    deployment.retire(deployment.new)


def traffic_splitting(deployment: ApplicationDeployment) -> Steps:
    """A second fleet of the same size gets some of the traffic for a while, then all of it."""
    environment, say = deployment.environment, deployment.say
    old = list(environment.instances)
    say("splitting-starting", number=len(old))
    yield from deployment.launch(len(old), number=1)
    yield from deployment.pass_health_checks(1)
    minutes = int(environment.option("EvaluationTime", SPLITTING))
    say("splitting", percent=environment.option("NewVersionPercent", SPLITTING), minutes=minutes)
    yield minutes * 60
    if any(not each.answers for each in deployment.new):
        raise deployment.unwell()
    say("splitting-done")
    yield from take_over(deployment, old, environment.group_name.rpartition("-")[0])


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


def _batches(deployment: ApplicationDeployment, fleet: Sequence[Instance]) -> list[Sequence[Instance]]:
    environment = deployment.environment
    return batches(fleet, environment.option("BatchSizeType"), int(environment.option("BatchSize")))


POLICIES: dict[str, Callable[[ApplicationDeployment], Steps]] = {
    "AllAtOnce": all_at_once,
    "Rolling": rolling,
    "RollingWithAdditionalBatch": rolling_with_additional_batch,
    "Immutable": lambda deployment: immutable(deployment, deployment.environment.instances),
    "TrafficSplitting": traffic_splitting,
}
"""The values of DeploymentPolicy. `options.json` contains the same names."""
