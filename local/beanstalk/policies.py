"""The steps of each deployment policy.

The times are from public logs. With three instances, AllAtOnce takes 79 s, and Immutable takes 18 minutes. Each batch
of Rolling takes about 2 min 40 s. RollingWithAdditionalBatch has two events about the new instances, which are also
from a public log. No public log shows the events of TrafficSplitting, so they are assumptions, and no code should
depend on them.
"""

from collections.abc import Callable, Sequence

from .deployments import ApplicationDeployment
from .environments import Steps
from .instances import Instance, batches
from .options import SPLITTING, replaces
from .replacement import immutable, replace, take_over


def roll_out(deployment: ApplicationDeployment) -> Steps:
    """Deploys according to the deployment policy.

    If the deployment also changes settings that replace the instances, the new instances run the new version.

    If the call also contains launch or VPC settings, AWS ignores the policy and deploys to all instances at once, even
    if the values do not change (aws-sdk-ruby issue 1394). AWS documents that some policies are not possible with a
    single instance, but not what happens if they are set. Here, they have the effect of AllAtOnce.
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
    """Deploys to every instance at the same time, without health checks.

    In a public log, such a deployment takes 79 s, which leaves no time for health checks. Therefore, the deployment
    succeeds here even if the application does not answer requests, and health then becomes Severe.
    """
    deployment.batch = deployment.environment.instances
    for instance in deployment.batch:
        instance.in_service = False
    try:
        yield from deployment.execute(seconds=60)
    finally:
        for instance in deployment.batch:
            instance.in_service = True
    if deployment.apply_health_fault(number=1):
        yield deployment.timeout - 60
        raise deployment.failed_checks()


def rolling(deployment: ApplicationDeployment) -> Steps:
    yield from _roll(deployment, deployment.environment.instances, first=1)


def rolling_with_additional_batch(deployment: ApplicationDeployment) -> Steps:
    """Launches an additional batch before the other batches, so that capacity does not fall. Removes it at the end."""
    fleet = list(deployment.environment.instances)
    number = len(_batches(deployment, fleet)[0]) if fleet else 0
    deployment.add_event("additional-launching", number=number)
    launching = deployment.launch(number, number=1)
    yield next(launching)
    listed, label = ", ".join(each.id for each in deployment.new), deployment.version.version_label
    deployment.add_event("additional-launched", number=number, instances=listed, label=label)
    yield from launching
    yield from deployment.pass_health_checks(1)
    deployment.completed = 0
    yield from _roll(deployment, fleet, first=2)
    deployment.retire(deployment.new)


def traffic_splitting(deployment: ApplicationDeployment) -> Steps:
    """Launches new instances. They receive a part of the traffic for the evaluation time, and then all traffic."""
    environment, add_event = deployment.environment, deployment.add_event
    old = list(environment.instances)
    add_event("splitting-starting", number=len(old))
    yield from deployment.launch(len(old), number=1)
    yield from deployment.pass_health_checks(1)
    minutes = int(environment.option("EvaluationTime", SPLITTING))
    percent = int(environment.option("NewVersionPercent", SPLITTING))
    try:
        for instance in environment.instances:
            instance.weight = 100 - percent if instance in old else percent
        add_event("splitting", percent=percent, minutes=minutes)
        yield minutes * 60
        if any(not each.answers for each in deployment.new):
            raise deployment.failed_checks()
        for instance in environment.instances:
            instance.weight = 0 if instance in old else 100
        add_event("splitting-done")
        yield from take_over(deployment, old, environment.group_name.rpartition("-")[0])
    finally:
        for instance in old:
            instance.weight = 100


def _roll(deployment: ApplicationDeployment, fleet: Sequence[Instance], first: int) -> Steps:
    environment, add_event, total = deployment.environment, deployment.add_event, len(fleet)
    for number, batch in enumerate(_batches(deployment, fleet), start=first):
        deployment.batch = batch
        add_event("batch-starting", number=number, instances=", ".join(each.id for each in batch))
        add_event("batch-leaving", number=number)
        for instance in batch:
            instance.in_service = False
        yield 28
        add_event("batch-executing", number=number)
        yield from deployment.execute(seconds=10, number=number)
        add_event("batch-executed", number=number)
        add_event("instances-executed", done=deployment.completed, total=max(total, len(environment.instances)))
        add_event("batch-joining", number=number)
        yield from deployment.pass_health_checks(number)
        add_event("batch-completed", number=number)


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
"""The steps, keyed by the value of DeploymentPolicy. `options.json` contains the same values."""
