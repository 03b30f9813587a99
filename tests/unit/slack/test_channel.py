"""Calls for one channel, and the consequences of Slack's refusals."""

from datetime import timedelta

import pytest

from tests.unit.samples import NOW
from tests.unit.slack.test_message import notification
from tests.unit.slack.world import World, change, rejected
from wardrop.slack.errors import LayoutRefused, OutOfTime, RateLimited


class TestRefusedChannel:
    def test_its_alerts_are_posted_to_the_stacks_channel_with_a_note(self, world):
        world.slack.closed = {"#shop-ops"}
        assert world.send(change(1)).refused == {}
        world.send(change(2))
        [root] = world.slack.roots
        assert root.channel == "#wardrop"
        assert "Slack refused this message in #shop-ops: not_in_channel" in root.text
        assert world.slack.replies[0].channel == "id of #wardrop"

    def test_its_late_alerts_are_summarized_there_too(self, world):
        world.slack.closed = {"#shop-ops"}
        world.send(rejected(1), rejected(2), now=NOW + timedelta(hours=1))
        [summary] = world.slack.roots
        assert summary.channel == "#wardrop"
        assert "Slack refused this message in #shop-ops" in summary.text

    @pytest.mark.parametrize("default", [None, "#shop-ops"])
    def test_without_another_channel_its_alerts_are_given_up_with_the_reason(self, threads, default):
        world = World(threads, default_channel=default)
        world.slack.closed = {"#shop-ops"}
        outcome = world.send(rejected(1))
        assert outcome.refused[rejected(1).alert_id].reason == "Slack refused the alert in #shop-ops: not_in_channel"

    def test_without_any_channel_alerts_are_given_up_with_what_to_do(self, threads):
        world = World(threads, default_channel=None)
        outcome = world.send(notification(rejected(1), channel=None))
        assert "set the stack's parameter SlackChannel" in outcome.refused[rejected(1).alert_id].reason

    def test_alerts_that_name_no_channel_are_posted_to_the_stacks(self, world):
        world.send(notification(rejected(1), channel=None))
        assert world.slack.roots[0].channel == "#wardrop"


class TestRefusedLayout:
    def test_the_message_is_posted_as_plain_text(self, world):
        world.slack.refusals = [LayoutRefused("invalid_blocks")]
        world.send(rejected())
        [root] = world.slack.roots
        assert root.message.blocks == root.message.attachments == []
        assert "a dropped file was rejected" in root.message.text

    def test_if_plain_text_is_refused_too_the_alert_is_given_up_and_the_next_one_is_posted(self, world):
        world.slack.refusals = [LayoutRefused("odd"), LayoutRefused("odd")]
        outcome = world.send(rejected(1), rejected(2))
        assert outcome.refused[rejected(1).alert_id].reason == "Slack refused the alert in #shop-ops: odd"
        assert outcome.settled == {rejected(2).alert_id}

    def test_late_alerts_whose_summary_is_refused_are_posted_one_by_one(self, world):
        world.slack.refusals = [LayoutRefused("odd"), LayoutRefused("odd")]
        outcome = world.send(rejected(1), rejected(2), now=NOW + timedelta(hours=1))
        assert outcome.settled == {rejected(1).alert_id, rejected(2).alert_id}
        assert len(world.slack.roots) == 2


class TestTime:
    def test_a_short_rate_limit_is_waited_for(self, world):
        world.slack.refusals = [RateLimited(7)]
        assert world.send(rejected()).trouble is None
        assert 7 in world.time.slept
        assert len(world.slack.roots) == 1

    def test_a_rate_limit_that_the_invocation_has_no_time_for_is_left_to_the_queue(self, world):
        world.left, world.slack.refusals = 25.0, [RateLimited(7)]
        outcome = world.send(rejected())
        assert isinstance(outcome.trouble, RateLimited)
        assert world.time.slept == []

    def test_no_call_is_made_without_the_time_for_all_calls_of_the_subject(self, world):
        world.left = 10.0
        outcome = world.send(rejected())
        assert isinstance(outcome.trouble, OutOfTime)
        assert world.slack.calls == []
