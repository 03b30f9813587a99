"""The effect of a proposed change of settings, and the sentence that says it."""

import pytest

from tests.unit.guard.samples import ENVIRONMENT, IN_BATCHES, LAUNCH, VPC, in_force, request
from wardrop.guard.descriptions import recorded
from wardrop.guard.effect import Effect
from wardrop.guard.plan import plan

INSTANCE_TYPE = (LAUNCH, "InstanceType")


@pytest.mark.parametrize(
    ("settings", "options", "effect", "sentence"),
    [
        ({INSTANCE_TYPE: " t3.small "}, {}, Effect.NOTHING, "nothing changes"),
        ({("aws:autoscaling:asg", "MaxSize"): "9"}, {}, Effect.UPDATES, "the settings change without interruption"),
        (
            {("aws:elasticbeanstalk:application:environment", "PASSWORD"): "other"},
            {},
            Effect.RESTARTS,
            "the application servers restart in batches",
        ),
        (
            {INSTANCE_TYPE: "m5.large"},
            IN_BATCHES,
            Effect.REPLACES_IN_BATCHES,
            "all 4 instances are replaced, in batches",
        ),
        ({INSTANCE_TYPE: "m5.large"}, {}, Effect.REPLACES_AT_ONCE, "all 4 instances are replaced at once: downtime"),
        (
            {(VPC, "ELBScheme"): "internal"},
            {},
            Effect.REPLACES_LOAD_BALANCER,
            "the load balancer is replaced: new address, warm-up lost",
        ),
        (
            {(ENVIRONMENT, "LoadBalancerType"): "network"},
            {},
            Effect.REFUSED,
            "refused by Beanstalk: LoadBalancer type option cannot be changed "
            "(aws:elasticbeanstalk:environment:LoadBalancerType)",
        ),
    ],
)
def test_each_effect_has_its_sentence(settings, options, effect, sentence):
    whole = plan(in_force(options), request(settings), recorded())
    assert (whole.effect, whole.sentence) == (effect, sentence)
