"""Alerts from the stream reach the topic and Slack's queue in order and once, and no failure loses an alert."""

import importlib
import json
from datetime import timedelta
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests import gate
from tests.unit.samples import NOW, event_files, queued, update
from tests.unit.world import World
from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, Notification, new_alert
from wardrop.alerts.send import SendAlerts, SlackRoute
from wardrop.aws.ledger.item import Key, unserialized
from wardrop.aws.ledger.table import Put
from wardrop.aws.slack_posts import SlackPosts
from wardrop.aws.topic import Topic
from wardrop.configuration.load import REMEMBERED_FOR, RememberedConfigurations
from wardrop.deployments.announcement import alert_of
from wardrop.environments.model import Progress
from wardrop.errors import Unavailable


class Trouble(Exception):
    """The error of a call that fails."""


class FakeTopic:
    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.broken = False

    def publish(self, publication: Any) -> None:
        if self.broken:
            raise Trouble
        self.subjects.append(publication.subject)


class FakePosts:
    def __init__(self) -> None:
        self.put_: list[Notification] = []

    def put(self, notification: Notification) -> None:
        self.put_.append(notification)

    @property
    def channels(self) -> list[str | None]:
        return [one.channel for one in self.put_]


class SendWorld(World):
    def __init__(self, channel: str | None = "#wardrop") -> None:
        super().__init__()
        self.topic, self.posts = FakeTopic(), FakePosts()
        channels = RememberedConfigurations(self.configurations).slack_channel
        self.slack = self.verb(SlackRoute, channel_of=channels, default_channel=channel)
        self.send = self.verb(SendAlerts, region="eu-west-1", partition="aws")

    def report(self, alert: Alert | None = None, **differs: Any) -> Alert:
        reported = alert or alert_of(queued(**differs))
        self.ledger.alerts.report(reported)
        return reported


@pytest.fixture
def world() -> SendWorld:
    return SendWorld()


class TestSending:
    def test_it_goes_to_the_topic_and_to_slack_and_waits_no_longer(self, world):
        told = world.report()
        assert world.send(told, NOW)
        assert world.topic.subjects == ["[INFO] shop-staging: shop-2.0 is queued"]
        assert [(one.alert, one.channel) for one in world.posts.put_] == [(told, "#wardrop")]
        assert world.ledger.alerts.resend(NOW + timedelta(hours=1), NOW) == []

    def test_what_the_stream_brings_twice_is_sent_once(self, world):
        told = world.report()
        assert world.send(told, NOW)
        assert not world.send(told, NOW)
        assert len(world.topic.subjects) == len(world.posts.put_) == 1

    def test_what_fails_half_way_still_waits(self, world):
        told = world.report()
        world.topic.broken = True
        with pytest.raises(Trouble):
            world.send(told, NOW)
        world.topic.broken = False
        assert world.send(told, NOW)
        assert len(world.topic.subjects) == 1

    def test_progress_is_for_slack_alone(self, world):
        told = alert_of(queued(update=update(progress=Progress(done=1, instances=4))), Kind.DEPLOYMENT_PROGRESSED)
        world.ledger.alerts.report(told)
        assert world.send(told, NOW)
        assert (world.topic.subjects, len(world.posts.put_)) == ([], 1)

    def test_without_slack_there_is_the_topic(self, world):
        send = world.verb(SendAlerts, slack=None, region="eu-west-1", partition="aws")
        assert send(world.report(), NOW)
        assert len(world.topic.subjects) == 1

    def test_the_link_leads_to_the_environment_if_its_id_is_known(self, world):
        told = known_by_id(world)
        world.send(told, NOW)
        assert world.posts.put_[0].link == (
            "https://eu-west-1.console.aws.amazon.com/elasticbeanstalk/home"
            "?region=eu-west-1#/environment/dashboard?environmentId=e-7"
        )


def known_by_id(world: World) -> Alert:
    told = new_alert(Kind.ENVIRONMENT_HELD, "x", NOW, "held", environment="shop-prod", environment_id="e-7")
    world.ledger.alerts.report(told)
    return told


