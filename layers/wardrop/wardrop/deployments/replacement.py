"""Describes the replacement of instances that settings in a bundle's `.ebextensions` cause during a deployment."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wardrop.alerts.kinds import Severity
from wardrop.environments.version import Version
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect, worst
from wardrop.guard.plan import Plan
from wardrop.guard.proposal import Proposal

MOST_NAMED = 3
"""The number of changes that a sentence names. Further changes are only counted."""

MOST_CHARACTERS = 1200
"""The maximum length of a sentence. It is limited, because the history of a deployment contains the sentence."""


@dataclass(frozen=True)
class Doubt:
    """The reason why settings of an unknown version may be in force."""

    reason: str
    update_at: datetime | None = None
    """The time of the update that did not succeed. None: no deployment has been proven in the environment yet."""


@dataclass(frozen=True)
class BundleFiles:
    """The `.ebextensions` of the version to deploy, and of the versions whose settings may be in force."""

    target: Proposal
    running: Mapping[str, Proposal | None]
    """The `.ebextensions` of each version, keyed by label. None: Wardrop did not create the version."""

    doubt: Doubt | None = None
    """The reason why settings of a version that is not in `running` may be in force. None: there is no such reason."""


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """A certain or possible replacement of instances or of the load balancer."""

    id: str
    """The id depends on the changes that cause the replacement, but not on the number of instances or the sentence."""

    effect: Effect
    """The worst certain effect, or CANNOT_TELL if no effect is certain."""

    sentence: str

    @property
    def severity(self) -> Severity:
        at_once = (Effect.REPLACES_AT_ONCE, Effect.REPLACES_LOAD_BALANCER)
        return Severity.ERROR if self.effect in at_once else Severity.WARNING


class ReplacementRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of the replacements that were last announced, last submitted for approval, and last approved."""

    announced: str | None = None
    asked: str | None = None
    approved: str | None = None

    @property
    def is_undecided(self) -> bool:
        return self.asked is not None and self.asked != self.approved


def files_of(label: str, version: Version | None) -> Proposal:
    if version is None:
        return Proposal(unread=(f"Wardrop did not create {label}, so its .ebextensions are not known",))
    return Proposal(version.settings, version.resources, version.unread)


def replacement_of(plan: Plan, files: BundleFiles) -> Replacement | None:
    """Returns the replacement that a plan causes, or None if it is certain that no instance is replaced."""
    if plan.keeps_instances:
        return None
    certain = [change for change in plan.replacing if change.effect.replaces]
    effect = worst(change.effect for change in certain) if certain else Effect.CANNOT_TELL
    return Replacement(id=_id(plan, files), effect=effect, sentence=_sentence(plan, certain))


NOT_READ = Replacement(
    id="not-read",
    effect=Effect.CANNOT_TELL,
    sentence="cannot tell whether instances are replaced, because the settings in force were not read",
)


def _id(plan: Plan, files: BundleFiles) -> str:
    changes = [(change.subject, change.before, change.after, change.effect) for change in plan.replacing]
    unknown = sorted(label for label, running in files.running.items() if running is None or running.unread)
    is_unread, doubted = bool(files.target.unread), files.doubt and (files.doubt.update_at or "not proven")
    content = msgspec.json.encode((plan.effect, sorted(changes, key=repr), is_unread, doubted, unknown))
    return hashlib.sha256(content).hexdigest()[:16]


def _sentence(plan: Plan, certain: Sequence[Change]) -> str:
    if not certain:
        return _bounded(plan.sentence)
    return _bounded(f"{plan.sentence}; .ebextensions change {listed([_named(change) for change in certain])}")


def listed(names: Sequence[str]) -> str:
    """Lists the first MOST_NAMED names, and states the number of the others."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _named(change: Change) -> str:
    if change.before is None and change.after is None:
        return change.subject
    return f"{change.subject} from {change.before or 'nothing'} to {change.after or 'nothing'}"


def _bounded(sentence: str) -> str:
    return sentence if len(sentence) <= MOST_CHARACTERS else f"{sentence[: MOST_CHARACTERS - 3]}..."
