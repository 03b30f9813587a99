"""Plans of settings: their readings, and the answer if a reading fails."""

import pytest

from tests.unit.commands.samples import refused
from tests.unit.commands.world import CommandWorld
from tests.unit.samples import OLD, reserve, version
from tests.unit.world import raising
from wardrop.commands.answers import Outcome, RefusalCode
from wardrop.commands.requests import PlanSettings
from wardrop.environments.option import OptionSetting
from wardrop.environments.settings import COMMAND
from wardrop.errors import NotNow, Refused
from wardrop.guard.descriptions import Description
from wardrop.guard.effect import Effect
from wardrop.guard.plan import Message

LAUNCH = "aws:autoscaling:launchconfiguration"
INSTANCE_TYPE = f"{LAUNCH}:InstanceType=m5.large"
SAME_TYPE = f"{LAUNCH}:InstanceType= t3.small"
MAX_SIZE = "aws:autoscaling:asg:MaxSize=8"


class PlanWorld(CommandWorld):
    def __init__(self, **differs):
        super().__init__()
        self.show(platform="tomcat/1", **differs)
        self.beanstalk.counts = {"Ok": 2, "Warning": 1}

    def plan(self, *settings, remove=()):
        request = PlanSettings(environment="shop-staging", settings=list(settings), remove=list(remove))
        return self.ask(request)

    @property
    def to_beanstalk(self):
        adapters = ("beanstalk.", "option_settings.")
        return [call for call in self.calls if call.startswith(adapters) and not call.endswith("remembers")]


@pytest.fixture
def world():
    return PlanWorld()


def test_a_replacement_is_told_with_the_number_of_instances(world):
    answer = world.plan(INSTANCE_TYPE)
    assert (answer.outcome, answer.exit_code) == (Outcome.REPLACES, 10)
    assert answer.sentence == "all 3 instances are replaced at once: downtime"


@pytest.mark.parametrize(
    ("settings", "calls"),
    [
        ([SAME_TYPE], ["beanstalk.environments", "option_settings.in_force"]),
        (
            [MAX_SIZE],
            [
                "beanstalk.environments",
                "option_settings.in_force",
                "option_settings.validate",
                "option_settings.descriptions",
            ],
        ),
        (
            [INSTANCE_TYPE, MAX_SIZE],
            ["beanstalk.environments", "option_settings.in_force", "option_settings.validate", "beanstalk.health"],
        ),
    ],
)
def test_a_plan_takes_at_most_four_calls(world, settings, calls):
    world.plan(*settings)
    assert world.to_beanstalk == calls


PROPERTY = "aws:elasticbeanstalk:application:environment:A=b"


def test_a_restart_is_told_with_the_number_of_instances_if_the_plan_has_a_call_left(world):
    world.option_settings.options |= {(COMMAND, "DeploymentPolicy"): "Rolling", (COMMAND, "BatchSize"): "30"}
    assert world.plan(PROPERTY).sentence == "the application servers restart, perhaps all at once: a short downtime"
    assert world.to_beanstalk[-1] == "option_settings.descriptions"
    world.option_settings.remembered = True
    assert world.plan(PROPERTY).sentence == "the application servers restart in batches"
    assert world.calls.count("beanstalk.health") == 1


CONFIG = "option_settings:\n  aws:autoscaling:launchconfiguration:\n    InstanceType: m5.large\n"


def test_a_file_is_planned_as_a_part_of_the_next_version(world):
    reserve(world.ledger, version(OLD))
    answer = world.ask(PlanSettings(environment="shop-staging", files={"01.config": CONFIG}))
    [change] = answer.changes
    assert (change.file, change.worst) == (".ebextensions/01.config", Effect.REPLACES_AT_ONCE)
    assert answer.outcome is Outcome.CANNOT_TELL
    assert "may have been set through the API" in change.reason
    assert "option_settings.validate" not in world.to_beanstalk


def test_without_the_files_of_the_running_version_no_assurance_is_given(world):
    harmless = CONFIG.replace("launchconfiguration", "asg").replace("InstanceType: m5.large", "MaxSize: 8")
    answer = world.ask(PlanSettings(environment="shop-staging", files={"01.config": harmless}))
    assert (answer.outcome, answer.exit_code) == (Outcome.CANNOT_TELL, 11)
    assert any("running version are not known" in reason for reason in answer.unknown)


