"""The secret is read only when it is needed."""

import pytest

from tests.unit.slack.world import FakeSecret, FakeSlack, World, rejected
from wardrop.slack.errors import CredentialsRefused, Unreachable


def test_a_new_secret_is_used_as_soon_as_the_old_one_is_refused(threads):
    good, bad, secret = FakeSlack(), FakeSlack(), FakeSecret("old")
    bad.refusals = [None, CredentialsRefused("token_revoked")]
    world = World(threads, secret=secret, connect=lambda text: good if text == "new" else bad)
    world.send(rejected(1))
    secret.text = "new"
    assert world.send(rejected(2)).settled == {rejected(2).alert_id}
    assert secret.reads == 2
    assert len(good.roots) == 1


def test_a_missing_secret_is_read_again_each_time(world):
    world.secret.text = None
    outcome = world.send(rejected())
    assert isinstance(outcome.trouble, CredentialsRefused)
    assert outcome.trouble.reason == "there is none"
    world.secret.text = "now there is one"
    assert world.send(rejected()).trouble is None


def test_a_secret_with_an_address_that_cannot_be_reached_is_read_again(world):
    world.slack.refusals = [Unreachable("nobody there")]
    world.send(rejected())
    world.send(rejected())
    assert world.secret.reads == 2


@pytest.mark.parametrize("edits", [True, False])
def test_a_secret_that_works_is_read_once(world, edits):
    world.slack.edits = edits
    world.send(rejected(1))
    world.send(rejected(2))
    assert world.secret.reads == 1
