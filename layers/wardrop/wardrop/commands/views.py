"""Environments, deployments and configurations, in the form in which `run_command` returns them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from wardrop.commands.scope import Scope
from wardrop.configuration.in_force import Source
from wardrop.configuration.parameter import FaultKind
from wardrop.configuration.rules import Guard
from wardrop.deployments.asked import Approval, Asked
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment, Joined
from wardrop.deployments.history import Moment
from wardrop.deployments.standing import Hold, QuarantinedVersion
from wardrop.deployments.state import State
from wardrop.environments.deployment_policy import availability_doubt, downtime, interruption
from wardrop.environments.model import Environment, Instance
from wardrop.environments.origin import Origin
from wardrop.foreign_text import clean
from wardrop.guard.drift import has_drifted
from wardrop.structs import replace


class DeploymentView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    state: State
    reason: str
    since: datetime
    """The time at which the state or the reason last changed."""

    dropped_by: str | None = None
    origin: Origin | None = None
    joined: list[Joined] = []
    """Later drops of the same content, which joined the deployment."""

    requested: Asked | None = None
    approval: Approval | None = None
    history: list[Moment] = []


class GoodVersionView(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    at: datetime
    origin: Origin | None = None


class EnvironmentView(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an environment, from Beanstalk and the ledger."""

    environment: str
    application: str
    status: str
    health: str
    version_label: str | None
    instances: dict[str, int] | None
    """The number of instances with each version. None: the instances do not report, or were not read."""

    deployments: list[DeploymentView]
    """The active deployments."""

    good_versions: list[GoodVersionView]
    quarantined: list[QuarantinedVersion]
    hold: Hold | None
    pause: Hold | None
    availability: str | None
    """States whether the service stays available during a deployment that changes no settings.

    None: Wardrop has not read the environment's settings yet.
    """

    interruption: str | None = None
    """The reason why a deployment that changes no settings takes the service down for a while.

    None: it is not certain that the service is unavailable, or `availability` is None.
    """

    availability_doubt: str | None = None
    """The reason why it is not known whether the service stays available. None: it is known."""

    guard: Guard | None = None
    """The configured reaction to a replacement of instances. None: no configuration is in force."""

    drifted: list[str] = []
    """The settings that have changed since the last good deployment. During a deployment, the list is empty."""


class ConfigurationView(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration in force for an application, and its source."""

    application: str
    parameter: str
    """The name of the SSM parameter that configures the application. The parameter may not exist."""

    source: Source
    """The source of the configuration. With `held`, no configuration is in force, and `error` states the reason."""

    version: int | None = None
    """The parameter's version that contains the document in force. None: no document is in force."""

    since: datetime | None = None
    """The time at which this version was written. None: no document is in force."""

    refused_version: int | None = None
    """The current version of the parameter, if its document is refused. None: no document is refused."""

    fault: FaultKind | None = None
    """The kind of the fault. None: the document in the parameter is in force, or the application has no document."""

    error: str | None = None
    """The description of the fault, for people."""

    stages: list[list[str]] = []
    """The environments of the configuration in the order of promotion. An inner list is one stage."""

    def __post_init__(self) -> None:
        clean(self, "error")


def without_history(deployment: Deployment) -> DeploymentView:
    return DeploymentView(
        id=deployment.id,
        label=deployment.label,
        state=deployment.state,
        reason=deployment.reason,
        since=deployment.history[-1].at,
        dropped_by=deployment.dropped_by,
        origin=deployment.origin,
        joined=deployment.joined,
        requested=deployment.asked,
        approval=deployment.approval,
    )


def with_history(deployment: Deployment) -> DeploymentView:
    return replace(without_history(deployment), history=deployment.history)


_PLAIN = "a deployment that changes no settings"


def environment_view(
    environment: Environment,
    instances: Sequence[Instance] | None,
    record: EnvironmentRecord,
    guard: Guard | None = None,
) -> EnvironmentView:
    standing, settings = record.standing, record.settings
    active = sorted(record.deployments, key=lambda deployment: deployment.id)
    fleet = Counter(instance.version_label or "none" for instance in instances) if instances is not None else None
    size = len(instances) if instances is not None else None
    return EnvironmentView(
        environment=environment.name,
        application=environment.application,
        status=environment.status,
        health=environment.health,
        version_label=environment.version_label,
        instances=dict(fleet) if fleet is not None else None,
        deployments=[without_history(deployment) for deployment in active],
        good_versions=[GoodVersionView(label=good.label, at=good.at, origin=good.origin) for good in standing.good],
        quarantined=standing.quarantined,
        hold=standing.hold,
        pause=standing.paused,
        drifted=_drifted(environment, record),
        availability=interruption(_PLAIN, settings, size) if settings else None,
        interruption=downtime(settings, size) if settings else None,
        availability_doubt=availability_doubt(settings, size) if settings else None,
        guard=guard,
    )


def _drifted(environment: Environment, record: EnvironmentRecord) -> list[str]:
    """Returns the settings that have changed since the last good deployment.

    Returns an empty list while a deployment is in progress, because the deployment itself may change settings.
    """
    settings, good = (
        record.settings,
        [good.at for good in record.standing.good if good.environment_id == environment.id],
    )
    has_begun = any(not deployment.is_waiting for deployment in record.deployments)
    if settings is None or has_begun or settings.environment_id != environment.id:
        return []
    return settings.drifted if has_drifted(settings, next(iter(good), None)) else []


def configuration_view(scope: Scope) -> ConfigurationView:
    document, fault, configuration = scope.loaded.document, scope.loaded.fault, scope.loaded.configuration
    return ConfigurationView(
        application=scope.application,
        parameter=scope.parameter,
        source=scope.loaded.source,
        version=document.version if document else None,
        since=document.modified_at if document else None,
        refused_version=fault.version if fault else None,
        fault=fault.kind if fault else None,
        error=fault.reason if fault else None,
        stages=[[entry.name for entry in stage] for stage in configuration.stages] if configuration else [],
    )
