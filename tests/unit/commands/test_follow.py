"""The outcome of a drop, and a deployment with the state of its environment."""

from datetime import timedelta

import pytest

from tests.unit.commands.samples import JOE, STAGING, refused
from tests.unit.commands.world import CommandWorld
from tests.unit.samples import NEW, NOW, OLD, OUR_REQUEST, deploying, environment, event, instance, queued, update
from wardrop.commands.answers import DropOutcome, FollowedDeployment, RefusalCode
from wardrop.commands.follow import MOST_EVENTS
from wardrop.commands.requests import Cancel, FindDrop, Follow
from wardrop.deployments.change import Change
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.evidence.explanation import Cause, Explanation
from wardrop.evidence.kinds import Kind

DROP = "s3://drops/shop/shop-staging/shop-2.0.war#v1"


@pytest.fixture
def world() -> CommandWorld:
    return CommandWorld()


def receipt(**differs):
    return Receipt(drop=DROP, status=ReceiptStatus.ACCEPTED, reason="queued", at=NOW, application="shop", **differs)


def test_a_drop_that_was_not_processed_yet_has_no_status(world):
    assert world.ask(FindDrop(drop=DROP)) == DropOutcome(drop=DROP)


def test_the_outcome_of_a_drop_names_the_environment_of_each_deployment(world):
    accepted = receipt(label=NEW, deployments=["d-1", "d-2"], environments=[STAGING, "shop-worker"])
    world.ledger.write(Change([queued()]), accepted)
    answer = world.ask(FindDrop(drop=DROP))
    assert (answer.status, answer.label, answer.reason) == ("accepted", NEW, "queued")
    assert answer.deployments == {"d-1": STAGING, "d-2": "shop-worker"}


def test_the_outcome_of_a_drop_is_hidden_from_callers_who_may_not_view_the_application(world):
    world.ledger.write(Change([queued()]), receipt())
    world.parameters.documents["shop"] = 'viewers: ["arn:aws:iam::*:role/release-*"]'
    assert world.ask(FindDrop(drop=DROP)).status == "accepted"
    refused(world.ask(FindDrop(drop=DROP), JOE), "viewers", RefusalCode.FORBIDDEN)


def test_an_active_deployment_is_followed_with_instances_and_events(world):
    world.beanstalk.event_log = [event("Environment update is starting.")]
    world.beanstalk.fleet = (instance(1, NEW), instance(2, OLD, "In Progress"))
    world.has(queued())
    answer = world.ask(Follow(environment=STAGING, id="d-1"))
    assert isinstance(answer, FollowedDeployment)
    assert (answer.deployment.label, answer.deployment.state, answer.application) == (NEW, "queued", "shop")
    reading = answer.reading
    assert [each.version_label for each in reading.instances] == [NEW, OLD]
    assert [each.message for each in reading.events] == ["Environment update is starting."]
    assert world.ask(Follow(environment=STAGING)).deployment == answer.deployment


def test_a_finished_deployment_is_followed_by_its_id_and_as_the_last_one(world):
    world.has(queued())
    world.ask(Cancel(environment=STAGING))
    for request in (Follow(environment=STAGING, id="d-1"), Follow(environment=STAGING)):
        assert world.ask(request).deployment.state == "cancelled"


def test_the_cause_and_the_keys_of_the_logs_are_returned(world):
    cause = Cause(kind=Kind.START, quotes=["java.lang.IllegalStateException"])
    failed = deploying(
        update=update(environment_id="e-1"),
        request_ids=[OUR_REQUEST],
        explanation=Explanation(log="s3://logs/x", cause=cause),
    )
    world.has(failed)
    answer = world.ask(Follow(environment=STAGING))
    assert answer.cause == ["java.lang.IllegalStateException"]
    assert answer.logs == [f"resources/environments/logs/deployments/e-1/eb-deployment-{OUR_REQUEST}.log"]


def test_an_answer_contains_a_limited_number_of_events(world):
    world.beanstalk.event_log = [event("x", NOW + timedelta(seconds=n)) for n in range(MOST_EVENTS + 1)]
    world.has(queued())
    assert len(world.ask(Follow(environment=STAGING)).reading.events) == MOST_EVENTS


def test_an_environment_with_basic_health_has_no_instances_and_no_causes(world):
    world.beanstalk.described[STAGING] = environment(reports_instances=False)
    world.has(queued())
    reading = world.ask(Follow(environment=STAGING)).reading
    assert (reading.instances, reading.causes) == (None, [])


def test_a_deployment_of_an_environment_that_beanstalk_does_not_list_has_no_reading(world):
    world.has(queued())
    world.beanstalk.described.clear()
    assert world.ask(Follow(environment=STAGING)).reading is None


def test_what_does_not_exist_is_not_found(world):
    refused(world.ask(Follow(environment="shop-test")), "no environment shop-test", RefusalCode.NOT_FOUND)
    refused(world.ask(Follow(environment=STAGING, id="d-9")), "no deployment d-9", RefusalCode.NOT_FOUND)
    refused(world.ask(Follow(environment=STAGING)), f"{STAGING} has no deployment", RefusalCode.NOT_FOUND)
