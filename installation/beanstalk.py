"""Checks the applications and environments that the stack would serve."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from installation.findings import CannotTell, Finding, objection, unread, warning
from installation.patterns import matches


@dataclass(frozen=True)
class Environment:
    name: str
    application: str
    has_operations_role: bool


def faults_of_applications(pattern: str, names: Sequence[str] | CannotTell) -> list[Finding]:
    match names:
        case CannotTell() as unknown:
            return [unread("applications", f"which applications match {pattern!r}", unknown)]
    if any(matches(pattern, name) for name in names):
        return []
    if pattern == "*":
        text = "There are no Beanstalk applications in this region yet."
        return [warning("applications", text, "Wardrop serves the applications that you create later.")]
    close = get_close_matches(pattern.replace("*", ""), names, 1)
    advice = f"Did you mean {close[0]!r}?" if close else f"The applications are: {', '.join(names) or 'none'}."
    text = f"No Beanstalk application in this region matches Applications={pattern}."
    return [objection("applications", text, advice)]


def faults_of_roles(applications: str, access: str, environments: Sequence[Environment] | CannotTell) -> list[Finding]:
    if access != "operations-role":
        return []
    match environments:
        case CannotTell() as unknown:
            return [unread("operations-role", "which environments have an operations role", unknown)]
    lacking = [
        environment.name
        for environment in environments
        if matches(applications, environment.application) and not environment.has_operations_role
    ]
    if not lacking:
        return []
    text = f"These environments have no operations role, so Beanstalk may not change them: {', '.join(lacking)}."
    command = "aws elasticbeanstalk associate-environment-operations-role --environment-name NAME --operations-role ARN"
    advice = f"Give each environment a role ({command}), or set DownstreamAccess=managed-policy."
    return [objection("operations-role", text, advice)]
