"""The retention rules, which decide whether an application version is kept or deleted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from wardrop.alerts.duration import lasting
from wardrop.configuration.schema import VersionsConfiguration
from wardrop.deployments.state import State
from wardrop.environments.version import ApplicationVersion
from wardrop.versions.inventory import ApplicationInventory, Usage

RESERVATION_LASTS = timedelta(days=7)
"""The time for which a reserved label without a version is kept.

A failed drop is retried for hours, and then stays in its dead-letter queue for days, where a user can redrive it.
Example: a drop reserves a label on 1 March, 12:00, and fails. On 8 March, 12:00, the drop can no longer be processed,
and a clean-up may delete its label and its bundle.
"""

UPDATING_THE_VERSION = (State.DEPLOYING, State.ROLLING_BACK)
"""The states in which a deployment of Wardrop is changing the environment's version. Its record names the version."""

Reasons = Iterator[tuple[str, str]]
"""The labels to keep, each with the reason."""


class Action(StrEnum):
    KEEP = "keep"
    BLOCKED = "blocked"
    """The version cannot be deleted safely now, although no rule keeps it. The next clean-up decides again."""

    DELETE = "delete"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    application: str
    label: str
    created_at: datetime
    action: Action
    reason: str
    reserved: bool
    """Whether Wardrop reserved the label for a bundle."""


def decide(application: ApplicationInventory, now: datetime) -> list[Decision]:
    """Decides on all versions and on all reserved labels without a version, the oldest first."""
    kept: dict[str, str] = {}
    for label, reason in _rules(application, now):
        kept.setdefault(label, reason)
    blocked = blocked_by(application)
    decisions = []
    for label, created_at, unneeded in _candidates(application, now):
        record = application.records.get(label)
        decisions.append(
            Decision(
                application=application.name,
                label=label,
                created_at=created_at,
                action=Action.KEEP if label in kept else Action.BLOCKED if blocked else Action.DELETE,
                reason=kept.get(label) or blocked or unneeded,
                reserved=record is not None and record.release is not None,
            )
        )
    return sorted(decisions, key=lambda decision: (decision.created_at, decision.label))


def _candidates(application: ApplicationInventory, now: datetime) -> Iterator[tuple[str, datetime, str]]:
    """Yields the label and the creation time of each version, and the reason for its deletion if no rule keeps it."""
    for version in application.versions:
        created = f"it was created on {version.created_at:%Y-%m-%d}"
        yield version.label, version.created_at, f"no retention rule keeps it; {created}"
    for record in application.records_without_version():
        reason = "Beanstalk does not have this version, so its bundle is not used"
        yield record.label, record.reserved_at or now, reason


def _rules(application: ApplicationInventory, now: datetime) -> Reasons:
    """Yields the versions that the rules keep. If several rules keep a version, the decision states the first one."""
    yield from _running(application.usage)
    yield from _being_deployed(application.usage)
    yield from _held(application.usage)
    yield from _pinned(application)
    if application.rules is not None:
        yield from _last_good(application.usage, application.rules)
        yield from _made_by_others(application, application.rules)
        yield from _newest(application, application.rules)
        yield from _young(application, application.rules, now)
    yield from _reserved_recently(application, now)


def _running(usage: Usage) -> Reasons:
    for environment in usage.environments:
        if environment.version_label is not None:
            yield environment.version_label, f"{environment.name} runs it"


def _being_deployed(usage: Usage) -> Reasons:
    """Yields the versions that active deployments deploy, roll back to, or replace."""
    for deployment in usage.deployments:
        state = deployment.state.replace("_", " ")
        yield deployment.label, f"its deployment to {deployment.environment} is {state}"
        if deployment.rollback is not None:
            yield deployment.rollback.target.label, f"{deployment.environment} is being rolled back to it"
        if deployment.update is not None and deployment.update.version_label is not None:
            yield deployment.update.version_label, f"{deployment.environment} ran it before {deployment.label}"


