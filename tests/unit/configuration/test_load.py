"""Loading a configuration: the last good document, the alerts, and the number of reads."""

from datetime import timedelta

import pytest

from tests.unit.configuration.samples import BROKEN, DENIED, GOOD, UNKNOWN_ENVIRONMENT, ConfigurationWorld
from tests.unit.samples import NOW
from tests.unit.world import once
from wardrop.alerts.kinds import Severity
from wardrop.configuration.in_force import Source
from wardrop.configuration.load import REMEMBERED_FOR, RememberedConfigurations
from wardrop.configuration.parameter import Fault
from wardrop.configuration.schema import VersionsConfiguration
from wardrop.errors import NotNow, Unavailable
from wardrop.evidence.alarms import AlarmState


@pytest.fixture
def world() -> ConfigurationWorld:
    return ConfigurationWorld()


def test_without_a_document_nothing_is_reported_and_nothing_is_written(world):
    assert world.load().source is Source.DEFAULTS
    assert world.table.items == {}


@pytest.mark.parametrize("broken", [BROKEN, UNKNOWN_ENVIRONMENT, "nonsense"])
def test_a_fault_is_reported_once_and_its_end_is_reported_too(world, broken):
    world.put(GOOD)
    world.load()
    world.put(broken)
    assert [world.load().source for _ in range(3)] == [Source.LAST_GOOD] * 3
    [alert] = world.alerts
    assert (alert.kind, alert.application, alert.severity) == ("configuration_unreadable", "shop", Severity.WARNING)
    assert alert.text.startswith("the configuration of shop cannot be read: ")
    assert alert.text.endswith("; the last good document stays in force")
    world.put(GOOD)
    assert [world.load().source for _ in range(3)] == [Source.DOCUMENT] * 3
    assert world.alert_kinds == ["configuration_unreadable", "configuration_mended"]
    assert world.alerts[1].text == "the configuration of shop can be read again; version 6 of the document is in force"


def test_each_fault_is_reported(world):
    for document in (BROKEN, "nonsense"):
        world.put(document)
        world.load()
    world.parameters.faults["shop"] = DENIED
    world.load()
    assert world.alert_kinds == ["configuration_unreadable"] * 3


def test_a_first_document_that_cannot_be_read_is_reported_as_an_error_that_holds_deployments(world):
    world.put(BROKEN)
    assert world.load().source is Source.HELD
    [alert] = world.alerts
    assert alert.severity is Severity.ERROR
    assert alert.text.endswith("; there is no last good document, so the deployments of the application are held")


def test_a_deleted_parameter_is_reported_with_the_command_that_ends_it(world):
    world.put(GOOD)
    world.load()
    world.delete()
    assert world.load().source is Source.LAST_GOOD
    assert "until it is removed with the command `config forget`" in world.alerts[0].text


def test_a_document_whose_environments_were_not_checked_does_not_become_the_last_good_document(world):
    world.put(GOOD)
    assert world.configurations.load("shop", None, NOW).source is Source.DOCUMENT
    assert world.record.last_good is None


def test_a_document_that_is_known_is_not_written_and_its_environments_are_not_read_again(world):
    world.put(GOOD)
    world.load()
    revision = world.record.revision
    world.names = None
    assert world.load().source is Source.DOCUMENT
    assert world.record.revision == revision


def test_of_two_invocations_that_read_a_fault_at_once_one_reports_it(world):
    world.put(BROKEN)
    world.before["ledger.configurations.write"] = once(lambda: world.load())
    assert world.load().source is Source.HELD
    assert world.alert_kinds == ["configuration_unreadable"]


@pytest.mark.parametrize("changed", ["environments: [{name: shop-prod, bad_for: 2m}]", BROKEN])
def test_a_document_that_is_removed_while_it_is_read_does_not_come_back(world, changed):
    world.put(GOOD)
    world.load()
    world.put(changed)
    world.before["ledger.configurations.read"] = once(world.forget)
    world.load()
    assert (world.record.last_good, world.record.fault) == (None, None)
    assert world.load().source is Source.DEFAULTS


