"""One message for each deployment and incident, its thread, and the summary of late alerts."""

from datetime import timedelta

import pytest

from tests.unit.samples import NOW
from tests.unit.slack.world import STEPS, change, incident, rejected
from wardrop.alerts.kinds import Kind, Severity
from wardrop.slack.errors import Unreachable
from wardrop.slack.plan import LATE_AFTER


class TestDeployment:
    def test_it_is_one_message_that_is_edited_and_a_thread_of_all_changes_except_progress(self, world):
        for number, kind in enumerate(STEPS, start=1):
            assert world.send(change(number, kind)).trouble is None
        [root] = world.slack.roots
        assert root.channel == "#shop-ops"
        assert "shop-42 was deployed" in root.message.text
        thread = "".join(reply.text for reply in world.slack.replies)
        assert [f"change {number}" in thread for number in range(1, 6)] == [True, True, False, True, True]

    def test_changes_that_arrive_together_cost_one_edit_and_one_reply(self, world):
        world.send(change(1))
        world.slack.calls.clear()
        world.send(change(2), change(3, Kind.DEPLOYMENT_BAKING), change(4, Kind.DEPLOYMENT_SUCCEEDED))
        assert world.slack.calls == ["edit", "reply"]
        [reply] = world.slack.replies
        assert [f"change {n}" in reply.text for n in range(1, 5)] == [True] * 4
        assert "change 4" in world.slack.roots[0].text

    def test_the_first_change_gets_no_reply(self, world):
        world.send(change(1))
        assert world.slack.calls == ["post"]

    def test_an_older_change_does_not_replace_a_newer_one(self, world):
        world.send(change(5, Kind.DEPLOYMENT_SUCCEEDED))
        world.send(change(2))
        assert "change 5" in world.slack.roots[0].text
        assert "change 2" in world.slack.replies[0].text
        world.send(change(3), change(6, Kind.DEPLOYMENT_SUCCEEDED), change(4))
        assert "change 6" in world.slack.roots[0].text

    def test_the_channel_shows_replies_about_errors_and_approvals(self, world):
        world.send(change(1))
        world.send(change(2))
        world.send(change(3, Kind.DEPLOYMENT_AWAITING_APPROVAL))
        world.send(change(4, Kind.DEPLOYMENT_FAILED))
        assert [reply.broadcast for reply in world.slack.replies] == [False, True, True]

    def test_the_channel_does_not_show_the_first_reply_to_a_new_message(self, world):
        world.send(change(1), change(2, Kind.DEPLOYMENT_FAILED))
        assert [reply.broadcast for reply in world.slack.replies] == [False]

    def test_progress_edits_the_message_without_a_reply(self, world):
        world.send(change(1))
        world.slack.calls.clear()
        world.send(change(2, Kind.DEPLOYMENT_PROGRESSED))
        assert world.slack.calls == ["edit"]

    def test_a_deleted_message_is_posted_anew(self, world):
        world.send(change(1))
        world.slack.messages.clear()
        world.send(change(2))
        [root] = world.slack.roots
        assert "change 2" in root.text
        assert world.slack.replies == []
        world.send(change(3))
        assert "change 3" in world.slack.roots[0].text

    def test_a_deleted_message_is_posted_anew_even_for_an_older_change(self, world):
        world.send(change(5))
        world.slack.messages.clear()
        older = change(3)
        assert world.send(older).settled == {older.alert_id}
        assert [root.message.text.splitlines()[1] for root in world.slack.roots] == ["change 3"]

    def test_each_deployment_has_its_own_message(self, world):
        world.send(change(1), change(1, deployment="another"))
        assert len(world.slack.roots) == 2


class TestIncident:
    def test_it_is_one_thread_whose_message_is_green_in_the_end(self, world):
        world.send(incident(1))
        world.send(incident(2, Kind.INCIDENT_WORSENED, Severity.CRITICAL))
        world.send(incident(3, Kind.INCIDENT_RECOVERED, Severity.INFO))
        [root] = world.slack.roots
        assert root.message.attachments[0]["color"] == "#2eb67d"
        assert len(world.slack.replies) == 2
        assert "health is" in world.slack.replies[0].text
        assert all(reply.broadcast for reply in world.slack.replies)


