"""Queues a deployment that a user requests, or refuses a repeated request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wardrop.alerts.kinds import Kind
from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.configuration.rules import Rules
from wardrop.deployments import line
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.ids import deployment_id
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.environments.model import Environment
from wardrop.environments.origin import Origin
from wardrop.environments.version import Release
from wardrop.foreign_text import for_command

DROPS_WAIT = "later drops wait until the environment is resumed"


@dataclass(frozen=True)
class Target:
    """The environment of a deployment, and the versions that its application has in Beanstalk."""

    environment: Environment
    rules: Rules
    created_at: Mapping[str, datetime]
    """The creation times of the requested version, the running version and the good versions, keyed by label.

    Versions that Beanstalk does not have are omitted.
    """


@dataclass(frozen=True)
class RequestedVersion:
    label: str
    release: Release | None
    """The bundle of the requested version. None: Wardrop did not create the version."""

    origin: Origin | None = None


def new_deployment(asked: Asked, version: RequestedVersion, target: Target, rules: Rules, reason: str) -> Deployment:
    created_at = target.created_at[version.label]
    return Deployment(
        id=deployment_id(asked.at, f"{asked.by} {version.label}", target.environment.name),
        application=target.environment.application,
        environment=target.environment.name,
        label=version.label,
        state=State.QUEUED,
        reason=reason,
        arrival=(created_at, created_at, ""),
        release=version.release,
        origin=version.origin,
        rules=rules,
        asked=asked,
        stage=[target.environment.name],
        history=[Moment(asked.at, State.QUEUED, reason)],
    )


def repetition(snapshot: EnvironmentSnapshot, label: str, asked: Asked) -> Refusal | None:
    """Returns a refusal if the request was already accepted. A user who received no response may have repeated it."""
    running = snapshot.running
    if running is not None and running.target_label == label:
        return Refusal(
            reason=f"{label} is already being deployed to {snapshot.name}: {running.reason}",
            advice=f"see its progress: wardrop status {snapshot.name}",
        )
    for waiting in snapshot.waiting:
        earlier = waiting.asked
        if waiting.label == label and earlier and (earlier.now, earlier.rollback) == (asked.now, asked.rollback):
            cancel = f"wardrop cancel {snapshot.name} {for_command(label)}"
            return Refusal(
                reason=f"{label} is already waiting for {snapshot.name}: {waiting.reason}",
                advice=f"see its progress: wardrop status {snapshot.name}; to cancel it: {cancel}",
            )
    return None


def queued(deployment: Deployment, standing: Standing, caller: Caller, snapshot: EnvironmentSnapshot) -> Accepted:
    """Accepts the request. `standing` is the environment's standing after the request."""
    text = f"{deployment.label} is queued for {snapshot.name}: {deployment.reason}"
    if deployment.needs_approval:
        text += "; it needs approval"
    elif obstacle := line.obstacle(deployment, standing, caller.at):
        text += f"; it waits: {obstacle.reason}"
    alerts = [alert_of(deployment)]
    if standing.hold is not None:
        held = f"{snapshot.name} is held by {caller.name}: {standing.hold.because}; {DROPS_WAIT}"
        alerts.append(snapshot.alert(Kind.ENVIRONMENT_HELD, caller, held))
    elif snapshot.standing.hold is not None:
        resumed = f"{snapshot.name} is no longer held: {deployment.reason}"
        alerts.append(snapshot.alert(Kind.ENVIRONMENT_RESUMED, caller, resumed))
    changed = standing if standing != snapshot.standing else None
    return Accepted(text, Change([deployment], changed, alerts=alerts), deployment=deployment.id)
