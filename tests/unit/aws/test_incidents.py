"""Incidents in the ledger: written with what they tell, found by the index while open, read in one call."""

from typing import Any

import msgspec
import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.samples import NOW, TABLE, environment, queued, seconds
from wardrop.alerts import model as alert
from wardrop.alerts.model import Alert, Kind
from wardrop.aws.incidents import Incidents
from wardrop.deployments.change import Change
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.environments.model import Health
from wardrop.environments.policy import Preflight
from wardrop.errors import Outdated
from wardrop.health.incident import Evidence, Incident
from wardrop.health.judge import judge


def judged(record: Incident | None, health: Health, later: float = 0, name: str = "shop-staging") -> Incident:
    evidence = Evidence(name, "shop", environment(name=name, health=health))
    found = judge(record, evidence, Health.WARNING, NOW + seconds(later)).incident
    assert found is not None
    return found


def told(number: int = 1) -> Alert:
    return alert.alert(Kind.INCIDENT_OPENED, f"shop-staging/{number}", NOW, "bad", environment="shop-staging")


@pytest.fixture
def incidents(dynamodb: Any) -> Incidents:
    return Incidents(dynamodb, TABLE)


def test_it_comes_back_as_it_was_written_one_revision_on(incidents):
    opened = judged(None, Health.SEVERE)
    incidents.change(opened, [told()])
    assert incidents.of(["shop-staging"]) == {"shop-staging": msgspec.structs.replace(opened, revision=1)}


def test_the_index_has_it_as_long_as_it_is_open(incidents, ledger):
    incidents.change(judged(None, Health.SEVERE), [])
    assert ledger.watched().incidents == {"shop-staging"}
    [found] = incidents.of(["shop-staging"]).values()
    incidents.change(judged(found, Health.OK, 60), [])
    assert ledger.watched().incidents == set()


def test_one_query_tells_deployments_settings_and_incidents_apart(incidents, ledger):
    ledger.write(
        Change([queued(environment="shop-a")], alerts=[told()]),
        Receipt(drop="d", status=ReceiptStatus.ACCEPTED, reason="", at=NOW),
    )
    ledger.keep_preflight("shop-b", Preflight(at=NOW, load_balanced=True))
    incidents.change(judged(None, Health.SEVERE, name="shop-c"), [])
    watched = ledger.watched()
    assert (watched.deployments, watched.preflights, watched.incidents) == ({"shop-a"}, {"shop-b"}, {"shop-c"})


def test_a_look_at_a_deployment_does_not_read_it(incidents, ledger):
    incidents.change(judged(None, Health.SEVERE), [])
    assert ledger.now("shop-staging").deployments == []


def test_a_closed_one_expires_and_an_open_one_does_not(incidents, dynamodb):
    incidents.change(judged(None, Health.SEVERE), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    assert "expires_at" not in item
    [found] = incidents.of(["shop-staging"]).values()
    incidents.change(judged(found, Health.OK, 60), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    assert int(item["expires_at"]["N"]) == int(NOW.timestamp()) + 60 + 24 * 3600


def test_of_two_who_judge_at_once_one_is_outdated_and_tells_nothing(incidents, dynamodb):
    opened = judged(None, Health.SEVERE)
    incidents.change(opened, [told(1)])
    with pytest.raises(Outdated):
        incidents.change(opened, [told(2)])
    assert sum("kind" in item for item in dynamodb.scan(TableName=TABLE)["Items"]) == 1


def test_fields_of_a_newer_wardrop_are_kept(incidents, dynamodb):
    incidents.change(judged(None, Health.SEVERE), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    dynamodb.put_item(TableName=TABLE, Item=item | {"acknowledged_by": {"S": "jane"}})
    [found] = incidents.of(["shop-staging"]).values()
    incidents.change(judged(found, Health.OK, 60), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    assert item["acknowledged_by"] == {"S": "jane"}


def test_more_than_a_hundred_are_read_a_hundred_at_a_time(incidents):
    names = [f"shop-{number}" for number in range(101)]
    for name in names:
        incidents.change(judged(None, Health.SEVERE, name=name), [])
    assert set(incidents.of(names)) == set(names)


def test_what_dynamodb_leaves_out_of_an_answer_is_asked_for_again():
    left: Any = {TABLE: {"Keys": [{"pk": {"S": "environment/a"}, "sk": {"S": "incident"}}], "ConsistentRead": True}}
    with Stubber(client("dynamodb")) as stub:
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})
        stub.add_response("batch_get_item", {"Responses": {TABLE: []}, "UnprocessedKeys": {}}, {"RequestItems": left})
        assert Incidents(stub.client, TABLE).of(["a"]) == {}
        stub.assert_no_pending_responses()


def test_nothing_asked_for_costs_nothing():
    with Stubber(client("dynamodb")) as stub:
        assert Incidents(stub.client, TABLE).of([]) == {}
