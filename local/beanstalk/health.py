"""Enhanced health. It is computed from the instances. An event reports a change only after it has lasted some time.

The texts of the causes are from the AWS developer guide ("Enhanced health notifications"). AWS does not publish at
which share of unhealthy instances Warning becomes Degraded, and Degraded becomes Severe. `health.json` has the shares
and durations that are used here, each with its source.
"""

from datetime import datetime

from local.clock import Clock

from .environments import Environment, Update
from .fleet import Traffic
from .fleet import total as sum_of
from .instances import Health, Instance
from .tables import table

BAD = ("Warning", "Degraded", "Severe")
"""The unhealthy statuses, in order of increasing severity."""

CHECK_INTERVAL = 10
"""The interval between two reports of an instance's health agent, in simulated seconds."""

LASTING_SECONDS = 2 * CHECK_INTERVAL
"""A new status must last for this time, in simulated seconds, before an event reports it.

DescribeEnvironments returns the new status at once. Source: in prolog issue 373, DescribeEnvironments returned Degraded
and Warning for 30 s, and there was no event.
"""

FEWEST_REQUESTS = 10
"""The share of failed requests counts only if WINDOW_SECONDS contain at least this number of requests.

The number is invented.
"""

COMPLETED_FOR = 120
"""A completed update is listed as a cause for this time, in simulated seconds. The number is invented."""

_NO_ELB_HEALTH = "ELB health is failing or not available for all instances."


def of_instance(environment: Environment, instance: Instance) -> Health:
    """Returns the health that the instance's agent reports.

    During an update, the old version counts as correct, and so does the version that is being deployed.
    """
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
        return Health("Severe", (*causes, _unanswering(clock, instance)))
    failing = _failing(environment.fleet.traffic(instance))
    if causes or deployment.status == "Failed":
        return Health("Degraded", (*causes, *failing.causes))
    if failing.status in BAD:
        return failing
    if deployment.started is None:
        return Health("Ok")
    return Health("Ok", _completed("Application deployment", deployment.started, deployment.time, clock))


def _unanswering(clock: Clock, instance: Instance) -> str:
    """Returns the cause for an instance that does not answer requests.

    A simulated instance gets only the load balancer's health checks.
    """
    if instance.failing_since is not None:
        return f"Instance ELB health has not been available for {lasting(clock.seconds_since(instance.failing_since))}."
    few = "Insufficient request rate (6.0 requests/min) to determine application health."
    return f"100.0 % of the requests are erroring with HTTP 4xx. {few}"


def of_environment(environment: Environment) -> Health:
    """Computes the environment's health.

    If instances do not serve requests, it becomes worse, even during an update.
    """
    update, total, last = environment.update, len(environment.instances), environment.last_update
    clock = environment.region.service.clock
    progress = _progress(update, total, clock) if update is not None else ()
    if update is not None and update.status == "Launching":
        return Health("Pending", progress)
    if update is not None and update.status == "Terminating":
        return Health("Severe", (_NO_ELB_HEALTH,))
    if not total:
        return Health("NoData" if update is None else "Severe", ("None of the instances are sending data.",))
    bad = _bad(environment, total) or _recovering(environment)
    if bad is not None:
        return Health(bad.status, (*bad.causes, *progress))
    if update is not None:
        return Health("Info", progress)
    if last is not None and last.ended is not None and last.successful:
        return Health("Ok", tuple(f"{each}." for each in _completed(last.operation, last.started, last.ended, clock)))
    return Health("Ok")


def _progress(update: Update, total: int, clock: Clock) -> tuple[str, ...]:
    on = f" on {_instances(len(update.batch))}. {_out_of(update.completed, total)} completed" if update.batch else ""
    none_yet = " There are no instances." if update.status == "Launching" and not total else ""
    return (f"{update.operation} in progress{on} ({_running(clock, update.started)}).{none_yet}",)


