"""The options that a proposal changes, by the precedence of their sources."""

from tests.unit.guard.samples import LAUNCH, VPC, bundle, in_force, request
from tests.unit.samples import NOW, environment
from wardrop.environments.settings import SCHEDULED_ACTION, read_settings
from wardrop.guard.descriptions import recorded
from wardrop.guard.edits import Certainty, edits_of
from wardrop.guard.proposal import Proposal, ProposalSource, recorded_in_force

INSTANCE_TYPE = (LAUNCH, "InstanceType")
SUBNETS = (VPC, "Subnets")
PASSWORD = ("aws:elasticbeanstalk:application:environment", "PASSWORD")
REFERENCE = '{"Ref": "AWSEBSecurityGroup"}'


def certainty(proposal, environment=None):
    (edit,) = edits_of(environment or in_force(), proposal, recorded())
    return edit.certainty


def test_the_last_of_several_settings_of_an_option_counts():
    twice = request({INSTANCE_TYPE: "m5.large"}).settings + request({INSTANCE_TYPE: "t3.small"}).settings
    assert certainty(Proposal(settings=twice, source=ProposalSource.REQUEST)) is Certainty.UNCHANGED


def test_a_file_that_says_what_the_file_of_the_running_version_says_changes_nothing():
    running = in_force(running=bundle({SUBNETS: REFERENCE}))
    assert certainty(bundle({SUBNETS: REFERENCE}), running) is Certainty.UNCHANGED
    assert certainty(bundle({SUBNETS: REFERENCE})) is Certainty.MAY_CHANGE


def test_a_file_changes_nothing_where_the_value_in_force_is_not_that_of_the_file_before():
    running = in_force(running=bundle({INSTANCE_TYPE: "t3.micro"}))
    assert certainty(bundle({INSTANCE_TYPE: "m5.large"}), running) is Certainty.OVERRIDDEN
    assert certainty(bundle({}), running) is Certainty.OVERRIDDEN


def test_a_file_may_change_what_the_file_before_has_set():
    running = in_force(running=bundle({INSTANCE_TYPE: "t3.small"}))
    assert certainty(bundle({INSTANCE_TYPE: "m5.large"}), running) is Certainty.CHANGES


def test_a_request_takes_precedence_over_the_files():
    running = in_force(running=bundle({INSTANCE_TYPE: "t3.micro"}))
    assert certainty(request({INSTANCE_TYPE: "m5.large"}), running) is Certainty.CHANGES


def test_a_setting_that_a_bundle_no_longer_has_falls_back_to_the_default():
    monitoring = (LAUNCH, "MonitoringInterval")
    running = in_force({monitoring: "1 minute"}, running=bundle({monitoring: "1 minute"}))
    assert certainty(bundle({}), running) is Certainty.CHANGES
    running = in_force({monitoring: "5 minute"}, running=bundle({monitoring: "5 minute"}))
    assert certainty(bundle({}), running) is Certainty.UNCHANGED
    running = in_force(running=bundle({INSTANCE_TYPE: "t3.small"}))
    assert certainty(bundle({}), running) is Certainty.MAY_CHANGE


def test_the_default_of_a_named_object_is_not_in_force_before_the_object_exists():
    port, protocol = ("aws:elb:listener:443", "InstancePort"), ("aws:elb:listener:443", "ListenerProtocol")
    assert certainty(request({port: "80"})) is Certainty.CHANGES
    assert certainty(bundle({port: "80"})) is Certainty.CHANGES
    assert certainty(request({port: "80"}), in_force({protocol: "HTTPS"})) is Certainty.UNCHANGED


def test_a_named_object_that_a_bundle_no_longer_has_may_be_removed():
    port = ("aws:elb:listener:443", "InstancePort")
    running = in_force({port: "80"}, running=bundle({port: "80"}))
    assert certainty(bundle({}), running) is Certainty.MAY_CHANGE


def test_a_setting_that_a_request_removes_falls_back_to_the_value_of_the_file():
    removal = Proposal(removed=[INSTANCE_TYPE], source=ProposalSource.REQUEST)
    assert certainty(removal, in_force(running=bundle({INSTANCE_TYPE: "t3.small"}))) is Certainty.UNCHANGED
    assert certainty(removal, in_force(running=bundle({INSTANCE_TYPE: "t3.micro"}))) is Certainty.CHANGES
    assert certainty(removal, in_force(running=None)) is Certainty.MAY_CHANGE
    assert certainty(removal) is Certainty.MAY_CHANGE


def test_a_value_that_is_not_recorded_may_change():
    assert certainty(bundle({SUBNETS: None})) is Certainty.MAY_CHANGE
    options = {SUBNETS: "subnet-1", PASSWORD: "swordfish", (VPC, "ELBSubnets"): "s" * 300}
    environment_in_force = recorded_in_force(read_settings(options, environment(), NOW), 4, running=Proposal())
    assert certainty(bundle({SUBNETS: "subnet-1"}), environment_in_force) is Certainty.UNCHANGED
    assert certainty(bundle({PASSWORD: "swordfish"}), environment_in_force) is Certainty.MAY_CHANGE
    assert certainty(bundle({(VPC, "ELBSubnets"): "s" * 300}), environment_in_force) is Certainty.MAY_CHANGE


def test_settings_of_scheduled_actions_are_not_compared():
    size = (SCHEDULED_ACTION, "MinSize")
    assert certainty(request({size: "1"}), in_force({size: "1"})) is Certainty.MAY_CHANGE


def test_a_security_group_that_is_not_in_force_is_new():
    groups = (LAUNCH, "SecurityGroups")
    by_id = in_force({groups: "sg-own,sg-1"})
    assert certainty(request({groups: "sg-1,sg-own,sg-2"}), by_id) is Certainty.CHANGES
    assert certainty(request({groups: "sg-1"}), by_id) is Certainty.MAY_CHANGE


def test_a_value_that_beanstalk_lists_in_another_way_has_changed():
    groups = (LAUNCH, "SecurityGroups")
    draft = Proposal(settings=request({groups: "sg-1"}).settings, source=ProposalSource.LISTED)
    assert certainty(draft, in_force({groups: "sg-own,sg-1"})) is Certainty.CHANGES
    assert certainty(draft, in_force({groups: " sg-1"})) is Certainty.UNCHANGED
