"""Judges the effect of an update that Wardrop did not start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wardrop.alerts.kinds import Kind, Severity
from wardrop.environments.operation import Operation, OperationKind
from wardrop.environments.option import Option, OptionSetting
from wardrop.environments.settings import COMMAND, DeploymentSettings
from wardrop.guard import descriptions
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect
from wardrop.guard.load_balancer import is_load_balanced
from wardrop.guard.plan import Plan, plan
from wardrop.guard.proposal import CurrentSettings, Proposal, ProposalSource, recorded_in_force

NEW_INSTANCES = ("Immutable", "TrafficSplitting")
"""Deployment policies that launch new instances for each version."""

MOST_CHANGES = 10
"""The number of changes in the text of an alert."""


@dataclass(frozen=True)
class Judgement:
    effect: Effect
    sentence: str
    """The effect as a sentence without a final period."""

    changes: tuple[str, ...] = ()
    """A sentence for each setting that changes, the most harmful first."""

    is_over: bool = False
    title: str | None = None
    """The headline of the alert. None: the alert has the headline of its kind."""

    @property
    def is_reported(self) -> bool:
        """Whether the update is reported. An update that certainly keeps all instances is not reported."""
        return not self.effect.keeps_instances

    @property
    def kind(self) -> Kind:
        if self.effect is Effect.CANNOT_TELL:
            return Kind.UPDATE_UNCLEAR
        return Kind.INSTANCES_REPLACED if self.is_over else Kind.INSTANCES_BEING_REPLACED

    @property
    def severity(self) -> Severity:
        match self.effect:
            case Effect.REPLACES_AT_ONCE | Effect.REPLACES_LOAD_BALANCER:
                return Severity.ERROR
            case Effect.REPLACES_IN_BATCHES:
                return Severity.WARNING
            case _:
                return Severity.WARNING if self.changes else Severity.INFO


def judge_pending(in_force: CurrentSettings, pending: Mapping[Option, str]) -> Judgement:
    """Judges an update in progress whose new settings Beanstalk shows as a draft."""
    return _of_plan(plan(in_force, difference(in_force.options, pending), descriptions.recorded()))


def judge_without_draft(operation: Operation, in_force: CurrentSettings) -> Judgement:
    """Judges an update in progress whose changes Beanstalk does not show, because there is no draft of new settings."""
    instances = _instances(in_force.instances)
    if operation.is_managed:
        sentence = f"{instances} replaced, in batches, after new ones are launched: Beanstalk updates the platform"
        return Judgement(Effect.REPLACES_IN_BATCHES, sentence)
    match operation.kind:
        case OperationKind.RESTART:
            return Judgement(Effect.RESTARTS, "the application servers restart, and no instance is replaced")
        case OperationKind.OTHER:
            return Judgement(Effect.NOTHING, "the operation replaces no instance")
        case OperationKind.REBUILD:
            return _of_rebuild(in_force)
        case OperationKind.UPDATE if operation.deploys_version:
            return _of_version(in_force)
        case OperationKind.UPDATE:
            sentence = (
                "cannot tell, because Beanstalk does not show the settings that the update changes. The update may "
                f"deploy a version or change the platform. If the platform changes, {instances} replaced"
            )
            return Judgement(Effect.CANNOT_TELL, sentence)


def _of_rebuild(in_force: CurrentSettings) -> Judgement:
    sentence = f"the environment is rebuilt: {_instances(in_force.instances)} replaced at once"
    if not is_load_balanced(in_force.options):
        return Judgement(Effect.REPLACES_AT_ONCE, sentence)
    return Judgement(Effect.REPLACES_LOAD_BALANCER, f"{sentence}, and so is the load balancer")


def _of_version(in_force: CurrentSettings) -> Judgement:
    policy = in_force.options.get((COMMAND, "DeploymentPolicy"), "AllAtOnce")
    if policy in NEW_INSTANCES:
        sentence = f"{_instances(in_force.instances)} replaced, after new ones are launched: a version is deployed"
        return Judgement(Effect.REPLACES_IN_BATCHES, f"{sentence}, and the deployment policy is {policy}")
    sentence = (
        f"a version is deployed with the policy {policy}, which replaces no instance. Cannot tell more, because "
        "Wardrop has not read the .ebextensions of that version"
    )
    return Judgement(Effect.CANNOT_TELL, sentence)


def judge_past(
    operation: Operation, before: DeploymentSettings | None, after: DeploymentSettings, instances: int | None
) -> Judgement:
    """Judges an update that has ended. `before` is None if the settings before the update were not recorded."""
    judged = Judgement(Effect.CANNOT_TELL, "the settings before the update are not recorded")
    if before is not None and before.options:
        in_force = recorded_in_force(before, instances)
        changed = difference(in_force.options, recorded_in_force(after, instances).options)
        judged = _of_plan(plan(in_force, changed, descriptions.recorded()))
    if judged.effect.replaces:
        sentence = f"{judged.sentence}. Since the update started: {operation.instance_changes}"
        title = _title_of_past(judged.effect, operation)
        return Judgement(judged.effect, sentence, judged.changes, is_over=True, title=title)
    if operation.launched and len(operation.removed) >= (instances or 1):
        sentence = f"{operation.instance_changes} since the update started"
        if judged.effect.keeps_instances:
            sentence += ", although the recorded changes to the settings replace no instances"
        return Judgement(Effect.REPLACES_IN_BATCHES, sentence, judged.changes, is_over=True)
    # If only some instances were removed, a replacement is not proven, because an additional batch and automatic
    # scaling also remove instances.
    return Judgement(
        Effect.NOTHING, f"not all instances were replaced: {operation.instance_changes}", judged.changes, is_over=True
    )


def _title_of_past(effect: Effect, operation: Operation) -> str | None:
    """Returns the headline for an ended update whose changed settings show a replacement.

    Returns None if the events also show a replacement. The alert then has the headline of its kind.
    """
    if effect is Effect.REPLACES_LOAD_BALANCER:
        return "an update that changes the load balancer has ended"
    return None if operation.has_replaced_instances else "an update that replaces instances has ended"


def difference(before: Mapping[Option, str], after: Mapping[Option, str]) -> Proposal:
    """Returns the changed settings. Both sets of options are from Beanstalk, so equal values are equal strings."""
    changed = after.items() - before.items()
    # If an option has no value, Beanstalk lists only its name.
    emptied = {(option, "") for option in before.keys() - after.keys()}
    settings = [OptionSetting(namespace, name, value) for (namespace, name), value in sorted(changed | emptied)]
    return Proposal(settings=settings, source=ProposalSource.LISTED)


def _of_plan(planned: Plan) -> Judgement:
    changes = [change for change in planned.changes if change.effect is not Effect.NOTHING]
    certain = max((change.effect for change in changes if change.effect.replaces), key=_harm, default=None)
    effect, sentence = certain or planned.effect, planned.sentence
    if planned.effect is Effect.REFUSED:
        # Beanstalk has started an update that Wardrop expected it to refuse, so the effect is not known.
        effect = certain or Effect.CANNOT_TELL
        sentence = f"Wardrop expected that Beanstalk would refuse the update: {planned.sentence}"
    return Judgement(effect, sentence, _sentences(changes), title=_TITLES.get(effect))


_TITLES = {
    Effect.REPLACES_IN_BATCHES: "all instances are about to be replaced, in batches",
    Effect.REPLACES_AT_ONCE: "all instances are about to be replaced at once",
    Effect.REPLACES_LOAD_BALANCER: "the load balancer is about to change",
}
"""The headlines of alerts. They do not state whether the load balancer is replaced, created or removed."""


def _harm(effect: Effect) -> int:
    return effect.harm


def _sentences(changes: Sequence[Change]) -> tuple[str, ...]:
    sentences = tuple(change.sentence for change in changes[:MOST_CHANGES])
    left = len(changes) - MOST_CHANGES
    return (*sentences, f"{left} more settings change") if left > 0 else sentences


def _instances(count: int | None) -> str:
    match count:
        case None:
            return "all instances are"
        case 1:
            return "the only instance is"
        case _:
            return f"all {count} instances are"
