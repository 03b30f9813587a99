"""The consequences of a change for the instances and the load balancer. They depend on the scope of the change."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wardrop.environments.deployment_policy import largest_batch
from wardrop.environments.option import Option
from wardrop.environments.settings import AUTO_SCALING_GROUP, COMMAND, batch_of
from wardrop.guard.effect import Effect
from wardrop.guard.load_balancer import is_for_another, is_load_balanced
from wardrop.guard.scope import Scope
from wardrop.guard.update_policy import Method, UpdatePolicy, policy_of_change

BALANCER_REPLACED = "the load balancer is replaced: it gets a new address, and has to warm up again"


@dataclass(frozen=True)
class Consequence:
    effect: Effect
    phrase: str
    """A part of a sentence, such as "all 4 instances are replaced, in batches"."""

    is_assumed: bool = False
    """Whether Wardrop assumes a replacement, because the effect of the change is not known."""


class RestartMethod(StrEnum):
    """The ways in which application servers restart."""

    IN_BATCHES = "in_batches"
    UNKNOWN = "unknown"
    """It is not known how the servers restart.

    The reason is that a batch may contain all instances, that the number of instances is not known, or that the update
    also changes the deployment policy.
    """

    AT_ONCE = "at_once"


@dataclass(frozen=True)
class UpdateConditions:
    """The properties of an environment that determine how instances are replaced and how servers restart."""

    options: Mapping[Option, str]
    """The options in force."""

    instances: int | None
    policy: UpdatePolicy
    restart: RestartMethod

    @property
    def load_balanced(self) -> bool:
        return is_load_balanced(self.options)

    def of_option(self, option: Option, scope: Scope) -> Consequence:
        if is_for_another(option, self.options):
            reason = "the environment does not have this type of load balancer"
            return Consequence(Effect.UPDATES, f"without effect, because {reason}")
        return self.consequence(scope)

    def consequence(self, scope: Scope) -> Consequence:
        match scope:
            case Scope.IN_PLACE:
                return Consequence(Effect.UPDATES, "without interruption")
            case Scope.APPLICATION_SERVERS:
                return Consequence(Effect.RESTARTS, self._restart())
            case Scope.INSTANCES:
                return self._replacement()
            case Scope.UNKNOWN:
                return self._assumed()
            case Scope.REFUSED:
                return Consequence(Effect.REFUSED, "refused by Beanstalk")
            case _:
                return self._balancer(scope)

    def _restart(self) -> str:
        if self.instances == 1 or not self.load_balanced:
            return "the application server restarts: a short downtime"
        match self.restart:
            case RestartMethod.AT_ONCE:
                return "the application servers restart all at once: a short downtime"
            case RestartMethod.IN_BATCHES:
                return "the application servers restart in batches"
            case RestartMethod.UNKNOWN:
                return "the application servers restart, perhaps all at once: a short downtime"

    def _replacement(self) -> Consequence:
        if self.instances == 0:
            return Consequence(Effect.UPDATES, "without interruption, because no instance is running")
        fleet = {None: "all instances are", 1: "the only instance is"}.get(
            self.instances, f"all {self.instances} instances are"
        )
        match self.policy.method:
            case Method.AT_ONCE if not self.policy.is_certain:
                phrase = f"{fleet} replaced, perhaps at once: the update also changes the update policy"
            case Method.AT_ONCE:
                phrase = f"{fleet} replaced{'' if self.instances == 1 else ' at once'}: downtime"
            case Method.IN_BATCHES:
                phrase = f"{fleet} replaced, in batches"
            case Method.NEW_FIRST:
                phrase = f"{fleet} replaced, in batches, after new ones are launched"
            case Method.UNKNOWN:
                phrase = f"{fleet} replaced, perhaps at once: {self.policy.reason}"
        blocked = "; scheduled actions may block the replacement" if self.policy.scheduled_actions else ""
        return Consequence(self.policy.effect, phrase + blocked)

    def _assumed(self) -> Consequence:
        replacement = self._replacement()
        if replacement.effect.keeps_instances:
            return replacement
        return Consequence(replacement.effect, f"Wardrop assumes that {replacement.phrase}", is_assumed=True)

    def _balancer(self, scope: Scope) -> Consequence:
        instances = self._replacement()
        match scope:
            case Scope.ENVIRONMENT_TYPE if self.load_balanced:
                balancer = "the load balancer is removed: the environment gets a new address"
            case Scope.ENVIRONMENT_TYPE:
                balancer = "a load balancer is created: the environment gets a new address"
            case Scope.LOAD_BALANCER if not self.load_balanced:
                return Consequence(Effect.UPDATES, "without effect, because the environment has no load balancer")
            case _ if not self.load_balanced:
                return instances
            case _:
                balancer = BALANCER_REPLACED
        refused = ""
        if self.policy.method is Method.NEW_FIRST:
            refused = "; Beanstalk may refuse this in an immutable update"
        if scope is Scope.LOAD_BALANCER:
            return Consequence(Effect.REPLACES_LOAD_BALANCER, balancer + refused)
        return Consequence(Effect.REPLACES_LOAD_BALANCER, f"{balancer}; and {instances.phrase}{refused}")


def conditions(before: Mapping[Option, str], after: Mapping[Option, str], instances: int | None) -> UpdateConditions:
    """Returns the conditions of an update that changes the options `before` to the proposed options `after`.

    If the update also changes the deployment policy, AWS does not document which policy the restart uses.
    """
    running = _running(before, instances)
    restarts = {_restart_method(options, running) for options in (before, after)}
    return UpdateConditions(
        options=before,
        instances=running,
        policy=policy_of_change(before, after, running),
        restart=restarts.pop() if len(restarts) == 1 else RestartMethod.UNKNOWN,
    )


def _restart_method(options: Mapping[Option, str], instances: int | None) -> RestartMethod:
    """Returns IN_BATCHES only if a batch is certainly smaller than the number of instances.

    AWS does not document how Beanstalk rounds the size of a batch.
    """
    if options.get((COMMAND, "DeploymentPolicy"), "AllAtOnce") == "AllAtOnce":
        return RestartMethod.AT_ONCE
    try:
        is_smaller = instances is not None and largest_batch(batch_of(options), instances) < instances
    except ValueError:
        is_smaller = False
    return RestartMethod.IN_BATCHES if is_smaller else RestartMethod.UNKNOWN


def _running(options: Mapping[Option, str], instances: int | None) -> int | None:
    """Returns the number of instances, or None if it is not known.

    If 0 instances are reported although MinSize is not 0, the report is incomplete, so the number is not known.
    """
    is_incomplete = instances == 0 and options.get((AUTO_SCALING_GROUP, "MinSize"), "1") != "0"
    return None if is_incomplete else instances