def _held(usage: Usage) -> Reasons:
    for standing in usage.standings:
        if standing.hold is not None and standing.hold.label is not None:
            yield standing.hold.label, f"{standing.hold.by} holds {standing.environment} at this version"


def _pinned(application: ApplicationInventory) -> Reasons:
    for record in application.records.values():
        if record.pinned_by is not None:
            yield record.label, f"{record.pinned_by} pinned it"


def _last_good(usage: Usage, rules: VersionsConfiguration) -> Reasons:
    """Keeps the last good versions, and in addition the last good versions that are not quarantined.

    Example with `keep_good_per_environment: 1`: the good versions are g1 (the newest), g2 and g3, and g1 is
    quarantined. Then g1 is kept as the last good version, and g2 is kept as the last version for a rollback.
    """
    most = rules.keep_good_per_environment
    for standing in usage.standings:
        usable = [good for good in standing.good if standing.quarantine_of(good.label) is None]
        for good in (*standing.good[:most], *usable[:most]):
            which = "the last good version" if most == 1 else f"one of the last {most} good versions"
            yield good.label, f"it is {which} of {standing.environment}"


def _made_by_others(application: ApplicationInventory, rules: VersionsConfiguration) -> Reasons:
    for version in application.versions:
        if not _is_in_scope(application, rules, version):
            yield version.label, "Wardrop did not create it, and `scope` is `own`"


def _newest(application: ApplicationInventory, rules: VersionsConfiguration) -> Reasons:
    """Keeps the newest versions. `keep_last` counts only versions in scope."""
    in_scope = [version for version in application.versions if _is_in_scope(application, rules, version)]
    newest_first = sorted(in_scope, key=lambda version: (version.created_at, version.label), reverse=True)
    for version in newest_first[: rules.keep_last]:
        which = "the newest version" if rules.keep_last == 1 else f"one of the newest {rules.keep_last} versions"
        yield version.label, f"it is {which}"


def _young(application: ApplicationInventory, rules: VersionsConfiguration, now: datetime) -> Reasons:
    """Keeps young versions. Example with `keep_for: 30d`: a version of 1 March, 12:00, is kept until 31 March, 12:00.

    Because the clocks differ, the creation time may be in the future. Such a version counts as young.
    """
    for version in application.versions:
        if now - version.created_at < rules.keep_for:
            yield version.label, f"it is younger than {lasting(rules.keep_for)}"


def _reserved_recently(application: ApplicationInventory, now: datetime) -> Reasons:
    """Keeps recently reserved labels, except for marked labels, which an interrupted clean-up left behind."""
    for record in application.records_without_version():
        is_recent = record.reserved_at is not None and now - record.reserved_at < RESERVATION_LASTS
        if record.marked_at is None and is_recent:
            age = f"less than {lasting(RESERVATION_LASTS)} ago"
            yield record.label, f"Beanstalk does not have this version; its label was reserved {age}"


def _is_in_scope(application: ApplicationInventory, rules: VersionsConfiguration, version: ApplicationVersion) -> bool:
    return rules.scope == "all" or application.made_by_wardrop(version)


def blocked_by(application: ApplicationInventory) -> str | None:
    """Returns the reason why no version of the application can be deleted safely now, or None if deletion is safe."""
    usage = application.usage
    if usage.missing:
        return f"Beanstalk does not list {', '.join(usage.missing)} any more"
    if application.rules is None:
        return f"the configuration of {application.name} cannot be read, so none of its versions are deleted"
    deployed_by_wardrop = {
        deployment.environment for deployment in usage.deployments if deployment.state in UPDATING_THE_VERSION
    }
    for environment in usage.environments:
        launching = environment.status == "Launching" and environment.version_label is not None
        is_settled = environment.is_ready or environment.is_gone or launching
        if not is_settled and environment.name not in deployed_by_wardrop:
            # Until an update succeeds, Beanstalk shows the version from before the update.
            return f"{environment.name} is {environment.status}, and Beanstalk does not show its new version yet"
    return None