def test_a_group_of_a_fixed_size_is_not_counted(world):
    world.option_settings.options["aws:autoscaling:asg", "MaxSize"] = "2"
    assert world.plan(INSTANCE_TYPE).sentence == "all 2 instances are replaced at once: downtime"
    assert world.to_beanstalk[-1] == "option_settings.descriptions"


def test_with_basic_health_the_instances_are_not_counted():
    world = PlanWorld(reports_instances=False)
    assert world.plan(INSTANCE_TYPE).sentence == "all instances are replaced at once: downtime"


def test_the_severity_is_that_of_beanstalk(world):
    option = ("aws:new", "Option")
    answer = world.plan("aws:new:Option=1")
    assert (answer.outcome, answer.changes[0].worst) == (Outcome.CANNOT_TELL, Effect.REPLACES_AT_ONCE)
    world.option_settings.described[option] = Description(severity="NoInterruption")
    assert world.plan("aws:new:Option=1").effect is Effect.UPDATES


def test_what_changes_nothing_has_the_exit_code_of_success(world):
    answer = world.plan(SAME_TYPE)
    assert (answer.outcome, answer.exit_code, answer.sentence) == (Outcome.KEEPS_INSTANCES, 0, "nothing changes")


def test_a_setting_that_beanstalk_refuses_has_the_exit_code_of_a_refusal(world):
    world.option_settings.messages = [Message(subject="a:b", message="Unknown configuration setting.")]
    answer = world.plan(MAX_SIZE)
    assert (answer.outcome, answer.exit_code) == (Outcome.REFUSED, 8)
    assert answer.sentence == "refused by Beanstalk: Unknown configuration setting."


@pytest.mark.parametrize("denied", ["in_force", "validate", "descriptions"])
def test_what_may_not_be_read_is_never_an_assurance(world, denied):
    world.option_settings.denied = {denied}
    answer = world.plan(MAX_SIZE)
    assert (answer.outcome, answer.exit_code) == (Outcome.CANNOT_TELL, 11)
    assert answer.sentence == f"cannot tell, because Wardrop is not allowed to call {denied}"


def test_settings_of_an_environment_that_is_being_updated_may_be_about_to_change():
    answer = PlanWorld(status="Updating").plan(SAME_TYPE)
    assert answer.outcome is Outcome.CANNOT_TELL
    assert answer.sentence == ("cannot tell, because shop-staging is Updating, so its settings may be about to change")


def test_an_environment_that_does_not_exist_is_not_found(world):
    world.beanstalk.described.clear()
    refused(world.plan(MAX_SIZE), "has no environment shop-staging", RefusalCode.NOT_FOUND)


@pytest.mark.parametrize("call", ["in_force", "descriptions"])
def test_an_environment_that_is_terminated_meanwhile_is_not_found(world, call):
    world.before[f"option_settings.{call}"] = raising(Refused("No Environment found for EnvironmentName = 'x'."))
    refused(world.plan(MAX_SIZE), "has no environment shop-staging", RefusalCode.NOT_FOUND)


def test_a_throttled_beanstalk_is_asked_again_later(world):
    world.before["option_settings.validate"] = raising(NotNow("Rate exceeded"))
    refused(world.plan(MAX_SIZE), "Rate exceeded", RefusalCode.TRY_AGAIN)


def test_a_removed_setting_gets_the_value_of_the_files_of_the_running_version(world):
    setting = OptionSetting(LAUNCH, "InstanceType", "t3.micro", ".ebextensions/a.config")
    reserve(world.ledger, version(OLD, settings=[setting]))
    answer = world.plan(remove=[f"{LAUNCH}:InstanceType"])
    assert answer.changes[0].sentence.startswith(f"{LAUNCH}:InstanceType changes from t3.small to t3.micro")


def test_a_removed_setting_of_a_version_that_is_not_known_may_get_any_value(world):
    answer = world.plan(remove=[f"{LAUNCH}:InstanceType"])
    assert answer.outcome is Outcome.CANNOT_TELL
    assert "the .ebextensions of the running version are not known" in answer.sentence
