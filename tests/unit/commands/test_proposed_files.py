"""A plan of files in `.ebextensions`, compared with the files of the running version."""

from wardrop.commands.proposed_files import propose
from wardrop.environments.option import OptionSetting
from wardrop.guard.proposal import Proposal, ProposalSource

LAUNCH = "aws:autoscaling:launchconfiguration"
TEXT = "option_settings:\n  aws:autoscaling:launchconfiguration:\n    InstanceType: m5.large\n"
OTHER = OptionSetting("aws:autoscaling:asg", "MaxSize", "4", ".ebextensions/02.config")
REPLACED = OptionSetting(LAUNCH, "InstanceType", "t3.small", ".ebextensions/01.config")
NEW = OptionSetting(LAUNCH, "InstanceType", "m5.large", ".ebextensions/01.config")


def test_a_file_replaces_the_file_of_the_same_name_and_the_other_files_stay() -> None:
    proposal = propose({"01.config": TEXT}, Proposal(settings=[REPLACED, OTHER]))
    assert list(proposal.settings) == [NEW, OTHER]
    assert (proposal.source, list(proposal.unread)) == (ProposalSource.BUNDLE, [])


def test_an_empty_file_removes_the_settings_of_the_file_of_the_same_name() -> None:
    assert list(propose({"01.config": ""}, Proposal(settings=[REPLACED, OTHER])).settings) == [OTHER]


def test_if_the_running_files_are_not_known_only_the_given_files_are_proposed() -> None:
    assert list(propose({"01.config": TEXT}, None).settings) == [NEW]


def test_a_file_that_cannot_be_read_makes_the_effect_uncertain() -> None:
    for text in ("a: [", "resources: {}", "[" * 5000, "- 1\n- 2"):
        [reason] = propose({"01.config": text}, Proposal()).unread
        assert reason.startswith(".ebextensions/01.config: ")


def test_parts_of_the_running_version_that_were_not_read_stay_unknown() -> None:
    assert list(propose({"01.config": TEXT}, Proposal(unread=["x: too long"])).unread) == ["x: too long"]
