"""The effect of a bundle's `.ebextensions`, compared with the running files and the settings in force."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    deployment_settings,
    fleet,
    instance,
    queued,
    rolling_back,
    situation,
    standing,
)
from wardrop.deployments.bundle_plan import bundle_plan
from wardrop.deployments.leftovers import UNKNOWN_LABEL, running_labels
from wardrop.deployments.replacement import BundleFiles, Doubt, Replacement, files_of
from wardrop.environments.option import OptionSetting, ResourceOverride
from wardrop.guard.effect import Effect
from wardrop.guard.proposal import Proposal

LAUNCH = "aws:autoscaling:launchconfiguration"
INTERVAL = "MonitoringInterval"
"""Its default is 5 minutes, and a change of it replaces the instances."""

INSTANCE_TYPE = "InstanceType"
"""Its default depends on the platform and is not known."""

AT_ONCE, CANNOT_TELL = Effect.REPLACES_AT_ONCE, Effect.CANNOT_TELL
NONE, HOUR = Proposal(), timedelta(hours=1)


def setting(value: str | None, option: str = INTERVAL) -> Proposal:
    return Proposal([OptionSetting(LAUNCH, option, value, ".ebextensions/a.config")])


def override(digest: str, resource: str = "AWSEBAutoScalingLaunchConfiguration") -> Proposal:
    return Proposal(resources=[ResourceOverride(resource, {"InstanceType": digest}, ".ebextensions/a.config")])


def replaced(target: Proposal, running: Proposal | None, value: str, option: str = INTERVAL) -> Replacement | None:
    """The settings in force, with `value` for the option."""
    settings = deployment_settings(options={LAUNCH: {option: value}})
    files = BundleFiles(target, {OLD: running})
    return bundle_plan(situation(queued(), settings=settings, files=files))[1]


@pytest.mark.parametrize(
    ("why", "target", "running", "value", "effect"),
    [
        ("the file sets what is in force", setting("1 minute"), NONE, "1 minute", None),
        ("the file sets it as before", setting("1 minute"), setting("1 minute"), "1 minute", None),
        ("the file changes", setting("1 minute"), setting("5 minute"), "5 minute", AT_ONCE),
        ("the file sets what was the default", setting("1 minute"), NONE, "5 minute", AT_ONCE),
        ("the API set another value than the default", setting("1 minute"), NONE, "3 minute", None),
        ("the API set another value than the file", setting("1 minute"), setting("5 minute"), "3 minute", None),
        ("the file no longer sets it", NONE, setting("1 minute"), "1 minute", AT_ONCE),
        ("the file no longer sets it, but it was the default", NONE, setting("5 minute"), "5 minute", None),
        ("the file no longer sets it, but the API does", NONE, setting("1 minute"), "3 minute", None),
        ("the files of the running version are not known", NONE, None, "5 minute", CANNOT_TELL),
        ("they are not known, and the file sets it", setting("1 minute"), None, "5 minute", CANNOT_TELL),
        ("the value is not recorded", setting(None), NONE, "5 minute", CANNOT_TELL),
        ("only AWS can resolve the value", setting('{"Ref":"X"}'), NONE, "5 minute", CANNOT_TELL),
        ("only AWS can resolve it, as before", setting('{"Ref":"X"}'), setting('{"Ref":"X"}'), "1 minute", None),
        ("a file was not read", Proposal(unread=["a.config: x"]), NONE, "5 minute", CANNOT_TELL),
        ("a file of the running version was not read", NONE, Proposal(unread=["x"]), "5 minute", CANNOT_TELL),
        ("a resource is overridden", override("1"), NONE, "5 minute", AT_ONCE),
        ("a resource is overridden as before", override("1"), override("1"), "5 minute", None),
        ("a resource is overridden otherwise", override("2"), override("1"), "5 minute", AT_ONCE),
        ("a resource is no longer overridden", NONE, override("1"), "5 minute", AT_ONCE),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_running_versions_files_and_the_settings_in_force_say_what_changes(why, target, running, value, effect):
    replacement = replaced(target, running, value)
    assert (replacement.effect if replacement else None) == effect, why


def test_without_a_known_default_it_is_not_certain_who_set_the_value_in_force():
    replacement = replaced(setting("m5.large", INSTANCE_TYPE), NONE, "t3.small", INSTANCE_TYPE)
    assert replacement is not None
    assert replacement.effect is CANNOT_TELL
    assert "may have been set through the API, and would then take precedence" in replacement.sentence
    assert "all 2 instances are replaced at once: downtime" in replacement.sentence


def test_the_security_group_that_beanstalk_adds_is_no_change():
    own, theirs = "awseb-e-1-stack-AWSEBSecurityGroup-X", "sg-12345678"
    assert replaced(setting(theirs, "SecurityGroups"), NONE, f"{own},{theirs}", "SecurityGroups") is None


def test_the_sentence_names_the_changes():
    replacement = replaced(
        setting("m5.large", INSTANCE_TYPE), setting("t3.small", INSTANCE_TYPE), "t3.small", "InstanceType"
    )
    assert replacement is not None
    assert replacement.sentence == (
        "all 2 instances are replaced at once: downtime; .ebextensions change "
        "aws:autoscaling:launchconfiguration:InstanceType from t3.small to m5.large"
    )


def test_a_sentence_is_bounded_however_many_options_change():
    names = [f"Option{n:03}{'x' * 200}" for n in range(300)]
    before, after = (Proposal([OptionSetting(LAUNCH, name, value, "f") for name in names]) for value in "ab")
    settings = deployment_settings(options={LAUNCH: dict.fromkeys(names, "a")})
    _, replacement = bundle_plan(situation(queued(), settings=settings, files=BundleFiles(after, {OLD: before})))
    assert replacement is not None
    assert replacement.sentence.endswith(("and 297 more reasons", "..."))
    assert len(replacement.sentence) <= 1200


def test_a_version_that_wardrop_did_not_make_has_unknown_files():
    files = files_of("theirs", None)
    assert files.unread == ("Wardrop did not create theirs, so its .ebextensions are not known",)


def test_what_was_not_read_is_no_assurance():
    for differs in ({"settings": None}, {"files": None, "settings": deployment_settings()}):
        _, replacement = bundle_plan(situation(queued(), **differs))
        assert replacement is not None
        assert replacement.effect is CANNOT_TELL


def test_settings_of_another_version_that_may_be_in_force_are_no_assurance():
    settings = deployment_settings(options={LAUNCH: {INTERVAL: "5 minute"}})
    found = [
        bundle_plan(situation(queued(), settings=settings, files=BundleFiles(NONE, {OLD: NONE}, doubt)))[1]
        for doubt in (None, Doubt("somebody's update failed at 12:00", NOW), Doubt("another update failed", NOW + HOUR))
    ]
    assert found[0] is None
    assert [each and each.sentence for each in found[1:]] == [
        "cannot tell, because somebody's update failed at 12:00",
        "cannot tell, because another update failed",
    ]
    assert found[1].id != found[2].id, "another update needs another approval"


def test_instances_that_do_not_report_are_not_counted_as_none():
    settings = deployment_settings(options={LAUNCH: {INTERVAL: "5 minute"}})
    files = BundleFiles(setting("1 minute"), {OLD: NONE})
    _, replacement = bundle_plan(situation(queued(), settings=settings, files=files, fleet=fleet()))
    assert replacement is not None
    assert replacement.sentence.startswith("all instances are replaced at once: downtime")


class TestSeveralVersions:
    """After a deployment that failed half-way, the settings of either version may be in force."""

    def test_the_labels_are_those_of_the_environment_the_instances_and_the_version_that_is_taken_back(self):
        mixed = fleet(instance(1, NEW), instance(2, "theirs"), instance(3, None))
        assert running_labels(situation(queued(), fleet=mixed)) == [OLD, NEW, "theirs"]
        tried = standing(unsettled=["failed", NEW])
        assert running_labels(situation(rolling_back(), standing=tried, fleet=fleet())) == ["failed", OLD, NEW]
        assert running_labels(situation(queued(), standing=tried, fleet=fleet())) == ["failed", OLD]
        assert running_labels(situation(queued(), fleet=fleet(), version_label=None)) == [UNKNOWN_LABEL]

    def test_the_most_harmful_plan_counts(self):
        settings = deployment_settings(options={LAUNCH: {INTERVAL: "1 minute"}})
        files = BundleFiles(NONE, {OLD: NONE, NEW: setting("1 minute")})
        _, replacement = bundle_plan(situation(queued(), settings=settings, files=files))
        assert replacement is not None
        assert replacement.effect is AT_ONCE


values = st.sampled_from([None, "1 minute", "5 minute", "3 minute", '{"Ref":"X"}'])
proposals = st.builds(
    lambda value, digest, unread: Proposal(
        [*(setting(value).settings if value != "absent" else [])],
        [*(override(digest).resources if digest else [])],
        unread,
    ),
    values | st.just("absent"),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from([(), ("a.config: x",)]),
)


@given(proposals, st.none() | proposals, st.sampled_from(["1 minute", "5 minute", "3 minute"]))
def test_nothing_that_is_unknown_is_ever_an_assurance(target, running, value):
    is_unknown = bool(target.unread) or running is None or bool(running.unread)
    replacement = replaced(target, running, value)
    assert replacement is not None or not is_unknown


@given(proposals, st.sampled_from(["1 minute", "5 minute", "3 minute"]))
def test_a_version_with_the_files_that_run_replaces_nothing(files, value):
    known = Proposal([each for each in files.settings if each.value], files.resources)
    assert replaced(known, known, value) is None


def test_scheduled_actions_may_block_the_replacement():
    options = {
        LAUNCH: {INTERVAL: "5 minute"},
        "aws:autoscaling:scheduledaction": {"MinSize": "1"},
        "aws:autoscaling:updatepolicy:rollingupdate": {"RollingUpdateEnabled": "true"},
    }
    files = BundleFiles(setting("1 minute"), {OLD: NONE})
    _, replacement = bundle_plan(situation(queued(), settings=deployment_settings(options=options), files=files))
    assert replacement is not None
    assert "in batches; scheduled actions may block the replacement" in replacement.sentence
