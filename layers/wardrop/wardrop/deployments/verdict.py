"""Is a version live: proven on evidence, never from Ready or Green alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.deployments.deployment import Deployment, Update
from wardrop.environments.model import (
    UPDATE_FAILED,
    UPDATE_STARTS,
    UPDATE_SUCCEEDED,
    Environment,
    Event,
    Health,
    Instance,
    Observed,
)

LOOKS_THAT_CONDEMN = 3
CONSEQUENCES = (*UPDATE_FAILED, "During an aborted deployment")
"""Error events that only follow from another one."""

RAN_AND_FAILED = (
    "Instance deployment failed",
    "Unsuccessful command execution",
    "Command failed on instance",
    "did not pass health check",
)
"""Words of events that blame the version; those that name a download or a right do not."""

NOT_ITS_FAULT = ("download", "not authorized", "Access Denied")


@dataclass(frozen=True)
class Proven:
    reason: str


@dataclass(frozen=True)
class Bad:
    reason: str
    blames: bool = False
    """Whether an instance ran the version, and failed: missing rights or capacity are not its fault."""


@dataclass(frozen=True)
class Undecided:
    """Waited for and told, never a reason to fail."""

    reason: str


@dataclass(frozen=True)
class Unacceptable:
    """Health is bad, but has to stay so before it condemns."""

    reason: str
    since: datetime
    looks: int


@dataclass(frozen=True)
class Overtaken:
    """Somebody else put another version there before ours was proven, or taken back."""

    reason: str
    blames: bool = False


Verdict = Proven | Bad | Undecided | Unacceptable | Overtaken


def judge(deployment: Deployment, observed: Observed, settle: timedelta, now: datetime) -> Verdict:
    """The verdict on a deployment whose update Beanstalk has accepted.

    Right after the call the API may still show the old state, and right after the end the old label: what
    speaks against the version counts only once the update has been over for `settle`.
    """
    claim, environment = deployment.update, observed.environment
    if claim is None or environment is None:
        return Undecided(f"nothing is seen of {deployment.environment}")
    if environment.id != claim.environment_id:
        return Bad(f"{deployment.environment} was terminated while {deployment.target_label} was being deployed")
    if not environment.is_ready:
        return Undecided(_progress(deployment, environment, observed.instances))
    ours = [event for event in observed.events if event.request_id == claim.request_id]
    over_at = _over_at(ours, environment, claim, settle, now)
    if over_at is None:
        return Undecided(f"{environment.name} is Ready, but nothing has told yet that the update is over")
    blames = _ran_and_failed(ours, observed.instances, deployment.target_label)
    if failed(ours):
        told = cause(ours, observed.instances, deployment.target_label)
        if theirs := _theirs(deployment, claim, environment, observed):
            return Overtaken(f"{told}; somebody else has deployed {theirs} since", blames)
        return Bad(told, blames)
    settled = now - over_at >= settle
    if against := _against(deployment, environment, observed.instances):
        if _overtaken(observed.events, claim.request_id):
            return Overtaken(f"somebody else deployed before {deployment.target_label} was proven: {against}")
        return Bad(against, blames) if settled else Undecided(f"{against}; waiting for {environment.name} to settle")
    if claim.reports_instances and observed.instances is None:
        return Undecided(f"the instances of {environment.name} reported before and do not now")
    if missing := _missing(deployment, observed.instances):
        return Undecided(missing)
    return _judge_health(deployment, environment, claim, observed.instances, settled, now)


def _over_at(
    ours: Sequence[Event], environment: Environment, claim: Update, settle: timedelta, now: datetime
) -> datetime | None:
    """When the update ended: by its closing event, or, if that was lost, by staying Ready without one."""
    for event in ours:
        if event.message.startswith((UPDATE_SUCCEEDED, *UPDATE_FAILED)):
            return event.at
    ended = environment.updated_at
    return ended if ended > claim.environment_updated_at and now - ended >= settle else None


def _overtaken(events: Sequence[Event], request_id: str | None) -> bool:
    """Whether another update began after ours; one at a time is all that Beanstalk takes."""
    starts = [event.request_id for event in events if event.message == UPDATE_STARTS]
    return request_id in starts and starts[-1] != request_id


def _theirs(deployment: Deployment, claim: Update, environment: Environment, observed: Observed) -> str | None:
    """What somebody else put in the place of a version that failed; not what Beanstalk has put back itself."""
    running = {one.version_label for one in observed.instances or ()} | {environment.version_label}
    if deployment.target_label in running or running == {claim.version_label}:
        return None
    return environment.version_label if _overtaken(observed.events, claim.request_id) else None


def _against(deployment: Deployment, environment: Environment, instances: Sequence[Instance] | None) -> str | None:
    label = deployment.target_label
    if environment.version_label != label:
        return f"{environment.name} has {environment.version_label}, not {label}{_fleet(instances, label)}"
    for instance in instances or ():
        if instance.deployment_status == "Failed":
            return f"{label} failed on instance {instance.id}{_cause(instance)}{_fleet(instances, label)}"
        if instance.version_label not in (None, label):
            return f"instance {instance.id} runs {instance.version_label}, not {label}{_fleet(instances, label)}"
    return None


def _missing(deployment: Deployment, instances: Sequence[Instance] | None) -> str | None:
    if instances is None:
        return None
    if not instances:
        return f"{deployment.environment} has no instances that could prove {deployment.target_label}"
    waiting = [instance.id for instance in instances if not instance.runs(deployment.target_label)]
    return f"{', '.join(waiting)} has not reported {deployment.target_label} as deployed yet" if waiting else None


def _judge_health(
    deployment: Deployment,
    environment: Environment,
    claim: Update,
    instances: Sequence[Instance] | None,
    settled: bool,
    now: datetime,
) -> Verdict:
    health = environment.health
    if health.severity is None:
        return Undecided(f"the health of {environment.name} is {health}")
    if is_acceptable(health, deployment.rules.accept, claim.health):
        if instances is None:
            return Proven(
                f"{environment.name} has {deployment.target_label} and is {health}; instances unproven (basic health)"
            )
        return Proven(f"all {len(instances)} instances run {deployment.target_label} and health is {health}")
    before = deployment.timers.unacceptable
    since = before.since if before else now
    looks = before.looks + 1 if before else 1
    causes = "; ".join(dict.fromkeys(cause for one in instances or () for cause in one.causes))
    reason = f"health is {health}{f' ({causes})' if causes else ''}, on {looks} looks since {since:%H:%M:%S}"
    long_enough = now - since >= deployment.rules.bad_for
    if settled and long_enough and looks >= LOOKS_THAT_CONDEMN:
        return Bad(reason, blames=any(one.runs(deployment.target_label) for one in instances or ()))
    return Unacceptable(reason, since, looks)


def is_acceptable(health: Health, accept: Sequence[Health], before: Health) -> bool:
    """What is configured, and whatever it was before, as long as that was milder than Severe."""
    severities = [accepted.severity for accepted in accept]
    if before is not Health.SEVERE:
        severities.append(before.severity)
    if health.severity is None:
        return False
    return health.severity <= max((one for one in severities if one is not None), default=-1)


def _progress(deployment: Deployment, environment: Environment, instances: Sequence[Instance] | None) -> str:
    return f"{environment.name} is {environment.status}{_fleet(instances, deployment.target_label)}"


def failed(ours: Sequence[Event]) -> bool:
    """Whether an update's own events say that it failed."""
    return bool(_errors(ours))


