"""Judges the configuration of each application, the guard, and the quota of application versions."""

from collections.abc import Iterator
from shlex import quote

from wardrop_cli.answers import Configuration
from wardrop_cli.doctor.findings import CannotTell, Finding, broken, ok, unread, warning
from wardrop_cli.doctor.readings import NotAnswered, Overview, Quota, Readings

SCARCE = 0.95
NOT_ANSWERED = CannotTell("the stack does not answer requests")


def check_configurations(readings: Readings) -> Iterator[Finding]:
    if isinstance(readings.overview, NotAnswered):
        yield unread("configuration", "which configurations are in force", NOT_ANSWERED)
        yield unread("guard", "whether the guard is on", NOT_ANSWERED)
        return
    for configuration in readings.overview.configurations:
        yield _of_configuration(configuration)
    yield from _of_guard(readings.overview)


def _of_configuration(configuration: Configuration) -> Finding:
    application, parameter = configuration.application, configuration.parameter
    remedy = f"wardrop config show {quote(application)}"
    match configuration.source:
        case "document" if not configuration.error:
            text = f"{application} is configured by version {configuration.version} of {parameter}."
            return ok("configuration", text)
        case "defaults" if not configuration.error:
            return ok("configuration", f"{application} has no configuration, so the defaults are in force.")
        case "last_good":
            text = f"The configuration of {application} cannot be read: {configuration.error}."
            meaning = f"Version {configuration.version}, the last good document, stays in force."
            return broken("configuration", text, meaning, remedy)
        case _:
            text = f"The configuration of {application} cannot be read: {configuration.error}."
            meaning = "All deployments of the application are held until the parameter can be read."
            return broken("configuration", text, meaning, remedy)


def _of_guard(overview: Overview) -> Iterator[Finding]:
    off = [each.environment for each in overview.environments if each.guard == "off"]
    unknown = [each.environment for each in overview.environments if each.guard is None]
    if off:
        text = f"The guard is off for {', '.join(off)}."
        meaning = "Nobody is notified before instances are replaced. Set `guard: alert` or `guard: abort`."
        application = next(each.application for each in overview.environments if each.environment == off[0])
        yield warning("guard", text, meaning, f"wardrop config show {quote(application)}")
    if unknown:
        reason = CannotTell("no configuration is in force, or the stack is too old to report it")
        yield unread("guard", f"whether the guard is on for {', '.join(unknown)}", reason)
    if overview.environments and not off and not unknown:
        yield ok("guard", "The guard is on for all environments that you may view.")


def check_quota(readings: Readings) -> Finding:
    match readings.quota:
        case CannotTell() as unknown:
            return unread("quota", "how many application versions the quota still allows", unknown)
        case Quota(used, limit):
            text = f"The region has {used} of {limit} application versions."
            if used >= limit:
                meaning = "A drop is rejected unless a clean-up makes room."
                return broken("quota", text, meaning, "wardrop clean --dry-run")
            if used > SCARCE * limit:
                meaning = "Unpin versions, or keep fewer versions, before the quota is full."
                return warning("quota", text, meaning, "wardrop clean --dry-run")
            return ok("quota", text)
