"""Predicts the effect of a proposed change of settings."""

from collections.abc import Iterable, Sequence

import msgspec

from wardrop.environments.option import Option
from wardrop.foreign_text import clean
from wardrop.guard.change import Change, change_of, resource_changes
from wardrop.guard.consequence import conditions
from wardrop.guard.descriptions import Descriptions
from wardrop.guard.edits import Certainty, Edit, edits_of
from wardrop.guard.effect import Effect, worst
from wardrop.guard.proposal import CurrentSettings, Proposal, ProposalSource

RUNNING_UNKNOWN = "the .ebextensions of the running version are not known, so settings may disappear"
MOST_REASONS = 3
"""The largest number of reasons that the sentence names. The field `unknown` contains all reasons."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of ValidateConfigurationSettings. If its severity is `warning`, Beanstalk accepts the setting."""

    subject: str = ""
    """The option as namespace:name."""

    message: str
    is_error: bool = True


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    effect: Effect
    """The worst effect of all changes."""

    sentence: str
    """The effect of all changes as a sentence without a final period."""

    changes: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()
    """The reasons why the effect of the proposal is not certain."""

    messages: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        clean(self, "sentence")

    @property
    def keeps_instances(self) -> bool:
        """Whether the change is certainly safe.

        A change is safe if all data was read, Beanstalk accepts the change, and nothing is replaced.
        """
        return not self.unknown and self.effect.keeps_instances

    @property
    def replacing(self) -> tuple[Change, ...]:
        """The changes that certainly or possibly replace instances or the load balancer."""
        return tuple(change for change in self.changes if not change.effect.keeps_instances)


def plan(
    in_force: CurrentSettings, proposal: Proposal, descriptions: Descriptions, messages: Sequence[Message] = ()
) -> Plan:
    """Plans the proposal. `messages` are the messages of ValidateConfigurationSettings, if it was called."""
    edits = list(edits_of(in_force, proposal, descriptions))
    situation = conditions(in_force.options, _patched(in_force, edits), in_force.instances)
    changes = [change_of(edit, situation) for edit in edits]
    changes += resource_changes(in_force, proposal, situation)
    unknown = [*proposal.unread, *in_force.unread]
    if proposal.source is ProposalSource.BUNDLE and in_force.running is None:
        unknown.append(RUNNING_UNKNOWN)
    unknown += [_doubt(change) for change in changes if change.effect is Effect.CANNOT_TELL]
    effects = [change.effect for change in changes]
    effects += [Effect.CANNOT_TELL] if unknown else []
    refused = [message.message for message in messages if message.is_error]
    effects += [Effect.REFUSED] if refused else []
    return Plan(
        effect=worst(effects),
        sentence=_sentence(changes, unknown, refused),
        changes=tuple(sorted(changes, key=lambda change: -change.effect.harm)),
        unknown=tuple(unknown),
        messages=tuple(messages),
    )


def unreadable(reason: str) -> Plan:
    """Returns the plan for the case that the settings in force could not be read."""
    return Plan(effect=Effect.CANNOT_TELL, sentence=f"cannot tell, because {reason}", unknown=(reason,))


def _doubt(change: Change) -> str:
    if not change.reason:
        return change.sentence
    if change.is_assumed:
        return f"the effect of changing {change.subject} is not known: {change.phrase}"
    return f"{change.subject} may change ({change.reason}); if it does: {change.phrase}"


def _patched(in_force: CurrentSettings, edits: Iterable[Edit]) -> dict[Option, str]:
    options = dict(in_force.options)
    for edit in edits:
        if edit.certainty not in (Certainty.CHANGES, Certainty.MAY_CHANGE):
            continue
        if edit.after is None:
            options.pop(edit.option, None)
        else:
            options[edit.option] = edit.after.strip()
    return options


def _sentence(changes: Sequence[Change], unknown: Sequence[str], refused: Sequence[str]) -> str:
    certain = max(changes, key=lambda change: _certain(change).harm, default=None)
    phrase = certain.phrase if certain and _certain(certain) is not Effect.NOTHING else ""
    if refused:
        return f"refused by Beanstalk: {refused[0]}"
    if immutable := next((change for change in changes if change.effect is Effect.REFUSED), None):
        return f"{immutable.phrase} ({immutable.subject})"
    if unknown:
        reasons = "; ".join(unknown[:MOST_REASONS])
        more = f"; and {len(unknown) - MOST_REASONS} more reasons" if len(unknown) > MOST_REASONS else ""
        is_worth_saying = certain is not None and _certain(certain).replaces
        known = f"{phrase}; cannot tell all effects" if is_worth_saying else "cannot tell"
        return f"{known}, because {reasons}{more}"
    if certain is None or not phrase:
        return "nothing changes"
    return f"the settings change {phrase}" if certain.effect is Effect.UPDATES else phrase


def _certain(change: Change) -> Effect:
    return Effect.NOTHING if change.effect in (Effect.CANNOT_TELL, Effect.REFUSED) else change.effect
