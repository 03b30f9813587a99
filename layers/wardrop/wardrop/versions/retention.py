"""Which application versions are kept and which may go, each with its reason; which bundles nobody needs."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from wardrop.alerts.duration import lasting
from wardrop.configuration.schema import VersionsConfiguration
from wardrop.deployments.model import Deployment, Standing, State
from wardrop.environments.model import Environment
from wardrop.environments.version import ApplicationVersion, Release

ORPHAN_AGE = timedelta(days=7)
"""A drop is tried for hours and waits in its dead-letter queue for days; what is older will not be taken up again."""

OUR_KEY = re.compile(r"([A-Za-z0-9._-]+)/[0-9a-f]{32}/[A-Za-z0-9._-]+")
"""What `release_key` makes. Whatever else lies in the release bucket is nobody's business here."""

LOW_ROOM = 0.05
OURS = (State.DEPLOYING, State.ROLLING_BACK)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knows of a version, as far as clean-up asks."""

    label: str
    release: Release | None = None
    """None: somebody else made it."""

    reserved_at: datetime | None = None
    pinned_by: str | None = None
    doomed_at: datetime | None = None


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """An object version in the release bucket; `size` is in bytes."""

    key: str
    version_id: str
    size: int
    at: datetime

    @property
    def prefix(self) -> str | None:
        """The application, as far as the key tells; None for what Wardrop did not put there."""
        found = OUR_KEY.fullmatch(self.key)
        return found[1] if found else None


@dataclass(frozen=True)
class Application:
    """All that speaks for or against an application's versions."""

    name: str
    versions: Sequence[ApplicationVersion]
    known: Mapping[str, Known]
    """By label."""

    environments: Sequence[Environment]
    """In any state but Terminated."""

    standings: Sequence[Standing]
    deployments: Sequence[Deployment]
    """The active ones."""

    rules: VersionsConfiguration | None
    """None: a configuration is there and cannot be read."""

    unseen: Sequence[str] = ()
    """Environments that Beanstalk should show, and does not."""


