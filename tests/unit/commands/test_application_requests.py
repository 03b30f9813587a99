"""The answers of `config check` and `config show`. Both store nothing."""

import pytest

from tests.unit.commands.samples import STAGING
from tests.unit.commands.world import CommandWorld
from tests.unit.configuration.samples import DENIED
from wardrop.commands.answers import Checked, ShownConfiguration
from wardrop.commands.requests import CheckConfiguration, ShowConfiguration, loggable

VALID = f"environments: [{{name: {STAGING}}}]"


@pytest.fixture
def world() -> CommandWorld:
    return CommandWorld()


def check(world: CommandWorld, document: str) -> Checked:
    answer = world.ask(CheckConfiguration(application="shop", document=document))
    assert isinstance(answer, Checked)
    return answer


def show(world: CommandWorld) -> ShownConfiguration:
    answer = world.ask(ShowConfiguration(application="shop"))
    assert isinstance(answer, ShownConfiguration)
    return answer


def test_a_valid_document_is_accepted_and_not_stored(world: CommandWorld) -> None:
    answer = check(world, VALID)
    assert (answer.problem, answer.environments) == (None, [STAGING])
    assert show(world).document is None
    assert world.ledger.configurations.read("shop").last_good is None


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("environments: [{name: shop-typo}]", "there is no environment shop-typo"),
        (f"environments: [{{name: {STAGING}, bake: soon}}]", "$.environments[0].bake"),
        ("a: [", "not YAML"),
        (f"environments: [{{name: {STAGING}, alarms: [shop-5xx]}}]", "the alarms cannot be used"),
        (f"environments: [{{name: {STAGING}, checks: [{{function: other}}]}}]", "other"),
    ],
)
def test_a_document_that_wardrop_would_refuse_is_answered_with_the_reason(
    world: CommandWorld, document: str, problem: str
) -> None:
    answer = check(world, document)
    assert problem in (answer.problem or "")
    assert answer.environments == []


def test_the_document_in_force_is_shown_with_its_version(world: CommandWorld) -> None:
    world.parameters.put("shop", VALID)
    answer = show(world)
    assert (answer.document, answer.configuration.source, answer.configuration.fault) == (VALID, "document", None)
    assert answer.configuration.version is not None


def test_if_the_parameter_cannot_be_read_the_last_good_document_is_shown_with_the_fault(world: CommandWorld) -> None:
    world.parameters.put("shop", VALID)
    world.load()
    world.parameters.faults["shop"] = DENIED
    answer = show(world)
    assert (answer.document, answer.configuration.source) == (VALID, "last_good")
    assert answer.configuration.error == DENIED.reason


def test_the_text_of_a_document_is_not_logged() -> None:
    request = CheckConfiguration(application="shop", document="slack: {channel: secret}")
    assert "secret" not in str(loggable(request))
