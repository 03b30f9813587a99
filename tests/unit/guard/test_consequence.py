"""The sentence about the effect on the instances and the load balancer."""

import itertools

import pytest

from tests.unit.guard.samples import ENVIRONMENT, IN_BATCHES, OPTIONS, ROLLING
from wardrop.environments.settings import COMMAND
from wardrop.guard.consequence import conditions
from wardrop.guard.effect import Effect
from wardrop.guard.scope import Scope

SINGLE = {(ENVIRONMENT, "EnvironmentType"): "SingleInstance"}
IMMUTABLE = IN_BATCHES | {(ROLLING, "RollingUpdateType"): "Immutable"}
UNKNOWN = IN_BATCHES | {(ROLLING, "RollingUpdateType"): "Whatever"}
EMPTY = {("aws:autoscaling:asg", "MinSize"): "0"}
ACTION = {("aws:autoscaling:scheduledaction", "MinSize"): "1"}
AT_ONCE = {(COMMAND, "DeploymentPolicy"): "AllAtOnce"}
BLOCKED = "scheduled actions may block the replacement"
BALANCER = "the load balancer is replaced: it gets a new address, and has to warm up again"


@pytest.mark.parametrize(
    ("scope", "options", "instances", "effect", "phrase"),
    [
        (Scope.APPLICATION_SERVERS, {}, 4, Effect.RESTARTS, "the application servers restart in batches"),
        (
            Scope.APPLICATION_SERVERS,
            AT_ONCE,
            4,
            Effect.RESTARTS,
            "the application servers restart all at once: a short downtime",
        ),
        (Scope.APPLICATION_SERVERS, SINGLE, 1, Effect.RESTARTS, "the application server restarts: a short downtime"),
        (Scope.INSTANCES, {}, 4, Effect.REPLACES_AT_ONCE, "all 4 instances are replaced at once: downtime"),
        (Scope.INSTANCES, {}, None, Effect.REPLACES_AT_ONCE, "all instances are replaced at once: downtime"),
        (Scope.INSTANCES, {}, 0, Effect.REPLACES_AT_ONCE, "all instances are replaced at once: downtime"),
        (Scope.INSTANCES, SINGLE, 1, Effect.REPLACES_AT_ONCE, "the only instance is replaced: downtime"),
        (Scope.INSTANCES, IN_BATCHES, 4, Effect.REPLACES_IN_BATCHES, "all 4 instances are replaced, in batches"),
        (
            Scope.INSTANCES,
            IN_BATCHES | ACTION,
            4,
            Effect.REPLACES_IN_BATCHES,
            "all 4 instances are replaced, in batches; scheduled actions may block the replacement",
        ),
        (
            Scope.INSTANCES,
            IMMUTABLE,
            4,
            Effect.REPLACES_IN_BATCHES,
            "all 4 instances are replaced, in batches, after new ones are launched",
        ),
        (
            Scope.UNKNOWN,
            {},
            4,
            Effect.REPLACES_AT_ONCE,
            "Wardrop assumes that all 4 instances are replaced at once: downtime",
        ),
        (Scope.UNKNOWN, EMPTY, 0, Effect.UPDATES, "without interruption, because no instance is running"),
        (Scope.INSTANCES, EMPTY, 0, Effect.UPDATES, "without interruption, because no instance is running"),
        (Scope.LOAD_BALANCER, {}, 4, Effect.REPLACES_LOAD_BALANCER, BALANCER),
        (
            Scope.LOAD_BALANCER,
            SINGLE,
            1,
            Effect.UPDATES,
            "without effect, because the environment has no load balancer",
        ),
        (
            Scope.LOAD_BALANCER_AND_INSTANCES,
            IMMUTABLE,
            4,
            Effect.REPLACES_LOAD_BALANCER,
            f"{BALANCER}; and all 4 instances are replaced, in batches, after new ones are launched; Beanstalk may "
            "refuse this in an immutable update",
        ),
        (
            Scope.LOAD_BALANCER_AND_INSTANCES,
            SINGLE,
            1,
            Effect.REPLACES_AT_ONCE,
            "the only instance is replaced: downtime",
        ),
        (
            Scope.ENVIRONMENT_TYPE,
            SINGLE,
            1,
            Effect.REPLACES_LOAD_BALANCER,
            "a load balancer is created: the environment gets a new address; "
            "and the only instance is replaced: downtime",
        ),
    ],
)
def test_the_consequence_depends_on_scope_policy_and_fleet(scope, options, instances, effect, phrase):
    whole = OPTIONS | options
    consequence = conditions(whole, whole, instances).consequence(scope)
    assert (consequence.effect, consequence.phrase) == (effect, phrase)


@pytest.mark.parametrize(
    ("policies", "effect", "phrase"),
    [
        (({}, IN_BATCHES), Effect.REPLACES_AT_ONCE, "perhaps at once: the update also changes the update policy"),
        (({}, IMMUTABLE), Effect.REPLACES_AT_ONCE, "perhaps at once: the update also changes the update policy"),
        ((IMMUTABLE, IN_BATCHES), Effect.REPLACES_IN_BATCHES, "in batches"),
        (
            (IMMUTABLE, IN_BATCHES | ACTION),
            Effect.REPLACES_IN_BATCHES,
            "in batches; scheduled actions may block the replacement",
        ),
        (({}, UNKNOWN), Effect.CANNOT_TELL, "perhaps at once: the rolling update type is Whatever"),
    ],
)
def test_if_the_update_policy_changes_too_the_worse_effect_counts_but_the_method_is_not_claimed(
    policies, effect, phrase
):
    for before, after in itertools.permutations(policies):
        consequence = conditions(OPTIONS | before, OPTIONS | after, 4).consequence(Scope.INSTANCES)
        assert consequence.effect is effect
        assert consequence.phrase == f"all 4 instances are replaced, {phrase}"


def test_how_instances_are_replaced_is_unknown_with_an_unknown_policy():
    consequence = conditions(OPTIONS | UNKNOWN, OPTIONS | UNKNOWN, 4).consequence(Scope.INSTANCES)
    assert consequence.effect is Effect.CANNOT_TELL
    assert consequence.phrase == "all 4 instances are replaced, perhaps at once: the rolling update type is Whatever"


@pytest.mark.parametrize(
    ("options", "instances"),
    [
        ({(COMMAND, "BatchSize"): "100"}, 4),
        ({(COMMAND, "BatchSize"): ""}, 4),  # Beanstalk's default is 100%
        ({}, None),
        ({(COMMAND, "BatchSize"): "67"}, 3),  # rounded up, a batch contains all instances
        ({(COMMAND, "BatchSize"): "4", (COMMAND, "BatchSizeType"): "Fixed"}, 4),
        ({(COMMAND, "BatchSize"): "some"}, 4),
    ],
)
def test_servers_are_said_to_restart_in_batches_only_if_a_batch_is_certainly_smaller_than_the_fleet(options, instances):
    whole = OPTIONS | options
    consequence = conditions(whole, whole, instances).consequence(Scope.APPLICATION_SERVERS)
    assert consequence.phrase == "the application servers restart, perhaps all at once: a short downtime"


@pytest.mark.parametrize(("before", "after"), [({}, AT_ONCE), (AT_ONCE, {})])
def test_if_the_deployment_policy_changes_too_servers_may_restart_all_at_once(before, after):
    consequence = conditions(OPTIONS | before, OPTIONS | after, 4).consequence(Scope.APPLICATION_SERVERS)
    assert consequence.phrase == "the application servers restart, perhaps all at once: a short downtime"
