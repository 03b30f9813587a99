"""The deployments that a drop queues."""

from collections.abc import Sequence
from datetime import datetime

from wardrop.configuration.schema import Configuration
from wardrop.deployments.deployment import Deployment, Moment, deployment_id
from wardrop.deployments.state import State
from wardrop.drops.inspected_drop import InspectedDrop
from wardrop.environments.version import Version


def queued_deployments(
    inspected: InspectedDrop,
    version: Version,
    environments: Sequence[str],
    configuration: Configuration,
    now: datetime,
) -> list[Deployment]:
    """One for each of the environments, which are one stage."""
    drop, dropped_by = inspected.drop, inspected.metadata.dropped_by
    reason = f"{version.label} was dropped as {drop.key}" + (f", by {dropped_by} as stated" if dropped_by else "")
    return [
        Deployment(
            id=deployment_id(now, drop.id, environment),
            application=version.application,
            environment=environment,
            label=version.label,
            state=State.QUEUED,
            reason=reason,
            arrival=drop.arrival(inspected.uploaded_at),
            drop=drop.id,
            dropped_by=dropped_by,
            release=version.release,
            rules=configuration.rules(environment, inspected.metadata.on_failure),
            # A drop to a named environment ends there.
            promotes=inspected.address.environment is None,
            stage=list(environments),
            replacing_options=version.replacing_options,
            history=[Moment(now, State.QUEUED, reason)],
        )
        for environment in environments
    ]