class Verdict(StrEnum):
    KEEP = "keep"
    WAIT = "wait"
    """No rule keeps it, and something is in the way that may be over the next time."""

    DELETE = "delete"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a version, and why."""

    application: str
    label: str
    created_at: datetime
    verdict: Verdict
    reason: str
    own: bool
    """The label is one that Wardrop gave."""


def choose(application: Application, now: datetime) -> list[Choice]:
    """Every version with what becomes of it, the oldest first; also what is reserved and has no version."""
    protected = _protected(application)
    obstacle = _obstacle(application)
    recent = _recent(application)
    found = []
    for one in application.versions:
        why = protected.get(one.label) or _kept(application, one, recent, now)
        free = f"no rule keeps it; it was made on {one.created_at:%Y-%m-%d}"
        found.append(_choice(application, one.label, one.created_at, why, obstacle, free))
    for known in _leftovers(application):
        why = protected.get(known.label) or _expected(known, now)
        free = "Beanstalk has no such version: its bundle serves nothing"
        found.append(_choice(application, known.label, known.reserved_at or now, why, obstacle, free))
    return sorted(found, key=lambda choice: (choice.created_at, choice.label))


def _choice(
    application: Application, label: str, at: datetime, kept: str | None, obstacle: str | None, free: str
) -> Choice:
    verdict = Verdict.KEEP if kept else Verdict.WAIT if obstacle else Verdict.DELETE
    known = application.known.get(label)
    return Choice(
        application=application.name,
        label=label,
        created_at=at,
        verdict=verdict,
        reason=kept or obstacle or free,
        own=known is not None and known.release is not None,
    )


def _protected(application: Application) -> dict[str, str]:
    """By label, what no age and no number of newer versions changes; the first reason stands."""
    found: dict[str, str] = {}
    for label, reason in _protections(application):
        found.setdefault(label, reason)
    return found


def _protections(application: Application) -> Iterator[tuple[str, str]]:
    for environment in application.environments:
        if environment.version_label is not None:
            yield environment.version_label, f"{environment.name} runs it"
    for deployment in application.deployments:
        yield deployment.label, f"it is {deployment.state} for {deployment.environment}"
        if deployment.target is not None:
            yield deployment.target.label, f"{deployment.environment} goes back to it"
        if deployment.claim is not None and deployment.claim.version_label is not None:
            yield deployment.claim.version_label, f"{deployment.environment} ran it before {deployment.label}"
    for standing in application.standings:
        if standing.hold is not None and standing.hold.label is not None:
            yield standing.hold.label, f"{standing.environment} is held at it by {standing.hold.by}"
    for known in application.known.values():
        if known.pinned_by is not None:
            yield known.label, f"{known.pinned_by} pinned it"
    if application.rules is not None:
        most = application.rules.keep_good_per_environment
        for standing in application.standings:
            # One that was quarantined since keeps its place, and takes nobody's.
            sound = [one for one in standing.good if standing.condemns(one.label) is None]
            for one in (*standing.good[:most], *sound[:most]):
                yield one.label, f"it is among the last {most} that were good in {standing.environment}"


def _kept(application: Application, version: ApplicationVersion, recent: Collection[str], now: datetime) -> str | None:
    """By the configured rules. What was made in the future, by our clock, is young."""
    rules = application.rules
    if rules is None:
        return None
    if not _is_in_scope(application, version):
        return "Wardrop has not made it, and the scope is own"
    if version.label in recent:
        return f"it is among the newest {rules.keep_last}"
    if now - version.created_at < rules.keep_for:
        return f"it is younger than {lasting(rules.keep_for)}"
    return None


def _obstacle(application: Application) -> str | None:
    """Why nothing of the application is deleted at the moment, if so."""
    if application.unseen:
        return f"Beanstalk does not show {', '.join(application.unseen)}, which was there a moment ago"
    if application.rules is None:
        return f"the configuration of {application.name} is refused, so nothing of it is deleted"
    ours = {one.environment for one in application.deployments if one.state in OURS}
    for environment in application.environments:
        launching = environment.status == "Launching" and environment.version_label is not None
        if not (environment.is_ready or environment.is_gone or launching or environment.name in ours):
            # Until an update has succeeded Beanstalk shows the version from before.
            return f"{environment.name} is {environment.status}, and Beanstalk does not tell to which version"
    return None


def _leftovers(application: Application) -> list[Known]:
    """Labels without a version: it never came to one, somebody deleted it, or clean-up stopped half-way."""
    listed = {one.label for one in application.versions}
    return [one for one in application.known.values() if one.release is not None and one.label not in listed]


def _expected(known: Known, now: datetime) -> str | None:
    if known.doomed_at is None and known.reserved_at is not None and now - known.reserved_at < ORPHAN_AGE:
        return f"Beanstalk has no such version; it was reserved less than {lasting(ORPHAN_AGE)} ago"
    return None


def _recent(application: Application) -> set[str]:
    if application.rules is None:
        return set()
    scoped = (one for one in application.versions if _is_in_scope(application, one))
    newest = sorted(scoped, key=lambda one: (one.created_at, one.label), reverse=True)
    return {one.label for one in newest[: application.rules.keep_last]}


def _is_in_scope(application: Application, version: ApplicationVersion) -> bool:
    rules = application.rules
    return (rules is not None and rules.scope == "all") or _release(application, version) is not None


def _release(application: Application, version: ApplicationVersion) -> Release | None:
    """Its bundle, if this version is the one that Wardrop made under the label."""
    known = application.known.get(version.label)
    release = known.release if known else None
    return release if release and (release.bucket, release.key) == (version.bucket, version.key) else None


def spent(
    bundles: Iterable[Bundle],
    named: Collection[str],
    reserved: Collection[str],
    buried: Collection[tuple[str, str]],
    now: datetime,
) -> list[Bundle]:
    """The bundles that nobody needs.

    `named` are the keys of our bucket that any version in Beanstalk names, `reserved` those that a label of the
    ledger still stands for; `buried` are key and version id of what has just lost its version. Everything else
    is an orphan: the copy of bytes that had a version already, or of a drop that came no further.
    """
    return [
        one
        for one in bundles
        if one.prefix is not None
        and one.key not in named
        and one.key not in reserved
        and ((one.key, one.version_id) in buried or now - one.at >= ORPHAN_AGE)
    ]


def is_nearly_full(versions: int, quota: int) -> bool:
    """Less than 5 % is left."""
    return quota - versions < quota * LOW_ROOM


def serves(pattern: str, application: str) -> bool:
    """Whether the stack's parameter `Applications` means it; * stands for any characters."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), application, re.DOTALL) is not None
