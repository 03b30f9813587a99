"""Chooses the environments to which a drop is deployed."""

from collections.abc import Mapping
from dataclasses import dataclass

from wardrop.configuration.schema import Configuration
from wardrop.drops.inspected_drop import InspectedDrop
from wardrop.drops.key import Address
from wardrop.environments.model import Environment
from wardrop.environments.platform import refusal, refusal_by_docker, refusal_by_tier
from wardrop.errors import Rejected


@dataclass(frozen=True)
class Targets:
    environments: list[Environment]
    why_none: str = ""
    """The reason why a drop without an environment in its key is not deployed. It is empty if the drop is deployed."""


def target_environments(
    address: Address, configuration: Configuration, environments: Mapping[str, Environment]
) -> Targets:
    """The environment in the key. Without one, the first configured stage or the only environment. Raises Rejected."""
    application, names = address.application, sorted(environments)
    if address.environment is not None:
        return Targets(_named([address.environment], application, environments))
    if configuration.stages:
        return Targets(_named([entry.name for entry in configuration.stages[0]], application, environments))
    if len(environments) == 1:
        return Targets(list(environments.values()))
    if not environments:
        return Targets([], f"nothing is deployed, because {application} has no environment")
    return Targets(
        [],
        f"nothing is deployed, because {application} has the environments {', '.join(names)}, and no configuration "
        f"states the first one; to deploy the file, drop it as {application}/<environment>/{address.file}",
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
