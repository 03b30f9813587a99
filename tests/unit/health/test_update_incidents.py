"""The facts that are read for an incident. An alert is sent even if they cannot be read."""

from typing import Any

import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.health.test_circumstances import succeeded
from tests.unit.health.world import WatchedWorld, health_event
from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    deploying,
    deployment_settings,
    environment,
    good,
    instance,
    seconds,
    standing,
)
from tests.unit.world import raising
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, LastDeployment, Running
from wardrop.aws.beanstalk import Beanstalk
from wardrop.environments.model import Health, Instance
from wardrop.errors import NotNow

LOOK_UPS = {"beanstalk.health", "beanstalk.warnings", "ledger.environments.history"}


@pytest.fixture
def shop() -> WatchedWorld:
    """Severe, with a version that was deployed an hour ago."""
    world = WatchedWorld(environment(health=Health.SEVERE, version_label=NEW))
    world.record_standing(standing(good(NEW), good(OLD)))
    world.record(succeeded(dropped_by="jenkins", revision=0))
    return world


@pytest.fixture
def stub():
    with Stubber(client("elasticbeanstalk")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def reported(world: WatchedWorld) -> Alert:
    world.watch.on_tick("1", NOW)
    [alert] = world.alerts
    return alert


def test_each_call_is_made_once(shop):
    shop.beanstalk.causes, shop.beanstalk.counts = ["100 % of the requests are failing."], {"Severe": 2}
    alert = reported(shop)
    assert alert.health is not None
    assert (alert.health.causes, alert.health.instances) == (["100 % of the requests are failing."], {"Severe": 2})
    assert [shop.calls.count(call) for call in LOOK_UPS] == [1, 1, 1]


def test_the_alert_says_what_the_ledger_and_beanstalk_know(shop):
    shop.beanstalk.warning_messages = ["Command failed on instance."]
    alert = reported(shop)
    assert alert.running == Running(label=NEW, since=shop.finished()[0].history[-1].at)
    assert isinstance(alert.last_deployment, LastDeployment)
    assert (alert.last_deployment.by, alert.events) == ("jenkins", ["Command failed on instance."])
    assert alert.next_step == "wardrop rollback shop-staging"


def test_instances_are_not_asked_for_with_basic_health():
    world = WatchedWorld(environment(health=Health.SEVERE, reports_instances=False))
    reported(world)
    assert "beanstalk.health" not in world.calls


def test_a_recovery_proposes_no_next_step_and_looks_nothing_up(shop):
    shop.watch.on_tick("1", NOW)
    shop.show()
    shop.calls.clear()
    shop.watch.on_tick("2", NOW + seconds(60))
    assert shop.alerts[-1].next_step is None
    assert not LOOK_UPS & set(shop.calls)


class TestFailedLookUps:
    @pytest.mark.parametrize("call", sorted(LOOK_UPS))
    @pytest.mark.parametrize("error", [NotNow("Rate exceeded"), RuntimeError("Read timeout on endpoint")])
    def test_the_alert_is_sent_and_names_the_error(self, shop, call, error):
        shop.before[call] = raising(error)
        alert = reported(shop)
        assert alert.text.endswith(f"More details could not be looked up: {error}")
        assert alert.health is not None
        assert alert.health.current is Health.SEVERE
        assert alert.next_step is not None

    def test_what_was_looked_up_before_is_kept(self, shop):
        shop.before["beanstalk.warnings"] = raising(NotNow("Rate exceeded"))
        shop.beanstalk.causes = ["Impaired."]
        alert = reported(shop)
        assert alert.health is not None
        assert alert.health.causes == ["Impaired."]
        assert alert.next_step == "wardrop rollback shop-staging"

    def test_after_a_failed_call_nothing_else_is_looked_up_in_the_same_invocation(self):
        world = WatchedWorld(*(environment(name=f"shop-{n:03}", id=f"e-{n}", health=Health.SEVERE) for n in range(5)))
        world.before["beanstalk.health"] = raising(NotNow("Rate exceeded"))
        world.watch.on_tick("1", NOW)
        assert len(world.alerts) == 5
        assert world.calls.count("beanstalk.health") == 1


class TestCallsOfBeanstalk:
    def test_causes_and_the_number_of_instances_by_health(self, stub):
        stub.add_response(
            "describe_environment_health",
            {"Causes": ["Impaired."], "InstancesHealth": {"Ok": 1, "Severe": 2, "Info": 0}},
            {"EnvironmentName": "shop-staging", "AttributeNames": ["Causes", "InstancesHealth"]},
        )
        assert Beanstalk(stub.client).health("shop-staging") == (["Impaired."], {"Ok": 1, "Severe": 2})

    def test_warnings_and_errors_come_from_one_page_in_the_order_of_beanstalk(self, stub):
        stub.add_response(
            "describe_events",
            {"Events": [{"Message": "newer"}, {"Message": "older"}], "NextToken": "more"},
            {"EnvironmentName": "shop-staging", "StartTime": NOW, "Severity": "WARN", "MaxRecords": 50},
        )
        assert Beanstalk(stub.client).warnings("shop-staging", NOW) == ["newer", "older"]


class TestRollouts:
    """Environments of two instances, with the policy Rolling and batches of one."""

    @staticmethod
    def rolling(**differs: Any) -> WatchedWorld:
        world = WatchedWorld(environment(health=Health.SEVERE, status="Updating"))
        settings = deployment_settings(policy="Rolling", batch="1")
        world.record(deploying(revision=0, settings=settings, **differs))
        return world

    @staticmethod
    def show_fleet(world: WatchedWorld, *instances: Instance) -> None:
        world.beanstalk.fleet = instances

    def test_severe_is_not_reported_while_a_batch_is_out_of_the_load_balancer(self):
        world = self.rolling()
        self.show_fleet(world, instance(1, NEW, "In Progress", health=Health.PENDING), instance(2, OLD))
        world.watch.on_tick("1", NOW)
        world.receive(health_event("Environment health has transitioned from Info to Severe."), NOW)
        world.watch.on_tick("2", NOW + seconds(600))
        assert world.alerts == []
        assert world.calls.count("beanstalk.instances") == 3

    def test_severe_is_reported_at_once_if_more_old_instances_than_a_batch_are_bad(self):
        world = self.rolling()
        self.show_fleet(world, instance(1, OLD, health=Health.SEVERE), instance(2, OLD, health=Health.SEVERE))
        world.watch.on_tick("1", NOW)
        assert world.alert_kinds == [Kind.INCIDENT_OPENED]

    def test_severe_is_reported_after_bad_for_while_the_instances_cannot_be_read(self):
        world = self.rolling()
        world.before["beanstalk.instances"] = raising(NotNow("Rate exceeded"))
        world.watch.on_tick("1", NOW)
        world.watch.on_tick("2", NOW + seconds(179))
        assert world.alerts == []
        world.watch.on_tick("3", NOW + seconds(180))
        assert world.alert_kinds == [Kind.INCIDENT_OPENED]

    def test_a_late_event_of_a_good_deployment_reports_nothing(self):
        world = WatchedWorld(environment(version_label=NEW))
        world.record(succeeded(ago=seconds(60), revision=0))
        late = health_event("Environment health has transitioned from Info to Severe.", NOW - seconds(120))
        world.receive(late, NOW)
        assert world.alerts == []
        later = health_event("Environment health has transitioned from Info to Severe.", NOW + seconds(121))
        world.show(version_label=NEW, health=Health.SEVERE)
        world.receive(later, NOW + seconds(125))
        assert world.alert_kinds == [Kind.INCIDENT_OPENED]

    def test_the_ended_deployments_are_not_read_once_the_incident_is_reported(self, shop):
        shop.watch.on_tick("1", NOW)
        shop.calls.clear()
        shop.watch.on_tick("2", NOW + seconds(60))
        assert "ledger.environments.history" not in shop.calls

    def test_ended_deployments_that_cannot_be_read_do_not_prevent_an_alert(self, shop):
        shop.before["ledger.environments.history"] = raising(RuntimeError("no such table"))
        assert reported(shop).health is not None


class TestTerminations:
    SEVERE = "Environment health has transitioned from Ok to Severe."

    def test_severe_health_of_an_environment_that_is_being_terminated_is_no_incident(self):
        world = WatchedWorld(environment(name="shop-prod"))
        world.beanstalk.terminating.add("shop-staging")
        world.receive(health_event(self.SEVERE))
        assert world.alerts == []

    def test_severe_health_of_an_environment_that_beanstalk_does_not_list_is_reported(self):
        world = WatchedWorld(environment(name="shop-prod"))
        world.receive(health_event(self.SEVERE))
        assert world.alert_kinds == [Kind.INCIDENT_OPENED]

    def test_a_status_that_cannot_be_read_does_not_prevent_an_alert(self):
        world = WatchedWorld(environment(name="shop-prod"))
        world.beanstalk.terminating.add("shop-staging")
        world.before["beanstalk.is_being_terminated"] = raising(NotNow("Rate exceeded"))
        world.receive(health_event(self.SEVERE))
        assert world.alert_kinds == [Kind.INCIDENT_OPENED]
