"""What stands beside an incident: why, where, what runs, who dropped it, and what a person may want to do."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.samples import NEW, NOW, OLD, deploying, environment, good, queued, seconds, standing, update
from tests.unit.told import World
from wardrop.alerts.model import Alert, LastDeployment, Running
from wardrop.aws.beanstalk import Beanstalk
from wardrop.deployments.deployment import Deployment, Moment
from wardrop.deployments.state import State
from wardrop.environments.model import Health
from wardrop.errors import NotNow

HOUR = timedelta(hours=1)


def succeeded(label: str = NEW, ago: timedelta = HOUR, **differs: Any) -> Deployment:
    ended = NOW - ago
    history = [Moment(ended - seconds(300), State.DEPLOYING, ""), Moment(ended, State.SUCCEEDED, "")]
    return deploying(label=label, state=State.SUCCEEDED, history=history, **differs)


@pytest.fixture
def shop() -> World:
    """Severe with the new version, which is live for an hour."""
    world = World(environment(health=Health.SEVERE, version_label=NEW))
    world.ledger.standing = standing(good(NEW), good(OLD))
    world.ledger.past = [succeeded(dropped_by="jenkins")]
    return world


@pytest.fixture
def stub():
    with Stubber(client("elasticbeanstalk")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def told(world: World) -> Alert:
    world.watch.on_tick("1", NOW)
    [alert] = world.alerts
    return alert


def test_causes_and_counts_are_asked_for_once(shop):
    shop.beanstalk.causes, shop.beanstalk.counts = ["100 % of the requests are failing."], {"Severe": 2}
    alert = told(shop)
    assert alert.health is not None
    assert (alert.health.causes, alert.health.instances) == (["100 % of the requests are failing."], {"Severe": 2})
    assert [shop.calls.count(name) for name in ("health", "warnings", "history")] == [1, 1, 1]


def test_basic_health_is_not_asked_for_what_it_does_not_have():
    world = World(environment(health=Health.SEVERE, reports_instances=False))
    told(world)
    assert "health" not in world.calls


def test_the_version_that_runs_and_since_when(shop):
    assert told(shop).running == Running(label=NEW, since=NOW - HOUR)


def test_a_version_that_somebody_else_deployed_has_no_date(shop):
    shop.beanstalk.shown["shop-staging"] = environment(health=Health.SEVERE, version_label="theirs")
    assert told(shop).running == Running(label="theirs")


def test_the_last_deployment_and_who_dropped_it(shop):
    assert told(shop).last_deployment == LastDeployment(label=NEW, state=State.SUCCEEDED, at=NOW - HOUR, by="jenkins")


def test_the_one_that_is_under_way_is_the_last(shop):
    began = [Moment(NOW - seconds(60), State.DEPLOYING, "")]
    shop.ledger.deployments = [deploying(label="shop-3.0", history=began, update=update())]
    last = told(shop).last_deployment
    assert last is not None
    assert (last.label, last.state) == ("shop-3.0", State.DEPLOYING)


def test_what_never_began_is_no_deployment(shop):
    shop.ledger.past = [queued(state=State.SUPERSEDED)]
    assert told(shop).last_deployment is None


def test_events_that_only_follow_from_others_are_left_out_and_five_are_enough(shop):
    shop.beanstalk.warned = [
        "Environment health has transitioned from Ok to Severe.",
        "Failed to deploy application.",
        "Command failed on instance.",
        "Command failed on instance.",
        *(f"warning {number}" for number in range(9)),
    ]
    assert told(shop).events == ["Command failed on instance.", *(f"warning {number}" for number in range(4))]


class TestTheNextStep:
    def test_is_to_go_back_where_a_fresh_version_of_ours_runs_and_an_older_good_one_is_known(self, shop):
        assert told(shop).next_step == "wardrop rollback shop-staging"

    @pytest.mark.parametrize(
        "differs",
        [
            {"past": [succeeded(ago=7 * HOUR)]},
            {"past": []},
            {"standing": standing(good(NEW))},
            {"standing": standing(good(NEW), good(OLD, environment_id="e-rebuilt"))},
            {"deployments": [deploying()]},
        ],
        ids=["long live", "not ours", "nothing older", "another environment's", "under way"],
    )
    def test_is_to_look_otherwise(self, shop, differs):
        for name, value in differs.items():
            setattr(shop.ledger, name, value)
        assert told(shop).next_step == "wardrop status shop-staging"

    def test_is_nothing_once_it_has_recovered(self, shop):
        shop.watch.on_tick("1", NOW)
        shop.show()
        shop.watch.on_tick("2", NOW + seconds(60))
        assert shop.alerts[-1].next_step is None


class TestWithoutThem:
    @pytest.mark.parametrize("call", ["health", "warnings", "history"])
    @pytest.mark.parametrize("error", [NotNow("Rate exceeded"), RuntimeError("Read timeout on endpoint")])
    def test_the_alert_goes_out_and_says_so(self, shop, monkeypatch, call, error):
        def failing(*_args: object, **_more: object) -> None:
            raise error

        outside = shop.ledger if call == "history" else shop.beanstalk
        monkeypatch.setattr(outside, call, failing)
        alert = told(shop)
        assert alert.text.endswith(f"more could not be looked up: {error}")
        assert alert.health is not None
        assert alert.health.now is Health.SEVERE

    def test_after_one_that_failed_no_other_is_tried_in_this_invocation(self, monkeypatch):
        world = World(*(environment(name=f"shop-{n:03}", id=f"e-{n}", health=Health.SEVERE) for n in range(5)))

        def throttled(_environment: str) -> None:
            raise NotNow("Rate exceeded")

        monkeypatch.setattr(world.beanstalk, "health", throttled)
        world.watch.on_tick("1", NOW)
        assert len(world.alerts) == 5
        assert world.calls.count("health") == 1


class TestWhatBeanstalkIsAsked:
    def test_why_an_environment_is_ill_and_how_many_instances_are_how(self, stub):
        stub.add_response(
            "describe_environment_health",
            {"Causes": ["Impaired."], "InstancesHealth": {"Ok": 1, "Severe": 2, "Info": 0}},
            {"EnvironmentName": "shop-staging", "AttributeNames": ["Causes", "InstancesHealth"]},
        )
        assert Beanstalk(stub.client).health("shop-staging") == (["Impaired."], {"Ok": 1, "Severe": 2})

    def test_warnings_and_worse_come_as_beanstalk_orders_them_from_one_page(self, stub):
        stub.add_response(
            "describe_events",
            {"Events": [{"Message": "newer"}, {"Message": "older"}], "NextToken": "more"},
            {"EnvironmentName": "shop-staging", "StartTime": NOW, "Severity": "WARN", "MaxRecords": 50},
        )
        assert Beanstalk(stub.client).warnings("shop-staging", NOW) == ["newer", "older"]
