"""`diff`: the readings for the comparison of two environments, and the answer if a reading fails."""

import pytest

from tests.unit.commands.samples import STAGING, refused
from tests.unit.commands.world import CommandWorld
from tests.unit.samples import NEW, OLD
from tests.unit.world import raising
from wardrop.commands.answers import Comparison, RefusalCode
from wardrop.commands.requests import Diff
from wardrop.errors import Unavailable

DIFF = Diff(environment=STAGING, other="shop-prod")


@pytest.fixture
def world() -> CommandWorld:
    world = CommandWorld()
    world.show("shop-prod", version_label=NEW)
    return world


def test_both_versions_are_shown(world: CommandWorld) -> None:
    answer = world.ask(DIFF)
    assert isinstance(answer, Comparison)
    assert [side.version_label for side in answer.sides] == [OLD, NEW]
    assert answer.differences == []
    assert answer.unknown == []


def test_if_the_settings_cannot_be_read_no_difference_is_claimed_and_the_reason_is_given(world: CommandWorld) -> None:
    world.before["option_settings.in_force"] = raising(Unavailable("Wardrop is not allowed to call X"))
    answer = world.ask(DIFF)
    assert answer.differences == []
    assert answer.unknown == ["Wardrop is not allowed to call X"] * 2


def test_an_environment_that_is_being_changed_may_have_other_differences(world: CommandWorld) -> None:
    world.show("shop-prod", status="Updating")
    [reason] = world.ask(DIFF).unknown
    assert reason == "shop-prod is Updating, so its settings may be about to change"


def test_an_unknown_environment_is_not_found(world: CommandWorld) -> None:
    answer = world.ask(Diff(environment=STAGING, other="shop-test"))
    refused(answer, "no environment shop-test", RefusalCode.NOT_FOUND)


def test_a_caller_who_may_view_only_one_of_the_environments_is_refused(world: CommandWorld) -> None:
    world.parameters.put(
        "shop", f'environments: [{{name: {STAGING}}}, {{name: shop-prod, viewers: ["arn:aws:iam::1:role/x"]}}]'
    )
    refused(world.ask(DIFF), "viewers", RefusalCode.FORBIDDEN)