def test_a_fault_with_another_reason_at_the_second_read_is_reported(world):
    world.parameters.faults["shop"] = DENIED
    reworded = Fault(kind=DENIED.kind, reason="AccessDenied (request 2)")
    world.before["ledger.configurations.read"] = once(lambda: world.parameters.faults.update(shop=reworded))
    world.load()
    assert world.alert_kinds == ["configuration_unreadable"]


def test_looking_at_a_configuration_changes_and_reports_nothing(world):
    world.put(BROKEN)
    assert world.configurations.examine("shop", lambda: world.names).source is Source.HELD
    assert world.table.items == {}


def test_the_retention_rules_are_those_of_the_document(world):
    assert world.configurations.versions("shop", NOW) == VersionsConfiguration()
    world.put("versions: {keep_last: 7}")
    assert world.configurations.versions("shop", NOW) == VersionsConfiguration(keep_last=7)


@pytest.mark.parametrize("has_last_good", [True, False])
def test_without_the_present_document_there_are_no_retention_rules(world, has_last_good):
    if has_last_good:
        world.put(GOOD)
        world.load()
    world.put(BROKEN)
    assert world.configurations.versions("shop", NOW) is None
    world.parameters.faults["shop"] = DENIED
    assert world.configurations.versions("shop", NOW) is None


def alert_from(remembered: RememberedConfigurations, minutes: float = 0) -> str:
    configuration = remembered.for_alerts("shop", NOW + timedelta(minutes=minutes))
    return configuration.environment("shop-prod").alert_from


def test_a_remembered_configuration_is_read_again_after_a_minute_and_if_the_clock_was_set_back(world):
    remembered = RememberedConfigurations(world.configurations)
    minute = REMEMBERED_FOR / timedelta(minutes=1)
    assert alert_from(remembered) == "Warning"
    world.put("environments: [{name: shop-prod, alert_from: Severe}]")
    assert alert_from(remembered, minute - 0.1) == "Warning"
    assert alert_from(remembered, -0.1) == "Severe"
    world.put("environments: [{name: shop-prod, alert_from: Degraded}]")
    assert alert_from(remembered, minute) == "Degraded"


def test_alerts_have_the_defaults_if_the_configuration_is_held(world):
    world.put(BROKEN)
    assert alert_from(RememberedConfigurations(world.configurations)) == "Warning"
    assert world.alerts == []


WITH_ALARMS = 'environments: [{name: shop-prod, alarms: [shop-5xx, "shop-latency-*"]}]'


def refusal(world: ConfigurationWorld) -> str:
    """The reason why the document with alarms is refused."""
    world.put(WITH_ALARMS)
    assert world.load().source is Source.HELD
    return str(world.alerts[-1].text)


def test_a_document_whose_alarms_exist_is_accepted(world):
    world.alarms.set("shop-5xx", AlarmState.ALARM)
    world.alarms.set("shop-latency-p99", AlarmState.OK)
    world.put(WITH_ALARMS)
    assert world.load().source is Source.DOCUMENT


def test_a_name_without_an_alarm_and_a_pattern_without_a_match_are_refused(world):
    reason = "there is no metric alarm or composite alarm shop-5xx in this region - at the alarms of shop-prod"
    assert reason in refusal(world)
    world.alarms.set("shop-5xx", AlarmState.OK)
    assert "no metric alarm or composite alarm in this region matches shop-latency-*" in refusal(world)


def test_alarms_that_may_not_be_read_are_refused(world):
    world.alarms.error = Unavailable("Wardrop's role has no permission for cloudwatch:DescribeAlarms")
    assert "the alarms cannot be used, because Wardrop's role has no permission" in refusal(world)


def test_while_cloudwatch_throttles_the_document_is_neither_accepted_nor_refused(world):
    world.put(WITH_ALARMS)
    world.alarms.error = NotNow("CloudWatch throttled the call")
    with pytest.raises(NotNow):
        world.load()
    assert world.alerts == []


def test_alarms_are_read_only_if_the_document_names_alarms_and_is_checked(world):
    world.put(GOOD)
    world.load()
    world.put(WITH_ALARMS)
    world.configurations.examine("shop")
    assert world.alarms.asked == []