def cause(ours: Sequence[Event], instances: Sequence[Instance] | None = None, label: str = "") -> str:
    """The first of a failed update's errors that is a cause, and what the fleet looks like now."""
    errors = _errors(ours)
    first = next((event for event in errors if not event.message.startswith(CONSEQUENCES)), errors[0])
    told = first.message.strip().removesuffix("Aborting the operation.").strip().rstrip(".")
    ill = next((one for one in instances or () if one.version_label == label and _causes(one)), None)
    return f"{told}{_cause(ill) if ill else ''}{_fleet(instances, label)}"


def _errors(ours: Sequence[Event]) -> list[Event]:
    return [event for event in ours if event.is_error or event.message.startswith(UPDATE_FAILED)]


def _ran_and_failed(ours: Sequence[Event], instances: Sequence[Instance] | None, label: str) -> bool:
    """An instance that Beanstalk has taken back already is known by its events alone."""
    errors = [event.message for event in _errors(ours)]
    if any(word in message for message in errors for word in NOT_ITS_FAULT):
        return False
    if any(word in message for message in errors for word in RAN_AND_FAILED):
        return True
    return any(one.version_label == label and one.deployment_status == "Failed" for one in instances or ())


def _causes(instance: Instance) -> list[str]:
    """Why an instance is not well; that it has our version is no cause, though Beanstalk lists it."""
    return [cause.rstrip(".") for cause in instance.causes if not cause.startswith("Incorrect application version")]


def _cause(instance: Instance) -> str:
    causes = _causes(instance)
    return f" ({'; '.join(causes)})" if causes else ""


def _fleet(instances: Sequence[Instance] | None, label: str) -> str:
    """How many instances run what, unless nobody reports."""
    if not instances:
        return ""
    counts: dict[str, int] = {}
    for instance in instances:
        runs = instance.version_label or "nothing yet"
        if instance.deployment_status not in (None, "Deployed"):
            runs += f" ({instance.deployment_status.lower()})"
        counts[runs] = counts.get(runs, 0) + 1
    ours_first = sorted(counts.items(), key=lambda item: not item[0].startswith(label))
    return f"; of {len(instances)} instances " + ", ".join(
        f"{n} {'has' if n == 1 else 'have'} {what}" for what, n in ours_first
    )
