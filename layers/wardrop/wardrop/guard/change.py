"""A change that a proposal makes, with its effect and a sentence for users."""

from collections.abc import Iterable, Iterator

import msgspec

from wardrop.environments.option import ResourceOverride, may_be_shown, written
from wardrop.foreign_text import clean
from wardrop.guard.consequence import Consequence, UpdateConditions
from wardrop.guard.edits import Certainty, Edit
from wardrop.guard.effect import Effect
from wardrop.guard.proposal import CurrentSettings, Proposal, ProposalSource
from wardrop.guard.scope import Scope, note_on, scope_of, scope_of_resource

MOST_CHARACTERS = 100
"""The longest value in a sentence."""

EFFECT_NOT_KNOWN = "the effect of this change is not known"
"""The reason if neither Beanstalk nor Wardrop describes the effect of changing the option or the resource."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    """An option as namespace:name, or the logical id of a resource in Beanstalk's own template."""

    before: str | None = None
    """The value in force. None: there is no value, or the value must not be shown."""

    after: str | None = None
    effect: Effect
    worst: Effect
    """The worst effect that the change may have. If the effect is certain, this is `effect`."""

    sentence: str
    phrase: str = ""
    """The worst effect as a clause that does not name the option or the resource."""

    reason: str = ""
    """The reason why it is not certain that the subject changes, or that the change has the worst effect."""

    is_assumed: bool = False
    """Whether Wardrop assumes the worst effect, because the effect of changing the subject is not known."""

    file: str = ""
    is_overridden: bool = False
    """Whether a setting that was made through the API takes precedence, so that the file has no effect."""

    def __post_init__(self) -> None:
        clean(self, "sentence", "phrase", "reason")


def change_of(edit: Edit, conditions: UpdateConditions) -> Change:
    name, scope = written(edit.option), scope_of(edit.option, edit.description)
    consequence = _noted(conditions.of_option(edit.option, scope), note_on(edit.option))
    is_shown = may_be_shown(edit.option)
    effect, sentence = _judged(edit, name, scope, consequence)
    is_assumed = effect is not Effect.NOTHING and consequence.is_assumed
    return Change(
        subject=name,
        before=edit.before if is_shown else None,
        after=edit.after if is_shown else None,
        effect=effect,
        worst=effect if effect is Effect.NOTHING else consequence.effect,
        sentence=sentence,
        phrase=consequence.phrase,
        reason=edit.reason or (EFFECT_NOT_KNOWN if is_assumed else ""),
        is_assumed=is_assumed and not edit.reason,
        file=edit.file,
        is_overridden=edit.certainty is Certainty.OVERRIDDEN,
    )


def _noted(consequence: Consequence, note: str) -> Consequence:
    if not note:
        return consequence
    link = ": " if consequence.effect is Effect.REFUSED else "; it "
    return Consequence(consequence.effect, f"{consequence.phrase}{link}{note}")


def _judged(edit: Edit, name: str, scope: Scope, consequence: Consequence) -> tuple[Effect, str]:
    match edit.certainty:
        case Certainty.UNCHANGED:
            return Effect.NOTHING, f"{name} does not change"
        case Certainty.OVERRIDDEN:
            by = f"over {edit.file}" if edit.file else "over the files"
            return Effect.NOTHING, f"{name} does not change: a setting made through the API takes precedence {by}"
        case Certainty.CHANGES if consequence.is_assumed:
            return (
                Effect.CANNOT_TELL,
                f"{name} changes{_values(edit)}, and the effect is not known: {consequence.phrase}",
            )
        case Certainty.CHANGES:
            return consequence.effect, f"{name} changes{_values(edit)}: {consequence.phrase}"
        case Certainty.MAY_CHANGE if scope.is_harmless:
            return consequence.effect, f"{name} may change: {consequence.phrase}"
        case Certainty.MAY_CHANGE:
            sentence = f"cannot tell whether {name} changes, because {edit.reason}; if it does: {consequence.phrase}"
            return Effect.CANNOT_TELL, sentence


def _values(edit: Edit) -> str:
    if not may_be_shown(edit.option):
        return ""
    return f" from {_short(edit.before)} to {_short(edit.after)}"


def _short(value: str | None) -> str:
    text = (value or "").strip()
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."


def resource_changes(in_force: CurrentSettings, proposal: Proposal, conditions: UpdateConditions) -> Iterator[Change]:
    """Returns a change for each of Beanstalk's own resources that a version overrides or no longer overrides."""
    if proposal.source is not ProposalSource.BUNDLE:
        return
    after = _properties(proposal.resources)
    before = _properties(in_force.running.resources) if in_force.running else None
    for resource in sorted(after.keys() | (before or {}).keys()):
        new, old = after.get(resource, {}), (before or {}).get(resource, {})
        changed = {name for name in new.keys() | old.keys() if new.get(name) != old.get(name)}
        file = next((override.file for override in proposal.resources if override.resource == resource), "")
        consequence = conditions.consequence(scope_of_resource(resource, changed))
        if not changed:
            yield Change(
                subject=resource,
                effect=Effect.NOTHING,
                worst=Effect.NOTHING,
                sentence=f"{resource} does not change",
                file=file,
            )
        elif before is not None:
            phrase = f"changes in {', '.join(sorted(changed))}"
            yield _resource_change(resource, file, consequence, phrase)
        else:
            yield _perhaps_changed(resource, file, consequence)


def _perhaps_changed(resource: str, file: str, consequence: Consequence) -> Change:
    if consequence.effect is Effect.UPDATES:
        return _resource_change(resource, file, consequence, "may change")
    reason = "the overrides of the running version are not known"
    return Change(
        subject=resource,
        effect=Effect.CANNOT_TELL,
        worst=consequence.effect,
        sentence=f"cannot tell whether {resource} changes, because {reason}; if it does: {consequence.phrase}",
        phrase=consequence.phrase,
        reason=reason,
        file=file,
    )


def _resource_change(resource: str, file: str, consequence: Consequence, predicate: str) -> Change:
    doubt = ", and the effect is not known" if consequence.is_assumed else ""
    return Change(
        subject=resource,
        effect=Effect.CANNOT_TELL if consequence.is_assumed else consequence.effect,
        worst=consequence.effect,
        sentence=f"{resource} {predicate}{doubt}: {consequence.phrase}",
        phrase=consequence.phrase,
        reason=EFFECT_NOT_KNOWN if consequence.is_assumed else "",
        is_assumed=consequence.is_assumed,
        file=file,
    )


def _properties(overrides: Iterable[ResourceOverride]) -> dict[str, dict[str, str]]:
    properties: dict[str, dict[str, str]] = {}
    for override in overrides:
        properties.setdefault(override.resource, {}).update(override.properties)
    return properties
