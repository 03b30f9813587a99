"""The effect of a proposed change of settings, and the sentence that says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.guard.samples import ENVIRONMENT, IN_BATCHES, LAUNCH, VPC, bundle, in_force, request
from wardrop.guard.descriptions import recorded
from wardrop.guard.effect import Effect
from wardrop.guard.plan import Message, plan

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
            "the load balancer is replaced: it gets a new address, and has to warm up again",
        ),
        (
            {(ENVIRONMENT, "LoadBalancerType"): "network"},
            {},
            Effect.REFUSED,
            "refused by Beanstalk: LoadBalancer type option cannot be changed "
            "(aws:elasticbeanstalk:environment:LoadBalancerType)",
        ),
        (
            {("aws:new", "Option"): "1"},
            {},
            Effect.CANNOT_TELL,
            "cannot tell, because the effect of changing aws:new:Option is not known: Wardrop assumes that all 4 "
            "instances are replaced at once: downtime",
        ),
    ],
)
def test_each_effect_has_its_sentence(settings, options, effect, sentence):
    whole = plan(in_force(options), request(settings), recorded())
    assert (whole.effect, whole.sentence) == (effect, sentence)


def test_the_worst_change_decides_and_is_listed_first():
    whole = plan(in_force(), request({(VPC, "ELBScheme"): "internal", INSTANCE_TYPE: "m5.large"}), recorded())
    effects = [change.effect for change in whole.changes]
    assert effects == [Effect.REPLACES_LOAD_BALANCER, Effect.REPLACES_AT_ONCE]
    assert (whole.effect, len(whole.replacing)) == (Effect.REPLACES_LOAD_BALANCER, 2)


def test_what_was_not_read_is_said_beside_what_is_certain():
    unread = bundle({INSTANCE_TYPE: "m5.large"}, unread=["b.config: a file of 5 MB"])
    whole = plan(in_force(running=bundle({INSTANCE_TYPE: "t3.small"})), unread, recorded())
    assert whole.effect is Effect.CANNOT_TELL
    assert whole.sentence == (
        "all 4 instances are replaced at once: downtime; cannot tell all effects, because b.config: a file of 5 MB"
    )


def test_a_message_of_beanstalk_refuses_the_whole_and_a_warning_does_not():
    messages = [
        Message(message="odd", is_error=False),
        Message(subject="a:b", message="Unknown configuration setting."),
    ]
    refused = plan(in_force(), request({INSTANCE_TYPE: "m5.large"}), recorded(), messages)
    assert (refused.effect, refused.sentence) == (
        Effect.REFUSED,
        "refused by Beanstalk: Unknown configuration setting.",
    )
    accepted = plan(in_force(), request({INSTANCE_TYPE: "m5.large"}), recorded(), messages[:1])
    assert accepted.effect is Effect.REPLACES_AT_ONCE


VALUES = st.sampled_from(
    ["t3.small", "m5.large", "true", "false", "SingleInstance", "subnet-1", None, '{"Ref": "A"}', ""]
)
SETTINGS = st.dictionaries(st.sampled_from(sorted(recorded())), VALUES, max_size=4)
UNREAD = st.lists(st.just("a file was not read"), max_size=1)
FILES = st.builds(bundle, SETTINGS, unread=UNREAD)


@given(FILES, st.none() | FILES, UNREAD, st.none() | st.integers(0, 5))
def test_instances_are_said_to_stay_only_if_everything_was_read_and_nothing_replaces(files, running, unread, instances):
    whole = plan(in_force(running=running, unread=unread, instances=instances), files, recorded())
    if files.unread or unread or running is None:
        assert not whole.keeps_instances
        assert whole.effect in (Effect.CANNOT_TELL, Effect.REFUSED)
    if whole.keeps_instances:
        assert all(change.effect.keeps_instances for change in whole.changes)
        assert "cannot tell" not in whole.sentence


@given(FILES, SETTINGS)
def test_a_further_setting_never_makes_the_effect_milder(files, more):
    together = bundle({setting.key: setting.value for setting in files.settings} | more, unread=files.unread)
    alone = bundle({key: value for key, value in _settings_of(together).items() if key not in more})
    assert plan(in_force(), alone, recorded()).effect.harm <= plan(in_force(), together, recorded()).effect.harm


def _settings_of(files):
    return {setting.key: setting.value for setting in files.settings}
