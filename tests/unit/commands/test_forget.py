"""`config forget`: the cases in which it removes the last good document, and the configuration afterwards."""

import pytest

from tests.unit.commands.samples import JANE, refused
from tests.unit.commands.world import CommandWorld
from tests.unit.configuration.samples import DENIED
from wardrop.commands.answers import Done, RefusalCode
from wardrop.commands.requests import ForgetConfiguration
from wardrop.configuration.in_force import Source

FORGET = ForgetConfiguration(application="shop")
GATED = "environments: [{name: shop-staging, approval: required}]"


@pytest.fixture
def world() -> CommandWorld:
    world = CommandWorld()
    world.parameters.put("shop", GATED)
    world.load()
    return world


def test_after_the_parameter_was_deleted_the_defaults_come_into_force_and_the_person_is_recorded(world):
    world.parameters.documents.clear()
    assert world.load().source is Source.LAST_GOOD
    answer = world.ask(FORGET)
    assert isinstance(answer, Done)
    assert answer.text == (
        "release-managers (session jane) removed version 4 of the configuration of shop, which was the last good "
        "document; "
        "the defaults are in force, so deployments that are queued from now on need no approval"
    )
    assert world.load().source is Source.DEFAULTS
    forgotten = world.ledger.configurations.read("shop").forgotten
    assert (forgotten.by, forgotten.principal) == (
        "release-managers (session jane)",
        "arn:aws:iam::123456789012:role/release-managers",
    )
    assert world.alert_kinds == ["configuration_unreadable", "configuration_forgotten"]
    refused(world.ask(FORGET), "shop has no last good document")


def test_while_the_parameter_cannot_be_read_deployments_are_held_afterwards(world):
    world.parameters.faults["shop"] = DENIED
    answer = world.ask(FORGET)
    assert answer.text.endswith(
        "the deployments of the application are held until the parameter can be read: AccessDenied"
    )
    assert world.load().source is Source.HELD


def test_a_document_that_is_in_force_cannot_be_forgotten(world):
    refused(world.ask(FORGET), "the parameter /wardrop/applications/shop exists, and its document is in force")


def test_a_deleted_document_that_was_never_valid_can_be_forgotten():
    world = CommandWorld()
    world.parameters.put("shop", "nonsense")
    world.load()
    world.parameters.documents.clear()
    assert world.load().source is Source.HELD
    refused(world.ask(FORGET, JANE), "it is not known who may approve shop", RefusalCode.FORBIDDEN)
