"""Which circumstances are looked up for an incident, and that an alert does not depend on them."""

from typing import Any

import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.health.test_circumstances import succeeded
from tests.unit.samples import NEW, NOW, OLD, environment, good, seconds, standing
from tests.unit.told import World
from wardrop.alerts.model import Alert, LastDeployment, Running
from wardrop.aws.beanstalk import Beanstalk
from wardrop.environments.model import Health
from wardrop.errors import NotNow


@pytest.fixture
def shop() -> World:
    """Severe, with a version that was deployed an hour ago."""
    world = World(environment(health=Health.SEVERE, version_label=NEW))
    world.ledger.standing = standing(good(NEW), good(OLD))
    world.ledger.past = [succeeded(dropped_by="jenkins")]
    return world


@pytest.fixture
def stub():
    with Stubber(client("elasticbeanstalk")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def reported(world: World) -> Alert:
    world.watch.on_tick("1", NOW)
    [alert] = world.alerts
    return alert


def test_each_call_is_made_once(shop):
    shop.beanstalk.causes, shop.beanstalk.counts = ["100 % of the requests are failing."], {"Severe": 2}
    alert = reported(shop)
    assert alert.health is not None
    assert (alert.health.causes, alert.health.instances) == (["100 % of the requests are failing."], {"Severe": 2})
    assert [shop.calls.count(name) for name in ("health", "warnings", "history")] == [1, 1, 1]


def test_the_alert_says_what_the_ledger_and_beanstalk_know(shop):
    shop.beanstalk.warned = ["Command failed on instance."]
    alert = reported(shop)
    assert alert.running == Running(label=NEW, since=shop.ledger.past[0].history[-1].at)
    assert isinstance(alert.last_deployment, LastDeployment)
    assert (alert.last_deployment.by, alert.events) == ("jenkins", ["Command failed on instance."])
    assert alert.next_step == "wardrop rollback shop-staging"


def test_instances_are_not_asked_for_with_basic_health():
    world = World(environment(health=Health.SEVERE, reports_instances=False))
    reported(world)
    assert "health" not in world.calls


def test_a_recovery_proposes_no_next_step_and_looks_nothing_up(shop):
    shop.watch.on_tick("1", NOW)
    shop.show()
    shop.calls.clear()
    shop.watch.on_tick("2", NOW + seconds(60))
    assert shop.alerts[-1].next_step is None
    assert not {"health", "warnings", "history"} & set(shop.calls)


def failing(error: Exception) -> Any:
    def fail(*_args: object, **_more: object) -> None:
        raise error

    return fail


class TestFailedLookUps:
    @pytest.mark.parametrize("call", ["health", "warnings", "history"])
    @pytest.mark.parametrize("error", [NotNow("Rate exceeded"), RuntimeError("Read timeout on endpoint")])
    def test_the_alert_is_sent_and_names_the_error(self, shop, monkeypatch, call, error):
        monkeypatch.setattr(shop.ledger if call == "history" else shop.beanstalk, call, failing(error))
        alert = reported(shop)
        assert alert.text.endswith(f"More details could not be looked up: {error}")
        assert alert.health is not None
        assert alert.health.now is Health.SEVERE
        assert alert.next_step is not None

    def test_what_was_looked_up_before_is_kept(self, shop, monkeypatch):
        monkeypatch.setattr(shop.beanstalk, "warnings", failing(NotNow("Rate exceeded")))
        shop.beanstalk.causes = ["Impaired."]
        alert = reported(shop)
        assert alert.health is not None
        assert alert.health.causes == ["Impaired."]
        assert alert.next_step == "wardrop rollback shop-staging"

    def test_after_a_failed_call_nothing_else_is_looked_up_in_the_same_invocation(self, monkeypatch):
        world = World(*(environment(name=f"shop-{n:03}", id=f"e-{n}", health=Health.SEVERE) for n in range(5)))
        monkeypatch.setattr(world.beanstalk, "health", failing(NotNow("Rate exceeded")))
        world.watch.on_tick("1", NOW)
        assert len(world.alerts) == 5
        assert world.calls.count("health") == 1


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