def _bad(environment: Environment, total: int) -> Health | None:
    expected, update = environment.expected, environment.update
    deployed = [(each.id, each.deployment) for each in environment.instances if each.deployment is not None]
    current = environment.deployment_id if update is not None else None
    incorrect = {id_ for id_, it in deployed if expected and it.deployment_id not in (expected.deployment_id, current)}
    failed = {id_ for id_, it in deployed if it.status == "Failed"}
    unserving = {each.id for each in environment.instances if _is_missed(each, environment)}
    causes = []
    if failed:
        causes.append(f"Command failed on {_out_of(len(failed), total)}.")
    if incorrect:
        some = f"found on {_out_of(len(incorrect), total)}"
        where = some if len(incorrect) < total else "on environment instances"
        causes.append(f"Incorrect application version {where}. Expected version {expected}.")
    if unserving:
        some = f"ELB processes are not healthy on {_out_of(len(unserving), total)}."
        causes.append(some if len(unserving) < total else _NO_ELB_HEALTH)
    failing = _failing(sum_of(map(environment.fleet.traffic, environment.instances)))
    statuses = [_status("unserving", len(unserving) / total), failing.status]
    statuses += ["Degraded"] if failed or incorrect else []
    worst = max(statuses, key=lambda status: ("Ok", *BAD).index(status))
    return None if worst == "Ok" else Health(worst, (*causes, *failing.causes))


def _failing(traffic: Traffic) -> Health:
    """Computes the health from the share of requests that fail with HTTP 5xx."""
    share = traffic.statuses[3] / traffic.requests if traffic.requests >= FEWEST_REQUESTS else 0.0
    status = _status("failing", share)
    return Health(status, (f"{100 * share:.1f} % of the requests are failing with HTTP 5xx.",) if share else ())


def _status(reason: str, share: float) -> str:
    """Returns the worst status whose limit the share reaches, or Ok.

    `health.json` contains the limit of each status.
    """
    return next((status for status in reversed(BAD) if share >= table("health")[reason][status]), "Ok")


def _is_missed(instance: Instance, environment: Environment) -> bool:
    """Whether the instance should be in service but is not. A new instance counts only if no instance is in service."""
    if instance.in_service:
        return not instance.answers
    update = environment.update
    is_new = instance.deployment is None or (update is not None and instance.launched_at >= update.started)
    return not is_new or not any(each.in_service for each in environment.instances)


def _recovering(environment: Environment) -> Health | None:
    """Returns the health after a time without an instance in service. The health recovers in steps.

    None: the health has recovered.
    """
    if environment.unserved_at is None:
        return None
    since = environment.region.service.clock.seconds_since(environment.unserved_at)
    steps = table("health")["recovering"].items()
    return next((Health(status, (_NO_ELB_HEALTH,)) for status, seconds in steps if since < seconds), None)


def check(environment: Environment) -> None:
    """Runs one check.

    An event reports a status that has lasted for LASTING_SECONDS. The fault `health` takes effect at once.

    Basic health consists of a colour only, and does not change during an update (AWS developer guide, "Basic health
    reporting").
    """
    before = environment.announced
    is_launching = environment.status == "Launching"
    if environment.instances and not is_launching and not any(each.in_service for each in environment.instances):
        environment.unserved_at = environment.now()
    if not environment.enhanced and environment.update is not None:
        return
    fault = environment.region.service.faults.standing("health", environment.name)
    if fault is None:
        health = of_environment(environment)
    else:
        health = Health(fault.parameters.get("status", "Severe"), (fault.parameters.get("cause", _NO_ELB_HEALTH),))
    at_once, environment.health_fault = fault is not environment.health_fault, fault
    is_same = environment.reported is not None and environment.reported.status == health.status
    environment.reported = health
    differs = before is None or _word(environment, before) != _word(environment, health)
    if not differs or not is_same or environment.differs_since is None:
        environment.differs_since = environment.now() if differs else None
    if differs and before is not None and not at_once and not _lasts(environment):
        return
    environment.announced, environment.differs_since = health, None
    if differs:
        came = f"from {_word(environment, before)} " if before is not None else ""
        causes = health.causes if environment.enhanced else ()
        change = " ".join((f"{came}to {_word(environment, health)}.", *causes))
        worse = health.status in BAD and (before is None or before.status not in BAD[BAD.index(health.status) :])
        environment.add_event("health-worsened" if worse else "health-changed", change=change)


def _lasts(environment: Environment) -> bool:
    """Whether the new status has lasted for LASTING_SECONDS.

    Checks are not counted, because a busy machine delays them.
    """
    since = environment.differs_since
    return since is not None and environment.region.service.clock.seconds_since(since) >= LASTING_SECONDS


def _word(environment: Environment, health: Health) -> str:
    return health.status.replace("NoData", "No Data") if environment.enhanced else health.color.upper()


def lasting(seconds: float) -> str:
    """Formats a duration as Beanstalk's texts do, for example as `5 minutes`."""
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