class TestChannels:
    def test_an_application_may_have_its_own(self, world):
        world.parameters.documents["shop"] = 'slack: {channel: "#shop-ops"}'
        world.send(world.report(), NOW)
        assert world.posts.channels == ["#shop-ops"]

    def test_it_is_looked_up_once_a_minute(self, world):
        world.send(world.report(), NOW)
        world.parameters.documents["shop"] = 'slack: {channel: "#shop-ops"}'
        world.send(world.report(name="d-2"), NOW + REMEMBERED_FOR / 2)
        world.send(world.report(name="d-3"), NOW + REMEMBERED_FOR)
        assert world.posts.channels == ["#wardrop", "#wardrop", "#shop-ops"]

    def test_without_an_answer_of_parameter_store_it_is_the_stacks_and_nothing_waits(self, world):
        world.parameters.error = Unavailable("the configuration of shop cannot be read")
        assert world.send(world.report(), NOW)
        assert world.posts.channels == ["#wardrop"]
        assert len(world.topic.subjects) == 1

    def test_an_incoming_webhook_has_the_one_that_it_is_bound_to(self):
        world = SendWorld(channel=None)
        world.parameters.documents["shop"] = 'slack: {channel: "#shop-ops"}'
        world.send(world.report(), NOW)
        assert world.posts.channels == [None]


class FakeClient:
    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    def __getattr__(self, _name: str) -> Any:
        return lambda **given: self.given.append(given)


class TestQueue:
    def put(self, *channels: str | None) -> list[dict[str, Any]]:
        client = FakeClient()
        for channel in channels:
            SlackPosts(client, "url").put(Notification(alert=alert_of(queued()), channel=channel))
        return client.given

    def test_each_channel_is_a_message_group_also_those_that_sqs_cannot_spell(self):
        groups = [one["MessageGroupId"] for one in self.put("#ops", None, "#운영", "#a b", "#" + "x" * 200)]
        assert groups[:2] == ["#ops", "webhook"]
        assert all(len(one) == 64 and one.isalnum() for one in groups[2:])
        assert len(set(groups)) == 5

    def test_an_alert_is_queued_once_however_often_it_is_sent(self):
        first, again = self.put("#ops", "#ops")
        assert first["MessageDeduplicationId"] == again["MessageDeduplicationId"]


def test_the_topic_gives_each_reader_its_form():
    client, told = FakeClient(), alert_of(queued())
    published = publication(Notification(alert=told))
    Topic(client, "arn").publish(published)
    [given] = client.given
    assert (given["TopicArn"], given["Subject"], given["MessageStructure"]) == ("arn", published.subject, "json")
    assert json.loads(given["Message"]) == {
        "default": published.document,
        "email": published.text,
        "sms": published.subject,
    }
    assert given["MessageAttributes"]["kind"] == {"DataType": "String", "StringValue": "deployment_queued"}


FILES = event_files("send_alerts")


class TestHandler:
    @pytest.fixture
    def handled(self, world) -> Any:
        app = importlib.import_module("functions.send_alerts.app")

        def handle(name: str) -> list[str]:
            for record in FILES[name]["Records"]:
                if "NewImage" in record["dynamodb"]:
                    item = unserialized(record["dynamodb"]["NewImage"])
                    world.table.put(Put(Key(item["pk"], item["sk"]), item))
            answer = app.respond(FILES[name], world.send)
            return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

        return handle

    @pytest.mark.parametrize("name", [one for one in FILES if not one.endswith(("_ignored", "_unreadable"))])
    def test_what_the_filter_lets_through_is_sent(self, handled, world, name):
        assert handled(name) == []
        assert len(world.posts.put_) == len(FILES[name]["Records"])

    def test_the_first_that_fails_is_reported_so_that_the_order_is_kept(self, handled, world):
        world.topic.broken = True
        first, _second = FILES["deployment_queued_and_started"]["Records"]
        assert handled("deployment_queued_and_started") == [first["dynamodb"]["SequenceNumber"]]
        assert len(world.posts.put_) == 1

    def test_what_cannot_be_read_fails_and_stays_in_the_ledger(self, handled, world):
        assert len(handled("kind_of_a_newer_wardrop_unreadable")) == 1
        assert world.ledger.alerts.resend(NOW + timedelta(days=1), NOW)


@pytest.mark.parametrize(("name", "event"), FILES.items(), ids=FILES)
def test_the_streams_filter_lets_through_what_waits_to_be_sent_and_nothing_else(name, event):
    [mapping] = [
        one["Properties"]
        for one in gate.expand(gate.TEMPLATE.read_text())["Resources"].values()
        if one["Type"] == "AWS::Lambda::EventSourceMapping" and "FilterCriteria" in one["Properties"]
    ]
    [pattern] = [EventPattern.load(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]
    for record in event["Records"]:
        assert pattern.matches_event(record) is not name.endswith("_ignored")
