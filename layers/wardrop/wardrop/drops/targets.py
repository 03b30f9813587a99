"""Chooses the environments to which a drop is deployed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from wardrop.alerts.duration import lasting
from wardrop.configuration.in_force import InForce
from wardrop.configuration.schema import Configuration
from wardrop.drops.inspected_drop import InspectedDrop
from wardrop.drops.key import Address
from wardrop.environments.model import Environment
from wardrop.environments.platform import refusal, refusal_by_docker, refusal_by_tier
from wardrop.errors import NotNow, Rejected

HELD_FOR = timedelta(minutes=90)
"""The time for which a drop waits for a configuration that names the first environment.

SQS moves a drop to the dead-letter queue after 20 deliveries. With one delivery every 5 minutes, this is after 100 min.
"""


class FirstStageUnknown(NotNow):
    retry_after = 300


@dataclass(frozen=True)
class Targets:
    environments: list[Environment]
    why_none: str = ""
    """The reason why nothing is deployed. It is empty if the drop has target environments."""


def target_environments(
    address: Address, configuration: Configuration | None, environments: Mapping[str, Environment]
) -> Targets:
    """Returns the environment that the key names. Raises Rejected.

    If the key names no environment, the result is the first configured stage, or else the application's only
    environment. `configuration` is None if it cannot be read.
    """
    application, names = address.application, sorted(environments)
    if address.environment is not None:
        return Targets(_named([address.environment], application, environments))
    if configuration is not None and configuration.stages:
        return Targets(_named([entry.name for entry in configuration.stages[0]], application, environments))
    if len(environments) == 1:
        return Targets(list(environments.values()))
    if not environments:
        return Targets([], f"nothing is deployed, because {application} has no environment")
    return Targets(
        [],
        f"nothing is deployed, because {application} has the environments {', '.join(names)}, and no configuration "
        f"states which of them is the first; to deploy the file, drop it as {application}/<environment>/{address.file}",
    )


def check_first_stage(
    address: Address, configuration: InForce, environments: Collection[str], waited: timedelta
) -> None:
    """Checks that the environments of the drop are known. `waited` is the time since the first delivery.

    The environments are known if the key names an environment, or if a configuration is in force. Otherwise, an
    application's only environment might not be the first one, because the configuration may name another environment
    that is being created again. Raises FirstStageUnknown, and Rejected after HELD_FOR.
    """
    fault = configuration.why_held
    if fault is None or address.environment is not None or not environments:
        return
    cause = f"the configuration of {address.application} {fault.sentence}"
    if waited < HELD_FOR:
        raise FirstStageUnknown(f"{address.file} is held, because {cause}")
    raise Rejected(
        f"the first environment is not known, because {cause}; Wardrop has waited for {lasting(HELD_FOR)}. Correct the "
        "cause, and drop the file again"
    )


def _named(names: list[str], application: str, environments: Mapping[str, Environment]) -> list[Environment]:
    if missing := [name for name in names if name not in environments]:
        existing = ", ".join(sorted(environments)) or "none"
        raise Rejected(f"application {application} has no environment {', '.join(missing)}; it has {existing}")
    return [environments[name] for name in names]


def check_tier(targets: Targets) -> None:
    """Raises Rejected if an environment does not accept source bundles."""
    for environment in targets.environments:
        _reject(refusal_by_tier(environment))


def check_platform(targets: Targets, inspected: InspectedDrop) -> None:
    """Raises Rejected if an environment cannot run the bundle."""
    file, docker_files = inspected.address.file, inspected.contents.docker_files
    for environment in targets.environments:
        _reject(refusal(environment, file) or refusal_by_docker(environment, file, docker_files))


def _reject(reason: str | None) -> None:
    if reason is not None:
        raise Rejected(reason)
