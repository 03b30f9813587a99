"""At most one call a second is made for each channel."""

from tests.unit.slack.test_message import notification
from tests.unit.slack.world import rejected


def test_calls_for_one_channel_are_a_second_apart(world):
    world.send(*(rejected(number) for number in range(4)))
    assert world.time.slept == [1.0, 1.0, 1.0]


def test_the_second_starts_with_the_answer(world):
    with world.post.pace.one_call("#wardrop"):
        world.time.now += 3
    with world.post.pace.one_call("#wardrop"):
        pass
    assert world.time.slept == [1.0]


def test_another_channel_does_not_wait(world):
    world.send(rejected(1))
    world.send(notification(rejected(2), channel="#other"))
    assert world.time.slept == []


def test_the_second_ends_before_the_next_invocation(world):
    world.send(rejected(1))
    world.time.now += 0.25
    world.post.pace.end()
    assert world.time.slept == [0.75]
    world.post.pace.end()
    assert world.time.slept == [0.75]
