"""The sentence about the availability of the service during a deployment."""

import pytest

from tests.unit.samples import NOW, deployment_settings
from wardrop.deployments.availability import availability
from wardrop.deployments.replacement import NOT_READ, Replacement
from wardrop.environments.settings import VersionQuotaUse
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect
from wardrop.guard.plan import Plan

NOTHING = Plan(effect=Effect.NOTHING, sentence="nothing changes")


@pytest.mark.parametrize(
    ("differs", "instances", "sentence"),
    [
        ({}, 4, "takes the service down for a while: the policy is AllAtOnce"),
        ({"load_balanced": False}, 1, "takes the service down for a while: there is a single instance"),
        ({"policy": "Rolling", "batch": "1"}, 4, "keeps the service up: Rolling, 1 of 4 at a time"),
        ({"policy": "Rolling", "batch": "4"}, 4, "takes the service down for a while: a batch of 4 contains all"),
        ({"policy": "Rolling", "batch": "50%"}, 2, "keeps the service up: Rolling, 50% of 2 at a time"),
        (
            {"policy": "Rolling", "batch": "100%"},
            None,
            "takes the service down for a while: a batch of 100% contains all",
        ),
        (
            {"policy": "RollingWithAdditionalBatch", "batch": "30%"},
            None,
            "keeps the service up: RollingWithAdditionalBatch, 30% at a time",
        ),
        ({"policy": "Immutable"}, 4, "keeps the service up: Immutable"),
        ({"policy": "Immutable"}, None, "keeps the service up: Immutable"),
    ],
)
def test_it_says_whether_the_service_stays_up_and_if_not_why(differs, instances, sentence):
    assert availability(NOTHING, None, deployment_settings(**differs), instances).startswith(f"this {sentence}")


@pytest.mark.parametrize(
    ("batch", "instances", "reason"),
    [
        ("75%", 2, "AWS does not document whether Beanstalk rounds 75% of 2 instances up or down"),
        ("67%", 3, "AWS does not document whether Beanstalk rounds 67% of 3 instances up or down"),
        ("30%", None, "the number of instances was not read"),
    ],
)
def test_the_service_is_said_to_stay_up_only_if_no_batch_can_contain_all_instances(batch, instances, reason):
    settings = deployment_settings(policy="Rolling", batch=batch)
    sentence = f"cannot tell whether this keeps the service up, because {reason}"
    assert availability(NOTHING, None, settings, instances) == sentence


def test_health_checks_that_are_ignored_are_mentioned():
    settings = deployment_settings(policy="Immutable", ignores_health=True)
    assert availability(NOTHING, None, settings, 4) == "this keeps the service up: Immutable; health checks are ignored"


def test_a_replacement_takes_the_place_of_every_assurance():
    replacement = Replacement(id="1", effect=Effect.CANNOT_TELL, sentence="cannot tell, because x")
    sentence = availability(NOTHING, replacement, deployment_settings(policy="Immutable"), 4)
    assert sentence == "cannot tell, because x"


def test_a_downtime_that_is_certain_is_mentioned_beside_a_replacement_that_is_not():
    replacement = Replacement(id="1", effect=Effect.CANNOT_TELL, sentence="cannot tell, because x")
    assert availability(NOTHING, replacement, deployment_settings(), 4) == (
        "cannot tell, because x; in any case, this takes the service down for a while: the policy is AllAtOnce"
    )


@pytest.mark.parametrize(("instances", "is_certain"), [(1, True), (4, False)])
def test_the_number_of_instances_decides_whether_a_downtime_beside_a_replacement_is_certain(instances, is_certain):
    replacement = Replacement(id="1", effect=Effect.CANNOT_TELL, sentence="cannot tell, because x")
    sentence = availability(NOTHING, replacement, deployment_settings(policy="Rolling", batch="1"), instances)
    assert ("; in any case, this takes the service down for a while" in sentence) is is_certain


def test_a_change_that_beanstalk_refuses_is_no_assurance():
    refused = Plan(effect=Effect.REFUSED, sentence="refused by Beanstalk (a:b)")
    assert availability(refused, None, deployment_settings(policy="Immutable"), 4) == "refused by Beanstalk (a:b)"


def test_files_that_have_no_effect_are_named_and_counted():
    overridden = [
        Change(subject=f"a:{n}", effect=Effect.NOTHING, worst=Effect.NOTHING, sentence="", is_overridden=True)
        for n in range(5)
    ]
    plan = Plan(effect=Effect.NOTHING, sentence="nothing changes", changes=tuple(overridden))
    assert availability(plan, None, deployment_settings(policy="Immutable"), 4).endswith(
        "; settings made through the API take precedence over a:0, a:1, a:2 and 2 more in .ebextensions"
    )


@pytest.mark.parametrize(("used", "is_scarce"), [(950, False), (951, True)])
def test_a_quota_of_versions_that_is_almost_used_up_is_reported(used, is_scarce):
    settings = deployment_settings(version_quota_use=VersionQuotaUse(at=NOW, used=used, quota=1000))
    sentence = availability(NOTHING, None, settings, 4)
    assert sentence.endswith("; 951 of 1000 application versions are used") is is_scarce


def test_without_a_plan_nothing_is_said_about_the_files():
    sentence = "cannot tell whether instances are replaced, because the settings in force were not read"
    assert availability(None, NOT_READ, deployment_settings(policy="Immutable"), 4) == sentence


def test_every_option_of_the_policy_that_a_bundle_changes_is_named():
    subjects = [f"aws:elasticbeanstalk:command:{option}" for option in ("DeploymentPolicy", "BatchSize")]
    changes = [Change(subject=each, effect=Effect.UPDATES, worst=Effect.UPDATES, sentence="") for each in subjects]
    plan = Plan(effect=Effect.UPDATES, sentence="x", changes=tuple(changes))
    assert availability(plan, None, deployment_settings(policy="Immutable"), 4) == (
        "cannot tell whether this keeps the service up, because .ebextensions change "
        f"{', '.join(subjects)}, and AWS does not document whether the new values already apply to this deployment"
    )


@pytest.mark.parametrize("option", ["DeploymentPolicy", "BatchSize", "BatchSizeType"])
def test_a_bundle_that_changes_the_deployment_policy_is_not_said_to_keep_the_service_up(option):
    subject = f"aws:elasticbeanstalk:command:{option}"
    change = Change(subject=subject, effect=Effect.UPDATES, worst=Effect.UPDATES, sentence="")
    plan = Plan(effect=Effect.UPDATES, sentence="the settings change without interruption", changes=(change,))
    sentence = availability(plan, None, deployment_settings(policy="Immutable"), 4)
    assert sentence.startswith(f"cannot tell whether this keeps the service up, because .ebextensions change {subject}")


def test_a_deployment_policy_that_the_api_overrides_takes_no_assurance_away():
    subject = "aws:elasticbeanstalk:command:DeploymentPolicy"
    change = Change(subject=subject, effect=Effect.NOTHING, worst=Effect.NOTHING, sentence="", is_overridden=True)
    plan = Plan(effect=Effect.NOTHING, sentence="nothing changes", changes=(change,))
    assert availability(plan, None, deployment_settings(policy="Immutable"), 4).startswith("this keeps the service up")
