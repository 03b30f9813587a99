"""The scope of a change: the parts of an environment that a changed option or resource affects.

`corrections.json` contains the options whose severity is misleading. Its sources are the AWS developer guide
("Environment configuration changes", "Rolling configuration updates") and CloudFormation's resource reference, which
lists the properties that are changed in place. The corrections state that a new VPC, new subnets or another scheme
replace the load balancer. This is inferred from that reference.
"""

from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from wardrop.environments.option import Option, written
from wardrop.guard.descriptions import Description


class Scope(StrEnum):
    IN_PLACE = "in_place"
    APPLICATION_SERVERS = "application_servers"
    INSTANCES = "instances"
    LOAD_BALANCER = "load_balancer"
    LOAD_BALANCER_AND_INSTANCES = "load_balancer_and_instances"
    ENVIRONMENT_TYPE = "environment_type"
    """The load balancer is created or removed, and the instances are replaced."""

    REFUSED = "refused"
    """Beanstalk does not allow changing the option in an existing environment."""

    UNKNOWN = "unknown"
    """Nothing is known about changes of the option or the resource. Wardrop assumes that they replace all instances."""

    @property
    def is_harmless(self) -> bool:
        """Whether a change replaces neither instances nor the load balancer."""
        return self in (Scope.IN_PLACE, Scope.APPLICATION_SERVERS)


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    scope: Scope
    note: str = ""


class OverriddenResource(msgspec.Struct, frozen=True, kw_only=True):
    scope: Scope
    in_place: frozenset[str] = frozenset()
    """The properties of a resource that CloudFormation changes without replacing the resource."""


class Corrections(msgspec.Struct, frozen=True, kw_only=True):
    options: dict[str, Correction]
    resources: dict[str, OverriddenResource]


_SEVERITIES = {
    "NoInterruption": Scope.IN_PLACE,
    "RestartApplicationServer": Scope.APPLICATION_SERVERS,
    "RestartEnvironment": Scope.INSTANCES,
}


@cache
def corrections() -> Corrections:
    return msgspec.json.decode(Path(__file__).with_name("corrections.json").read_bytes(), type=Corrections)


def scope_of(option: Option, description: Description | None) -> Scope:
    """Returns the scope of changing an option. If its severity is not known, the scope is UNKNOWN."""
    if correction := corrections().options.get(written(option)):
        return correction.scope
    return _SEVERITIES.get(description.severity or "", Scope.UNKNOWN) if description else Scope.UNKNOWN


def note_on(option: Option) -> str:
    correction = corrections().options.get(written(option))
    return correction.note if correction else ""


def scope_of_resource(resource: str, properties: set[str]) -> Scope:
    """Returns the scope of changing these properties. If the file does not list the resource, the scope is UNKNOWN."""
    overridden = corrections().resources.get(resource, OverriddenResource(scope=Scope.UNKNOWN))
    return Scope.IN_PLACE if properties <= overridden.in_place else overridden.scope
