"""Judges whether Wardrop is allowed to change environments."""

from wardrop_cli.doctor.findings import CannotTell, Finding, broken, ok, unread
from wardrop_cli.doctor.readings import Installed, Readings, Stack

ROLE = "the role of AdvanceDeployment"
ASSOCIATE = "aws elasticbeanstalk associate-environment-operations-role"


def check_rights(readings: Readings) -> Finding:
    if isinstance(readings.rights, CannotTell):
        return unread("rights", f"whether {ROLE} may change environments", readings.rights)
    if denied := readings.rights.denied:
        meaning = "Beanstalk refuses deployments. Check the policies and the permissions boundary of the role."
        text = f"AWS denies these actions to {ROLE}: {', '.join(denied)}."
        return broken("rights", text, meaning, "make deploy DownstreamAccess=managed-policy")
    updated = readings.rights.environment
    return ok("rights", f"IAM allows {ROLE} to update {updated} and to read the release bucket.")


def check_operations_roles(readings: Readings) -> Finding | None:
    """None: the stack does not use operations roles."""
    check, subject = "operations-roles", "whether each environment has an operations role"
    match readings.stack:
        case CannotTell() as unknown:
            return unread(check, subject, unknown)
        case Stack(_, parameters) if parameters.get("DownstreamAccess") != "operations-role":
            return None
    match readings.installed:
        case CannotTell() as unknown:
            return unread(check, subject, unknown)
        case environments:
            return _of_roles(environments, readings)


def _of_roles(environments: list[Installed], readings: Readings) -> Finding:
    lacking = [each.name for each in environments if not each.has_operations_role]
    if not lacking:
        return ok("operations-roles", "Each environment has an operations role.")
    text = f"These environments have no operations role: {', '.join(lacking)}."
    meaning = "DownstreamAccess is operations-role, so Beanstalk refuses deployments to them."
    remedy = f"{ASSOCIATE} --environment-name {lacking[0]} --operations-role ROLE_ARN --region {readings.region}"
    return broken("operations-roles", text, meaning, remedy)
