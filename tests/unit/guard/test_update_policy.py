"""How instances are replaced when the settings of an environment change."""

import pytest

from tests.unit.guard.samples import ENVIRONMENT, IN_BATCHES, OPTIONS, ROLLING
from wardrop.environments.settings import AUTO_SCALING_GROUP
from wardrop.guard.update_policy import Method, policy_of

MIN_SIZE, MAX_SIZE = (AUTO_SCALING_GROUP, "MinSize"), (AUTO_SCALING_GROUP, "MaxSize")
BATCH, KEPT = (ROLLING, "MaxBatchSize"), (ROLLING, "MinInstancesInService")


@pytest.mark.parametrize(
    ("options", "instances", "method"),
    [
        ({}, 4, Method.AT_ONCE),
        ({(ROLLING, "RollingUpdateEnabled"): "false", (ROLLING, "RollingUpdateType"): "Health"}, 4, Method.AT_ONCE),
        (IN_BATCHES, 4, Method.IN_BATCHES),
        (IN_BATCHES | {(ROLLING, "RollingUpdateEnabled"): "True"}, 4, Method.IN_BATCHES),
        (IN_BATCHES | {(ROLLING, "RollingUpdateType"): "Time"}, 4, Method.IN_BATCHES),
        (IN_BATCHES | {(ROLLING, "RollingUpdateType"): "Immutable"}, 4, Method.NEW_FIRST),
        (IN_BATCHES | {(ROLLING, "RollingUpdateType"): "Whatever"}, 4, Method.UNKNOWN),
        (IN_BATCHES | {(ENVIRONMENT, "EnvironmentType"): "SingleInstance"}, 1, Method.AT_ONCE),
        (IN_BATCHES | {BATCH: "4", KEPT: "0"}, 4, Method.AT_ONCE),
        (IN_BATCHES | {BATCH: "4", KEPT: "0"}, None, Method.AT_ONCE),
        (IN_BATCHES | {BATCH: "4", KEPT: "1"}, 4, Method.IN_BATCHES),
        (IN_BATCHES | {BATCH: "3", KEPT: "0"}, 4, Method.IN_BATCHES),
        (IN_BATCHES | {MIN_SIZE: "1", MAX_SIZE: "1"}, 1, Method.AT_ONCE),
        (IN_BATCHES | {MIN_SIZE: "1", MAX_SIZE: "2"}, 1, Method.IN_BATCHES),
        (IN_BATCHES | {MIN_SIZE: "many"}, 4, Method.UNKNOWN),
    ],
)
def test_the_update_policy_decides_how_instances_are_replaced(options, instances, method):
    assert policy_of(OPTIONS | options, instances).method is method


def test_scheduled_actions_may_block_updates_in_batches():
    action = {("aws:autoscaling:scheduledaction", "MinSize"): "1"}
    assert policy_of(OPTIONS | IN_BATCHES | action, 4).scheduled_actions
    assert not policy_of(OPTIONS | action, 4).scheduled_actions