class TestOtherAlerts:
    def test_each_is_a_message_of_its_own(self, world):
        world.send(rejected(1), rejected(2))
        assert len(world.slack.roots) == 2
        assert world.slack.replies == []


class TestRepeatedAlert:
    @pytest.mark.parametrize("edits", [True, False])
    def test_it_is_not_posted_again(self, world, edits):
        world.slack.edits = edits
        alerts = [change(1), rejected(1), incident(1)]
        world.send(*alerts)
        calls = list(world.slack.calls)
        outcome = world.send(*alerts)
        assert world.slack.calls == calls
        assert outcome.settled == {alert.alert_id for alert in alerts}

    def test_twice_in_one_batch_it_is_posted_once(self, world):
        world.send(rejected(1), rejected(1))
        assert world.slack.calls == ["post"]

    def test_after_a_failed_reply_only_the_reply_is_posted(self, world):
        world.slack.refusals = [None, Unreachable("down")]
        changes = [change(1), change(2)]
        assert world.send(*changes).settled == set()
        assert world.send(*changes).settled == {alert.alert_id for alert in changes}
        assert len(world.slack.roots) == len(world.slack.replies) == 1


class TestWebhook:
    @pytest.fixture(autouse=True)
    def webhook(self, world):
        world.slack.edits = False

    def test_intermediate_steps_are_not_posted(self, world):
        for number, kind in enumerate(STEPS, start=1):
            assert world.send(change(number, kind)).settled
        first, last = world.slack.roots
        assert "change 2" in first.text
        assert "change 5" in last.text
        assert world.slack.replies == []

    def test_changes_that_arrive_together_are_one_message(self, world):
        world.send(*(change(number, kind) for number, kind in enumerate(STEPS, start=1)))
        [only] = world.slack.roots
        assert "shop-42 was deployed" in only.message.text
        assert "change 2" in only.text

    @pytest.mark.parametrize("kind", [kind for kind in Kind if kind.traits.severity is not Severity.INFO])
    def test_every_warning_and_error_is_posted(self, world, kind):
        world.send(change(1, kind))
        assert len(world.slack.roots) == 1


class TestLateAlerts:
    def test_they_are_one_message_and_existing_messages_are_edited(self, world):
        world.send(change(1))
        world.slack.calls.clear()
        delayed = [
            change(2, Kind.DEPLOYMENT_ROLLING_BACK),
            change(3, Kind.DEPLOYMENT_ROLLED_BACK),
            rejected(1),
            rejected(2),
        ]
        outcome = world.send(*delayed, now=NOW + LATE_AFTER + timedelta(minutes=1))
        assert outcome.settled == {alert.alert_id for alert in delayed}
        assert world.slack.calls == ["edit", "post"]
        root, together = world.slack.roots
        assert "change 3" in root.text
        assert all(words in together.text for words in ("change 2", "change 3", "no 1", "no 2"))
        world.slack.calls.clear()
        world.send(*delayed, now=NOW + LATE_AFTER + timedelta(minutes=2))
        assert world.slack.calls == []

    def test_a_recent_alert_among_them_is_posted_separately(self, world):
        now = NOW + timedelta(hours=1)
        world.send(rejected(1), rejected(2), rejected(3, at=now), now=now)
        assert len(world.slack.roots) == 2

    def test_a_single_late_alert_is_posted_like_any_other(self, world):
        world.send(rejected(1), now=NOW + timedelta(hours=1))
        assert "no 1" in world.slack.roots[0].message.attachments[0]["blocks"][0]["text"]["text"]

    def test_of_intermediate_steps_only_the_latest_is_listed(self, world):
        steps = [change(number, kind) for number, kind in enumerate(STEPS[:4], start=1)]
        world.send(*steps, now=NOW + timedelta(hours=1))
        [together] = world.slack.roots
        assert [f"change {n}" in together.text for n in range(1, 5)] == [False, True, False, True]
