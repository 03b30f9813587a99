"""The rules of retention: which application versions are kept, which are deleted, and why."""

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
"""How long a label without a version is kept.

Lambda delivers a drop again for hours, and a failed drop waits in its dead-letter queue for days. Example: a drop
reserves a label on 1 March, 12:00, and fails. Somebody may redrive it until its queue forgets it. On 8 March, 12:00,
nobody can process it any more, and its label and bundle may go.
"""

SHOWS_ITS_VERSION = (State.DEPLOYING, State.ROLLING_BACK)
"""While Wardrop updates an environment in these states, the deployment names the version."""

Reasons = Iterator[tuple[str, str]]
"""Labels to keep, each with the reason."""


class Action(StrEnum):
    KEEP = "keep"
    BLOCKED = "blocked"
    """No rule keeps the version, but it cannot be deleted safely now. The next clean-up decides again."""

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
    """A decision for each version and for each reserved label without a version, the oldest first."""
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
    """Label, time of creation, and the reason for its deletion if no rule keeps it."""
    for version in application.versions:
        created = f"it was created on {version.created_at:%Y-%m-%d}"
        yield version.label, version.created_at, f"no retention rule keeps it; {created}"
    for record in application.records_without_version():
        reason = "Beanstalk does not have this version, so nothing uses its bundle"
        yield record.label, record.reserved_at or now, reason


def _rules(application: ApplicationInventory, now: datetime) -> Reasons:
    """Every rule that keeps a version. If several rules keep one, the first is the reason that people read."""
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
    """The versions that active deployments deploy, roll back to, or replace."""
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
    """A version that was quarantined later keeps its place among the last good ones and takes no other's place.

    Example with `keep_good_per_environment: 1`: good are g1 (the newest), g2 and g3, and g1 is quarantined. Then g1
    is kept as the last good version, and g2 as the last one that a rollback can use.
    """
    most = rules.keep_good_per_environment
    for standing in usage.standings:
        usable = [good for good in standing.good if standing.quarantine_of(good.label) is None]
        for good in (*standing.good[:most], *usable[:most]):
            yield good.label, f"it is one of the last {most} good versions of {standing.environment}"


def _made_by_others(application: ApplicationInventory, rules: VersionsConfiguration) -> Reasons:
    for version in application.versions:
        if not _is_in_scope(application, rules, version):
            yield version.label, "Wardrop did not make it, and `scope` is `own`"


def _newest(application: ApplicationInventory, rules: VersionsConfiguration) -> Reasons:
    """`keep_last` counts only versions in scope."""
    in_scope = [version for version in application.versions if _is_in_scope(application, rules, version)]
    newest_first = sorted(in_scope, key=lambda version: (version.created_at, version.label), reverse=True)
    for version in newest_first[: rules.keep_last]:
        yield version.label, f"it is one of the newest {rules.keep_last} versions"


def _young(application: ApplicationInventory, rules: VersionsConfiguration, now: datetime) -> Reasons:
    """Example with `keep_for: 30d`: a version of 1 March, 12:00, is kept until 31 March, 12:00.

    If our clock is behind Beanstalk's, a version may have a creation time in the future. It counts as young too.
    """
    for version in application.versions:
        if now - version.created_at < rules.keep_for:
            yield version.label, f"it is younger than {lasting(rules.keep_for)}"


def _reserved_recently(application: ApplicationInventory, now: datetime) -> Reasons:
    """A label whose version a clean-up has marked for deletion is not kept: that clean-up stopped half-way."""
    for record in application.records_without_version():
        is_recent = record.reserved_at is not None and now - record.reserved_at < RESERVATION_LASTS
        if record.marked_at is None and is_recent:
            age = f"less than {lasting(RESERVATION_LASTS)} ago"
            yield record.label, f"Beanstalk does not have this version; its label was reserved {age}"


def _is_in_scope(application: ApplicationInventory, rules: VersionsConfiguration, version: ApplicationVersion) -> bool:
    return rules.scope == "all" or application.made_by_wardrop(version)


def blocked_by(application: ApplicationInventory) -> str | None:
    """Why no version of the application can be deleted safely now. None: nothing prevents it."""
    usage = application.usage
    if usage.missing:
        return f"Beanstalk does not list {', '.join(usage.missing)}, which Wardrop has seen before"
    if application.rules is None:
        return f"the configuration of {application.name} is invalid, so none of its versions are deleted"
    deployed_by_wardrop = {
        deployment.environment for deployment in usage.deployments if deployment.state in SHOWS_ITS_VERSION
    }
    for environment in usage.environments:
        launching = environment.status == "Launching" and environment.version_label is not None
        is_settled = environment.is_ready or environment.is_gone or launching
        if not is_settled and environment.name not in deployed_by_wardrop:
            # Until an update succeeds, Beanstalk shows the version from before the update.
            return f"{environment.name} is {environment.status}, and Beanstalk does not show to which version"
    return None
