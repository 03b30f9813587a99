"""Enhanced health, which is computed from the instances. A change is reported after it has lasted for some checks.

The texts of the causes are from the AWS developer guide ("Enhanced health notifications"). AWS does not publish the
shares of unhealthy instances at which Warning becomes Degraded and Severe. The shares used here fit the public logs.
"""

from datetime import datetime

from local.clock import Clock

from .environments import Environment
from .instances import Health, Instance

BAD = ("Warning", "Degraded", "Severe")
"""The unhealthy statuses, in order of increasing severity."""

CHECK_INTERVAL = 10
"""AWS's seconds between two reports of an instance's health agent."""

LASTING_CHECKS = 3
"""The number of consecutive checks after which a new status is reported."""

COMPLETED_FOR = 120
"""AWS's seconds for which a completed update is listed as a cause. AWS does not publish the real duration."""

_NO_ELB_HEALTH = "ELB health is failing or not available for all instances."


def of_instance(environment: Environment, instance: Instance) -> Health:
    """The report of the instance's agent. During an update, the version of the update is not an incorrect version."""
    deployment, expected, clock = instance.deployment, environment.expected, environment.region.service.clock
    if deployment is None:
        return Health("Pending", (f"Performing initialization ({_running(clock, instance.launched_at)})",))
    if deployment.status == "In Progress":
        return Health("Pending", (f"Performing application deployment ({_running(clock, deployment.time)})",))
    if environment.update is not None and deployment.deployment_id == environment.deployment_id:
        expected = None
    causes: tuple[str, ...] = ()
    if expected is not None and deployment.deployment_id != expected.deployment_id:
        causes = (f"Incorrect application version {deployment}. Expected version {expected}.",)
    if not instance.answers:
        erring = "100.0 % of the requests are erroring with HTTP 4xx."
        few = "Insufficient request rate (6.0 requests/min) to determine application health."
        return Health("Severe", (*causes, f"{erring} {few}"))
    if causes or deployment.status == "Failed":
        return Health("Degraded", causes)
    if deployment.started is None:
        return Health("Ok")
    return Health("Ok", _completed("Application deployment", deployment.started, deployment.time, clock))


def of_environment(environment: Environment) -> Health:
    """The health of the environment.

    Health does not get worse during an operation, unless a command failed (beanstalk-deploy issue 86). In AWS this
    suppression ends with the command timeout. Here it ends with the operation.
    """
    update, total, last = environment.update, len(environment.instances), environment.last_update
    clock = environment.region.service.clock
    commands = (each.deployment for each in environment.instances)
    has_failed = any(
        one and one.status == "Failed" and one.deployment_id == environment.deployment_id for one in commands
    )
    if update is not None and not has_failed:
        on = f" on {_instances(len(update.batch))}. {_out_of(update.completed, total)} completed"
        launching = update.status == "Launching"
        none_yet = " There are no instances." if launching and not total else ""
        cause = (
            f"{update.operation} in progress{on if update.batch else ''} ({_running(clock, update.started)}).{none_yet}"
        )
        return Health("Pending" if launching else "Info", (cause,))
    if not total:
        return Health("NoData", ("None of the instances are sending data.",))
    bad = _bad(environment, total)
    if bad is None and last is not None and last.ended is not None and last.successful:
        return Health("Ok", tuple(f"{each}." for each in _completed(last.operation, last.started, last.ended, clock)))
    return bad or Health("Ok")


def _bad(environment: Environment, total: int) -> Health | None:
    expected = environment.expected
    deployed = [(each.id, each.deployment) for each in environment.instances if each.deployment is not None]
    incorrect = {id_ for id_, it in deployed if expected and it.deployment_id != expected.deployment_id}
    failed = {id_ for id_, it in deployed if it.status == "Failed"}
    silent = {each.id for each in environment.instances if not each.answers}
    causes = []
    if failed:
        causes.append(f"Command failed on {_out_of(len(failed), total)}.")
    if incorrect:
        some = f"found on {_out_of(len(incorrect), total)}"
        where = some if len(incorrect) < total else "on environment instances"
        causes.append(f"Incorrect application version {where}. Expected version {expected}.")
    if silent:
        some = f"ELB processes are not healthy on {_out_of(len(silent), total)}."
        causes.append(some if len(silent) < total else _NO_ELB_HEALTH)
    share = len(incorrect | failed | silent) / total
    status = "Severe" if share == 1 else "Degraded" if share > 0.25 else "Warning"
    return Health(status, tuple(causes)) if share else None


def check(environment: Environment) -> None:
    """Runs one check. A new status is reported after LASTING_CHECKS checks; the fault `health` takes effect at once.

    Basic health consists of a colour only, and does not change during an update (AWS developer guide, "Basic health
    reporting").
    """
    before = environment.reported
    if not environment.enhanced and environment.update is not None:
        return
    fault = environment.region.service.faults.standing("health", environment.name)
    if fault is None:
        health = of_environment(environment)
    else:
        health = Health(fault.parameters.get("status", "Severe"), (fault.parameters.get("cause", _NO_ELB_HEALTH),))
    at_once, environment.health_fault = fault is not environment.health_fault, fault
    differs = before is None or _word(environment, before) != _word(environment, health)
    environment.differing_checks = environment.differing_checks + 1 if differs else 0
    if differs and before is not None and not at_once and environment.differing_checks < LASTING_CHECKS:
        return
    environment.reported, environment.differing_checks = health, 0
    if differs:
        came = f"from {_word(environment, before)} " if before is not None else ""
        causes = health.causes if environment.enhanced else ()
        change = " ".join((f"{came}to {_word(environment, health)}.", *causes))
        worse = health.status in BAD and (before is None or before.status not in BAD[BAD.index(health.status) :])
        environment.add_event("health-worsened" if worse else "health-changed", change=change)


def _word(environment: Environment, health: Health) -> str:
    return health.status.replace("NoData", "No Data") if environment.enhanced else health.color.upper()


def lasting(seconds: float) -> str:
    """A duration in the form of Beanstalk's texts, such as `5 minutes`."""
    whole = max(1, round(seconds))
    units = (3600, "hour"), (60, "minute"), (1, "second")
    number, unit = next((whole // length, name) for length, name in units if whole >= length)
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _running(clock: Clock, since: datetime) -> str:
    return f"running for {lasting(clock.seconds_since(since))}"


def _completed(what: str, started: datetime, ended: datetime, clock: Clock) -> tuple[str, ...]:
    ago, took = clock.seconds_since(ended), clock.seconds_since(started) - clock.seconds_since(ended)
    return (f"{what} completed {lasting(ago)} ago and took {lasting(took)}",) if ago < COMPLETED_FOR else ()


def _instances(number: int) -> str:
    return f"{number} instance{'' if number == 1 else 's'}"


def _out_of(some: int, total: int) -> str:
    return f"{some} out of {_instances(total)}"
