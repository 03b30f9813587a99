"""Enhanced health: judged from the instances, reported when it lasts.

The causes are those of the AWS developer guide ("Enhanced health notifications"). At which shares of bad
instances Warning turns to Degraded and Severe is not published; those here fit the logs that are public.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from local.clock import Clock
from local.faults import Faults

from .fleet import Deployment, Instance

if TYPE_CHECKING:
    from .environments import Environment
    from .updates import Update

COLORS = {"Ok": "Green", "Info": "Green", "Warning": "Yellow", "Degraded": "Red", "Severe": "Red"}
"""All others are Grey (AWS developer guide, "Health colors and statuses")."""

BAD = ("Warning", "Degraded", "Severe")
"""From mild to severe."""

CHECK_INTERVAL = 10
"""AWS's seconds between two reports of an instance's health agent."""

LASTING_CHECKS = 3
"""So many checks in a row must see another status before it is reported."""

COMPLETED_FOR = 120
"""So many of AWS's seconds the completion of an update stays a cause; the real time is not published."""


_NO_ELB_HEALTH = "ELB health is failing or not available for all instances."


@dataclass(frozen=True)
class Health:
    status: str
    causes: tuple[str, ...] = ()

    @property
    def color(self) -> str:
        return COLORS.get(self.status, "Grey")


def of_instance(instance: Instance, expected: Deployment | None, clock: Clock) -> Health:
    """What the instance's agent reports; `expected` is the last deployment that succeeded."""
    deployment = instance.deployment
    if deployment is None:
        return Health("Pending", (f"Performing initialization (running for {_since(clock, instance.launched_at)})",))
    if deployment.status == "In Progress":
        running = _since(clock, deployment.time)
        return Health("Pending", (f"Performing application deployment (running for {running})",))
    causes = []
    if expected is not None and deployment.deployment_id != expected.deployment_id:
        causes.append(f"Incorrect application version {deployment}. Expected version {expected}.")
    if not instance.answers:
        causes.append(
            "100.0 % of the requests are erroring with HTTP 4xx. "
            "Insufficient request rate (6.0 requests/min) to determine application health."
        )
        return Health("Severe", tuple(causes))
    if causes or deployment.status == "Failed":
        return Health("Degraded", tuple(causes))
    if deployment.started is not None and clock.seconds_since(deployment.time) < COMPLETED_FOR:
        ago, took = clock.seconds_since(deployment.time), clock.seconds_since(deployment.started)
        return Health("Ok", (f"Application deployment completed {lasting(ago)} ago and took {lasting(took - ago)}",))
    return Health("Ok")


def of_environment(environment: Environment, clock: Clock) -> Health:
    """What the instances add up to at this moment.

    While an operation runs, and none here outlasts its command timeout, health is not lowered.
    """
    update, instances = environment.update, environment.instances
    if update is not None:
        running = f"running for {_since(clock, update.started)}"
        if update.kind == "creation":
            none_yet = " There are no instances." if not instances else ""
            return Health("Pending", (f"Initialization in progress ({running}).{none_yet}",))
        return Health("Info", (_progress(update, len(instances), running),))
    if not instances:
        return Health("NoData", ("None of the instances are sending data.",))
    return _sum(instances, environment.expected) or Health("Ok", _completed(environment.last_update, clock))


def _sum(instances: Sequence[Instance], expected: Deployment | None) -> Health | None:
    deployed = [(each, each.deployment) for each in instances if each.deployment is not None]
    incorrect = [each.id for each, it in deployed if expected and it.deployment_id != expected.deployment_id]
    failed = [each.id for each, it in deployed if it.status == "Failed"]
    silent = [each.id for each in instances if not each.answers]
    total, causes = len(instances), []
    if failed:
        causes.append(f"Command failed on {_out_of(len(failed), total)}.")
    if incorrect:
        some = len(incorrect) < total
        where = f"found on {_out_of(len(incorrect), total)}" if some else "on environment instances"
        causes.append(f"Incorrect application version {where}. Expected version {expected}.")
    if silent:
        some = len(silent) < total
        causes.append(f"ELB processes are not healthy on {_out_of(len(silent), total)}." if some else _NO_ELB_HEALTH)
    share = len({*incorrect, *failed, *silent}) / total
    status = "Severe" if share == 1 else "Degraded" if share > 0.25 else "Warning"
    return Health(status, tuple(causes)) if share else None


def _progress(update: Update, total: int, running: str) -> str:
    what = "Application" if update.kind == "deployment" else "Configuration"
    if not update.batch:
        return f"{what} update in progress ({running})."
    now_on = f"{update.batch} instance{'' if update.batch == 1 else 's'}"
    return f"{what} update in progress on {now_on}. {_out_of(update.completed, total)} completed ({running})."


def _completed(last: Update | None, clock: Clock) -> tuple[str, ...]:
    if last is None or last.ended is None or clock.seconds_since(last.ended) > COMPLETED_FOR or not last.successful:
        return ()
    what = {
        "creation": "Initialization",
        "deployment": "Application update",
        "configuration": "Configuration update",
    }
    ago, took = clock.seconds_since(last.ended), clock.seconds_since(last.started)
    return (f"{what[last.kind]} completed {lasting(ago)} ago and took {lasting(took - ago)}.",)


def check(environment: Environment, faults: Faults, clock: Clock) -> None:
    """One check. Another status is reported once it has lasted, that of a `health` fault at once."""
    fault = faults.standing("health", environment.name)
    if fault is None:
        seen = of_environment(environment, clock)
    else:
        seen = Health(fault.parameters.get("status", "Severe"), (fault.parameters.get("cause", _NO_ELB_HEALTH),))
    before, at_once = environment.reported, fault is not environment.health_fault
    environment.health_fault = fault
    differs = before is None or before.status != seen.status
    environment.differing_checks = environment.differing_checks + 1 if differs else 0
    if not differs or before is None or at_once or environment.differing_checks >= LASTING_CHECKS:
        environment.reported, environment.differing_checks = seen, 0
        if differs:
            _report(environment, before, seen)


def _report(environment: Environment, before: Health | None, now: Health) -> None:
    came = f"from {_word(before)} to {_word(now)}" if before is not None else f"to {_word(now)}"
    message = " ".join((f"Environment health has transitioned {came}.", *now.causes))
    worse = now.status in BAD and (before is None or before.status not in BAD[BAD.index(now.status) :])
    environment.say(message, "WARN" if worse else "INFO")


def _word(health: Health) -> str:
    return "No Data" if health.status == "NoData" else health.status


def counts(instances: Sequence[Health]) -> dict[str, int]:
    """InstancesHealth of DescribeEnvironmentHealth."""
    seen = Counter(health.status for health in instances)
    return {status: seen[status] for status in ("NoData", "Unknown", "Pending", "Ok", "Info", *BAD)}


def lasting(seconds: float) -> str:
    """A duration in Beanstalk's words."""
    whole = max(1, round(seconds))
    number, unit = (
        (whole, "second") if whole < 60 else (whole // 60, "minute") if whole < 3600 else (whole // 3600, "hour")
    )
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _since(clock: Clock, moment: datetime) -> str:
    return lasting(clock.seconds_since(moment))


def _out_of(some: int, total: int) -> str:
    return f"{some} out of {total} instance{'' if total == 1 else 's'}"
