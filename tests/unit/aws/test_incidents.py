"""Incidents in the ledger: they are written with their alerts, indexed while they are open, and read in one call."""

from typing import Any

import msgspec
import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.samples import NOW, TABLE, environment, queued, seconds
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.aws.ledger.incidents import Incidents
from wardrop.aws.ledger.table import Table
from wardrop.deployments.change import Change
from wardrop.environments.model import Health
from wardrop.environments.settings import DeploymentSettings, SettingsReading
from wardrop.errors import Outdated
from wardrop.health.evidence import EventEvidence, HealthCheck
from wardrop.health.incident import Incident
from wardrop.health.incident_rules import fold


def judged(record: Incident | None, health: Health, later: float = 0, name: str = "shop-staging") -> Incident:
    shown = environment(name=name, health=health)
    check = HealthCheck(name, "shop", NOW + seconds(later), Health.WARNING, shown)
    incident, _ = fold(record, check.evidence(EventEvidence(), record), check)
    assert incident is not None
    return incident


def opened_alert(number: int = 1) -> Alert:
    return new_alert(Kind.INCIDENT_OPENED, f"shop-staging/{number}", NOW, "bad", environment="shop-staging")


@pytest.fixture
def incidents(dynamodb: Any) -> Incidents:
    return Incidents(Table(dynamodb, TABLE))


def test_an_incident_is_read_as_it_was_written_with_the_next_revision(incidents):
    opened = judged(None, Health.SEVERE)
    incidents.write(opened, [opened_alert()])
    assert incidents.read(["shop-staging"]) == {"shop-staging": msgspec.structs.replace(opened, revision=1)}


def test_the_index_has_open_incidents_only(incidents, ledger):
    incidents.write(judged(None, Health.SEVERE), [])
    assert ledger.environments.active().with_incidents == {"shop-staging"}
    [found] = incidents.read(["shop-staging"]).values()
    incidents.write(judged(found, Health.OK, 60), [])
    assert ledger.environments.active().with_incidents == set()


def test_one_query_of_the_index_finds_deployments_settings_and_incidents(incidents, ledger):
    ledger.write(
        Change([queued(environment="shop-a")], alerts=[opened_alert()]),
    )
    ledger.environments.keep_settings("shop-b", DeploymentSettings(at=NOW, load_balanced=True))
    incidents.write(judged(None, Health.SEVERE, name="shop-c"), [])
    active = ledger.environments.active()
    assert (active.deploying, active.with_settings, active.with_incidents) == (
        {"shop-a"},
        {"shop-b": SettingsReading(at=NOW)},
        {"shop-c"},
    )


def test_reading_an_environment_does_not_read_its_incident(incidents, ledger):
    incidents.write(judged(None, Health.SEVERE), [])
    assert ledger.environments.read("shop-staging").deployments == []


def test_a_closed_incident_expires_and_an_open_one_does_not(incidents, dynamodb):
    incidents.write(judged(None, Health.SEVERE), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    assert "expires_at" not in item
    [found] = incidents.read(["shop-staging"]).values()
    incidents.write(judged(found, Health.OK, 60), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    assert int(item["expires_at"]["N"]) == int(NOW.timestamp()) + 60 + 24 * 3600


def test_of_two_concurrent_writes_one_is_outdated_and_reports_nothing(incidents, dynamodb):
    opened = judged(None, Health.SEVERE)
    incidents.write(opened, [opened_alert(1)])
    with pytest.raises(Outdated):
        incidents.write(opened, [opened_alert(2)])
    assert sum("kind" in item for item in dynamodb.scan(TableName=TABLE)["Items"]) == 1


def test_attributes_of_a_newer_wardrop_are_kept(incidents, dynamodb):
    incidents.write(judged(None, Health.SEVERE), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    dynamodb.put_item(TableName=TABLE, Item=item | {"acknowledged_by": {"S": "jane"}})
    [found] = incidents.read(["shop-staging"]).values()
    incidents.write(judged(found, Health.OK, 60), [])
    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    assert item["acknowledged_by"] == {"S": "jane"}


def test_more_than_a_hundred_incidents_are_read_in_batches(incidents):
    names = [f"shop-{number}" for number in range(101)]
    for name in names:
        incidents.write(judged(None, Health.SEVERE, name=name), [])
    assert set(incidents.read(names)) == set(names)


def test_keys_that_dynamodb_did_not_process_are_requested_again():
    left: Any = {TABLE: {"Keys": [{"pk": {"S": "environment/a"}, "sk": {"S": "incident"}}], "ConsistentRead": True}}
    with Stubber(client("dynamodb")) as stub:
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left})
        stub.add_response("batch_get_item", {"Responses": {TABLE: []}, "UnprocessedKeys": {}}, {"RequestItems": left})
        assert Incidents(Table(stub.client, TABLE)).read(["a"]) == {}
        stub.assert_no_pending_responses()


def test_no_names_cost_no_call():
    with Stubber(client("dynamodb")) as stub:
        assert Incidents(Table(stub.client, TABLE)).read([]) == {}
