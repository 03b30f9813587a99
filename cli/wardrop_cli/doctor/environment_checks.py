"""Judges each environment: its fitness for rolling deployments, its platform, and its managed updates."""

from collections.abc import Iterator
from shlex import quote

from wardrop_cli.answers import Environment
from wardrop_cli.doctor.findings import CannotTell, Finding, ok, unread, warning
from wardrop_cli.doctor.readings import Installed, NotAnswered, Platform, Readings

COMMAND = "aws:elasticbeanstalk:command"
HEALTH = "aws:elasticbeanstalk:healthreporting:system:SystemType=enhanced"
MANAGED_UPDATES = "aws elasticbeanstalk describe-environment-managed-action-history"


def check_availability(readings: Readings) -> Iterator[Finding]:
    if isinstance(readings.overview, NotAnswered):
        unknown = CannotTell("the stack does not answer requests")
        yield unread("availability", "whether deployments keep the service up", unknown)
        return
    for environment in readings.overview.environments:
        yield _of_availability(environment)


def _of_availability(environment: Environment) -> Finding:
    name = environment.environment
    if environment.availability is None:
        unknown = CannotTell("Wardrop has not read the settings yet")
        return unread("availability", f"whether a deployment to {name} keeps the service up", unknown)
    if environment.availability_doubt is not None:
        # `status` with the name of one environment reads its instances.
        remedy = f"wardrop status {name}" if environment.instances is None else ""
        unknown = CannotTell(environment.availability_doubt)
        return unread("availability", f"whether a deployment to {name} keeps the service up", unknown, remedy)
    if environment.interruption is None:
        return ok("availability", f"{name}: {environment.availability}.")
    text = f"{name}: {environment.availability}."
    meaning = "With the policy `rolling`, Wardrop changes AllAtOnce behind a load balancer before the first deployment."
    # Rolling needs several instances and a load balancer. Immutable works in every environment with enhanced health.
    policy = "Rolling" if sum((environment.instances or {}).values()) > 1 else "Immutable"
    return warning("availability", text, meaning, f"wardrop plan {name} --set {COMMAND}:DeploymentPolicy={policy}")


def check_installed(readings: Readings) -> Iterator[Finding]:
    if isinstance(readings.installed, CannotTell):
        for check, subject in (
            ("health", "which environments report the health of instances"),
            ("platform", "which platforms are retired or out of date"),
            ("managed-updates", "whether managed updates fail"),
        ):
            yield unread(check, subject, readings.installed)
        return
    for environment in readings.installed:
        yield _of_health(environment)
        yield _of_platform(environment, readings.region)
        yield _of_managed_updates(environment, readings.region)


def _of_health(environment: Installed) -> Finding:
    name = environment.name
    if environment.has_enhanced_health:
        return ok("health", f"{name} has enhanced health.")
    meaning = "Instances do not report their versions, so Wardrop cannot prove a deployment on each instance."
    return warning("health", f"{name} has basic health.", meaning, f"wardrop plan {name} --set {HEALTH}")


def _of_platform(environment: Installed, region: str) -> Finding:
    name = environment.name
    match environment.platform:
        case CannotTell() as unknown:
            return unread("platform", f"whether the platform of {name} is retired or out of date", unknown)
        case Platform(platform, "Retired" | "Deprecated" as state, _):
            meaning = "AWS does not update the platform branch any more. A new branch needs a new environment."
            command = f"aws elasticbeanstalk list-platform-branches --region {region}"
            supported = "--filters Attribute=LifecycleState,Operator==,Values=Supported"
            text = f"{name} has the platform {platform}, whose branch is {state.lower()}."
            return warning("platform", text, meaning, f"{command} {supported}")
        case Platform(platform, _, False):
            meaning = "A newer version of the platform has security updates."
            updates = "aws elasticbeanstalk describe-environment-managed-actions"
            text = f"{name} has the platform {platform}, which AWS does not recommend any more."
            return warning("platform", text, meaning, f"{updates} --environment-name {quote(name)} --region {region}")
        case Platform(platform, "", _):
            unknown = CannotTell("Beanstalk does not state the lifecycle of its branch")
            return unread("platform", f"whether the platform {platform} of {name} is retired", unknown)
        case Platform(platform, state, _):
            return ok("platform", f"{name} has the platform {platform}, which is recommended ({state.lower()}).")


def _of_managed_updates(environment: Installed, region: str) -> Finding:
    name = environment.name
    match environment.failed_updates:
        case CannotTell() as unknown:
            return unread("managed-updates", f"whether managed updates of {name} fail", unknown)
        case []:
            return ok("managed-updates", f"The last managed update of {name} did not fail, or there was none.")
        case failed:
            newest, others = failed[0], failed[1:]
            times = f" and {len(others)} before it" if others else ""
            text = f"The last managed update of {name} failed on {newest.at:%Y-%m-%d}{times}: {newest.reason}"
            meaning = "The platform is not updated until the cause is corrected."
            remedy = f"{MANAGED_UPDATES} --environment-name {quote(name)} --region {region}"
            return warning("managed-updates", text, meaning, remedy)
