"""A deployment that a caller follows, and its environment, in the form in which `run_command` returns them."""

from datetime import datetime

import msgspec

from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Event, Instance
from wardrop.evidence.log_part import LogName
from wardrop.foreign_text import clean


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    severity: str
    message: str

    def __post_init__(self) -> None:
        clean(self, "message")


class InstanceView(msgspec.Struct, frozen=True, kw_only=True):
    """The report of one instance. `version_label` and `status` are None if the instance has not reported them yet."""

    id: str
    version_label: str | None
    status: str | None
    """The status of the instance's last deployment, such as `In Progress`, `Deployed` or `Failed`."""

    causes: list[str] = []


class EnvironmentReading(msgspec.Struct, frozen=True, kw_only=True):
    """The present state of an environment, from Beanstalk."""

    status: str
    health: str
    version_label: str | None
    causes: list[str]
    """The causes of the health status. With basic health reporting, the list is empty."""

    instances: list[InstanceView] | None
    """The reports of the instances. None: the instances do not report."""

    events: list[EventView]
    """The events, oldest first."""


def event_view(event: Event) -> EventView:
    return EventView(at=event.at, severity=event.severity, message=event.message)


def instance_view(instance: Instance) -> InstanceView:
    return InstanceView(
        id=instance.id,
        version_label=instance.version_label,
        status=instance.deployment_status,
        causes=list(instance.causes),
    )


def log_keys(deployment: Deployment) -> list[str]:
    """Returns the keys of the deployment logs in Beanstalk's bucket, oldest first. Some logs may not exist yet."""
    update = deployment.update
    return [LogName(update.environment_id, each).key for each in deployment.request_ids] if update else []


def cause_of(deployment: Deployment) -> list[str]:
    """Returns the lines of the log that name the cause of a failure.

    The list is empty if the log was not read or names no cause.
    """
    explanation = deployment.explanation
    return explanation.cause.quotes if explanation and explanation.cause else []
