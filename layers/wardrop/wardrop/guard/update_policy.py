"""The policy by which Beanstalk replaces the instances of an environment when its settings change.

Source: AWS developer guide, "Rolling environment configuration updates" and "Immutable environment updates".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from wardrop.environments.option import Option
from wardrop.environments.settings import AUTO_SCALING_GROUP, SCHEDULED_ACTION
from wardrop.guard.effect import Effect
from wardrop.guard.load_balancer import is_load_balanced

ROLLING_UPDATE = "aws:autoscaling:updatepolicy:rollingupdate"


class Method(StrEnum):
    AT_ONCE = "at_once"
    IN_BATCHES = "in_batches"
    NEW_FIRST = "new_first"
    """Immutable: new instances are launched and checked before the old instances are terminated."""

    UNKNOWN = "unknown"


@dataclass(frozen=True)
class UpdatePolicy:
    method: Method
    reason: str
    """The reason why Beanstalk replaces the instances by this method."""

    scheduled_actions: bool = False
    """Whether the environment has scheduled actions. They may block a replacement in batches."""

    is_certain: bool = True
    """Whether Beanstalk certainly uses this policy. False: the update may use a less harmful one."""

    @property
    def effect(self) -> Effect:
        match self.method:
            case Method.AT_ONCE:
                return Effect.REPLACES_AT_ONCE
            case Method.IN_BATCHES | Method.NEW_FIRST:
                return Effect.REPLACES_IN_BATCHES
            case _:
                return Effect.CANNOT_TELL


def policy_of_change(before: Mapping[Option, str], after: Mapping[Option, str], instances: int | None) -> UpdatePolicy:
    """The policy for an update that changes the options `before` to `after`.

    If the update also changes the policy, AWS does not document which policy Beanstalk uses. In this case, returns the
    more harmful policy, which is not certain. Between batches and an immutable update, returns batches, because both
    methods replace the instances in batches.
    """
    old, new = policy_of(before, instances), policy_of(after, instances)
    if old.method is new.method:
        return old
    worse = max(old, new, key=lambda policy: (policy.effect.harm, policy.method is Method.IN_BATCHES))
    return replace(worse, scheduled_actions=old.scheduled_actions or new.scheduled_actions, is_certain=False)


def policy_of(options: Mapping[Option, str], instances: int | None) -> UpdatePolicy:
    scheduled = any(namespace == SCHEDULED_ACTION for namespace, _ in options)
    if not is_load_balanced(options):
        return UpdatePolicy(Method.AT_ONCE, "the environment has a single instance")
    if options.get((ROLLING_UPDATE, "RollingUpdateEnabled"), "false").casefold() != "true":
        return UpdatePolicy(Method.AT_ONCE, "rolling updates are disabled")
    kind = options.get((ROLLING_UPDATE, "RollingUpdateType"), "Time")
    match kind:
        case "Immutable":
            return UpdatePolicy(Method.NEW_FIRST, "the update is immutable", scheduled)
        case "Time" | "Health":
            return _batches(options, instances, scheduled=scheduled)
        case _:
            return UpdatePolicy(Method.UNKNOWN, f"the rolling update type is {kind}")


def _batches(options: Mapping[Option, str], instances: int | None, *, scheduled: bool) -> UpdatePolicy:
    """Returns the policy for updates in batches. Applies the defaults of MaxBatchSize and MinInstancesInService."""
    try:
        smallest = int(options.get((AUTO_SCALING_GROUP, "MinSize"), "1"))
        largest = int(options.get((AUTO_SCALING_GROUP, "MaxSize"), "4"))
        batch = int(options.get((ROLLING_UPDATE, "MaxBatchSize")) or max(1, math.ceil(smallest / 3)))
        kept = int(options.get((ROLLING_UPDATE, "MinInstancesInService")) or min(smallest, largest - 1))
    except ValueError:
        return UpdatePolicy(Method.UNKNOWN, "the size of the group or of its batches is not a number")
    fleet = smallest if instances is None else instances
    if kept < 1 and batch >= fleet:
        return UpdatePolicy(
            Method.AT_ONCE, f"a batch of {batch} contains all instances, and no instance has to stay in service"
        )
    return UpdatePolicy(Method.IN_BATCHES, f"at most {batch} at a time", scheduled)
