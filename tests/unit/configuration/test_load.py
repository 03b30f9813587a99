"""The configuration in force."""

from datetime import timedelta

import pytest

from tests.unit.samples import NOW
from tests.unit.world import World
from wardrop.configuration.duration import Duration
from wardrop.configuration.load import REMEMBERED_FOR, RememberedConfigurations
from wardrop.configuration.parameter import Document
from wardrop.configuration.schema import Configuration, VersionsConfiguration
from wardrop.errors import NotNow, Unavailable
from wardrop.evidence.alarms import AlarmState

NAMES = ["shop-staging", "shop-prod"]
GOOD = "environments: [{name: shop-prod, bad_for: 90s}]"
UNKNOWN_FIELD = "environments: [{name: shop-prod, badfor: 30s}]"
UNKNOWN_ENVIRONMENT = "environments: [{name: shop-prod, bad_for: 30s}, {name: shop-typo}]"


@pytest.fixture
def world() -> World:
    return World()


def bad_for(configuration: Configuration) -> Duration:
    return configuration.environment("shop-prod").bad_for


def checked(world: World, document: str) -> Configuration:
    world.parameters.documents["shop"] = document
    return world.configurations.checked("shop", NAMES, NOW)


def in_force(world: World, document: str) -> Configuration:
    world.parameters.documents["shop"] = document
    return world.configurations.in_force("shop", NOW)


def test_without_a_document_the_defaults_are_in_force(world):
    assert world.configurations.in_force("shop", NOW) == Configuration()
    assert world.configurations.checked("shop", NAMES, NOW) == Configuration()
    assert world.alerts == []


@pytest.mark.parametrize("refused", [UNKNOWN_FIELD, UNKNOWN_ENVIRONMENT, "nonsense"])
def test_the_last_good_document_stays_in_force_and_the_refusal_is_reported_once(world, refused):
    checked(world, GOOD)
    assert [bad_for(checked(world, refused)) for _ in range(3)] == [Duration(seconds=90)] * 3
    [alert] = world.alerts
    assert (alert.kind, alert.application) == ("configuration_refused", "shop")
    assert alert.text.startswith("the configuration of shop is refused, the last good one stays in force: ")


def test_each_refused_document_is_reported(world):
    checked(world, UNKNOWN_FIELD)
    checked(world, "nonsense")
    assert world.alert_kinds == ["configuration_refused"] * 2


def test_without_a_last_good_document_the_defaults_are_in_force(world):
    assert checked(world, "nonsense") == Configuration()
    assert "the defaults are in force" in world.alerts[0].text


def test_a_document_whose_environments_were_not_checked_does_not_become_the_last_good_one(world):
    checked(world, GOOD)
    assert bad_for(in_force(world, UNKNOWN_ENVIRONMENT)) == Duration(seconds=30)
    assert bad_for(in_force(world, "nonsense")) == Duration(seconds=90)


def test_the_defaults_replace_a_last_good_document_that_this_release_refuses(world):
    of_another_release = "environments: [{name: shop-prod, of_another_release: 1}]"
    world.ledger.configurations.keep("shop", Document(text=of_another_release, version=1, modified_at=NOW))
    assert checked(world, "nonsense") == Configuration()


def test_the_rules_for_versions_are_those_of_the_document(world):
    assert world.configurations.versions("shop") == VersionsConfiguration()
    world.parameters.documents["shop"] = "versions: {keep_last: 7}"
    assert world.configurations.versions("shop") == VersionsConfiguration(keep_last=7)


def test_a_refused_document_has_no_rules_for_versions_even_if_there_is_a_last_good_one(world):
    checked(world, GOOD)
    world.parameters.documents["shop"] = UNKNOWN_FIELD
    assert world.configurations.versions("shop") is None


def test_a_remembered_configuration_is_read_again_after_a_minute(world):
    remembered = RememberedConfigurations(world.configurations)
    world.parameters.documents["shop"] = GOOD
    remembered.in_force("shop", NOW)
    world.parameters.documents["shop"] = "environments: [{name: shop-prod, bad_for: 30s}]"
    assert bad_for(remembered.in_force("shop", NOW + REMEMBERED_FOR - timedelta(seconds=1))) == Duration(seconds=90)
    assert bad_for(remembered.in_force("shop", NOW + REMEMBERED_FOR)) == Duration(seconds=30)


def test_a_remembered_configuration_is_read_again_if_the_clock_was_set_back(world):
    remembered = RememberedConfigurations(world.configurations)
    remembered.in_force("shop", NOW)
    world.parameters.documents["shop"] = GOOD
    assert bad_for(remembered.in_force("shop", NOW - timedelta(seconds=1))) == Duration(seconds=90)


WITH_ALARMS = 'environments: [{name: shop-prod, bad_for: 30s, alarms: [shop-5xx, "shop-latency-*"]}]'


def refusal(world: World, document: str) -> str:
    """The reason why the document is refused. The last good document is in force instead."""
    checked(world, GOOD)
    assert bad_for(checked(world, document)) == Duration(seconds=90)
    return world.alerts[-1].text


def test_a_document_whose_alarms_exist_is_accepted(world):
    world.alarms.set("shop-5xx", AlarmState.ALARM)
    world.alarms.set("shop-latency-p99", AlarmState.OK)
    assert bad_for(checked(world, WITH_ALARMS)) == Duration(seconds=30)


def test_a_name_without_an_alarm_and_a_pattern_without_a_match_are_refused(world):
    assert refusal(world, WITH_ALARMS).endswith(
        "the alarms cannot be used, because there is no metric alarm or composite alarm shop-5xx in this region"
        " - at the alarms of shop-prod"
    )
    world.alarms.set("shop-5xx", AlarmState.OK)
    assert "no metric alarm or composite alarm in this region matches shop-latency-*" in refusal(
        world, WITH_ALARMS.replace("30s", "31s")
    )


def test_alarms_that_may_not_be_read_are_refused(world):
    world.alarms.error = Unavailable("Wardrop's role has no permission for cloudwatch:DescribeAlarms")
    assert "the alarms cannot be used, because Wardrop's role has no permission" in refusal(world, WITH_ALARMS)


def test_while_cloudwatch_throttles_the_document_is_neither_accepted_nor_refused(world):
    world.alarms.error = NotNow("CloudWatch throttled the call")
    with pytest.raises(NotNow):
        checked(world, WITH_ALARMS)
    assert world.alerts == []


def test_alarms_are_read_only_if_the_document_names_alarms_and_is_checked(world):
    checked(world, GOOD)
    in_force(world, WITH_ALARMS)
    assert world.alarms.asked == []
