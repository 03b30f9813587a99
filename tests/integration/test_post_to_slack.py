"""Posts to Slack's stand-in, through queue, function and HTTP. No post is lost or repeated."""

import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from local.cloud import Cloud
from local.settings import SLACK_SECRET, WEBHOOK_SECRET
from local.slack.workspace import REVOKED_TOKEN
from tests.integration.shop import STAGING, Shop, archive
from tests.unit.samples import ROOT
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, Notification, new_alert
from wardrop.deployments.state import State

PATIENCE_SECONDS = 120.0


@dataclass
class Channel:
    """Sends alerts to a channel, and reads the messages that arrive there."""

    cloud: Cloud
    name: str = "#wardrop"
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def send(self, *alerts: Alert) -> None:
        for alert in alerts:
            self.cloud.client("sqs").send_message(
                QueueUrl=self.cloud.resources["SlackPosts"]["ref"],
                MessageBody=msgspec.json.encode(Notification(alert=alert, channel=self.name)).decode(),
                MessageGroupId=self.name,
                MessageDeduplicationId=uuid.uuid4().hex,
            )

    def change_alert(self, number: int, kind: Kind = Kind.DEPLOYMENT_STARTED) -> Alert:
        return new_alert(
            kind,
            f"{self.run}/{number}",
            datetime.now(UTC),
            f"{self.run} change {number}",
            environment="shop-prod",
            version_label="shop-42",
            deployment=self.run,
            change=number,
        )

    def rejection_alert(self, number: int, **differs: Any) -> Alert:
        alert = new_alert(Kind.DROP_REJECTED, f"{self.run}/{number}", datetime.now(UTC), f"{self.run} no {number}")
        return msgspec.structs.replace(alert, **differs)

    def messages(self) -> list[dict[str, Any]]:
        return [message for message in self.cloud.control("GET", "/slack/messages") if self.run in json.dumps(message)]

    def await_messages(self, *texts: str) -> list[dict[str, Any]]:
        """Waits until each text is in a message of this test. Returns these messages, oldest first."""

        def look() -> list[dict[str, Any]]:
            messages = self.messages()
            return messages if all(f"{self.run} {text}" in json.dumps(messages) for text in texts) else []

        return self.cloud.eventually(look, PATIENCE_SECONDS)

    def fault(self, kind: str, **given: Any) -> None:
        self.cloud.control("POST", "/faults", {"fault": kind, **given})

    def remove_faults(self) -> None:
        self.cloud.control("DELETE", "/faults")

    def secret(self, name: str = SLACK_SECRET) -> str:
        text: str = self.cloud.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        return text

    def set_secret(self, text: str) -> None:
        self.cloud.client("secretsmanager").put_secret_value(SecretId=SLACK_SECRET, SecretString=text)

    def await_log(self, words: str, before: int = 0) -> dict[str, Any]:
        """Waits for a line with these words after the first `before` lines of the log."""

        def look() -> dict[str, Any] | None:
            return next((line for line in self.log()[before:] if words in line["message"]), None)

        line = self.cloud.eventually(look, PATIENCE_SECONDS)
        assert line is not None
        return line

    def log(self) -> list[dict[str, Any]]:
        return Shop(self.cloud).log("PostToSlack")


@pytest.fixture
def channel(cloud: Cloud, least_privilege: None) -> Iterator[Channel]:  # noqa: ARG001 - requested for its check
    """After each test, Slack has no faults, the secret is restored, and no message waits or has failed."""
    channel, shop = Channel(cloud), Shop(cloud)
    secret = channel.secret()
    _empty_queue(cloud, shop)
    yield channel
    channel.remove_faults()
    channel.set_secret(secret)
    cloud.eventually(lambda: shop.message_count("SlackPosts") == 0, PATIENCE_SECONDS)
    assert shop.message_count("SlackPostsDead") == 0


def _empty_queue(cloud: Cloud, shop: Shop) -> None:
    """Alerts of other tests would be posted first, one a second."""
    sqs = cloud.client("sqs")
    with suppress(sqs.exceptions.PurgeQueueInProgress):  # SQS purges a queue at most once a minute
        sqs.purge_queue(QueueUrl=cloud.resources["SlackPosts"]["ref"])
    cloud.eventually(lambda: shop.message_count("SlackPosts") == 0, 2 * PATIENCE_SECONDS)


def test_a_failed_deployment_quotes_the_cause_from_its_log_in_s3_without_secrets(shop: Shop) -> None:
    log = (ROOT / "local/demo/failed-start.log").read_text() + "<!channel> @here password=hunter2\n"
    shop.fault("deployment-log", environment=STAGING, text=log)
    silent = archive({"WEB-INF/web.xml": "<web-app/>", "l": "l"})
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/logged-1.war", silent))
    assert ended.state is State.ROLLED_BACK
    cause = (
        "java.lang.IllegalStateException: environment variable SHOP_DB_URL is not set (jdbc:postgresql://****@db/shop)"
    )
    assert f'a setting or an environment variable is missing: "{cause}"' in ended.reason
    assert ended.explanation is not None
    bucket, _, key = ended.explanation.log.removeprefix("s3://").partition("/")
    assert "hunter2" in shop.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    alerts = [alert for alert in shop.alerts(deployment=ended.id) if alert["kind"] == "deployment_rolling_back"]
    frame = "at com.acme.shop.Settings.require(Settings.java:7)"
    quotes = [{"S": text} for text in (cause, "java.io.IOException: no settings", frame)]
    assert [alert["log_lines"][:3] for alert in alerts] == [quotes]

    def quoted() -> list[dict[str, Any]]:
        messages = shop.cloud.control("GET", "/slack/messages")
        return [message for message in messages if message["thread_ts"] and f"> {cause}" in json.dumps(message)]

    thread = shop.cloud.eventually(quoted, PATIENCE_SECONDS)
    assert not [
        secret for secret in ("hunter2", "geheim") if secret in json.dumps([thread, shop.alerts(), ended.reason])
    ]


def test_a_deployment_is_one_message_with_its_changes_in_the_thread_and_no_change_is_posted_twice(channel):
    one, two, four = (
        channel.change_alert(1),
        channel.change_alert(2, Kind.DEPLOYMENT_BAKING),
        channel.change_alert(4, Kind.DEPLOYMENT_SUCCEEDED),
    )
    channel.send(one, two, four)
    channel.await_messages("change 4")
    channel.send(four, channel.change_alert(3, Kind.DEPLOYMENT_BAKING))
    root, *replies = channel.await_messages("change 1", "change 2", "change 3", "change 4")
    assert "was deployed" in root["text"]
    assert "change 4" in json.dumps(root)
    assert {reply["thread_ts"] for reply in replies} == {root["ts"]}
    assert sum(message["thread_ts"] is None for message in channel.messages()) == 1
    blocks = [block for reply in replies for block in reply["blocks"] if "change 4" in json.dumps(block)]
    assert len(blocks) <= 1


def test_while_slack_is_down_nothing_is_lost_and_the_order_is_kept(channel):
    before = len(channel.log())
    channel.fault("slack-down")
    channel.send(*(channel.rejection_alert(number) for number in range(3)))
    assert channel.await_log("posted later", before)["level"] == "WARNING"
    channel.remove_faults()
    messages = channel.await_messages("no 0", "no 1", "no 2")
    assert [message["text"][-4:] for message in messages] == ["no 0", "no 1", "no 2"]


def test_posts_are_a_second_apart_also_across_invocations_and_retry_after_is_respected(channel):
    channel.send(channel.rejection_alert(0))
    channel.await_messages("no 0")
    channel.fault("slack-429", times=1, seconds=3)
    channel.send(*(channel.rejection_alert(number) for number in range(1, 4)))
    at = [float(message["ts"]) for message in channel.await_messages("no 0", "no 1", "no 2", "no 3")]
    gaps = [after - before for before, after in pairwise(at)]
    assert len(gaps) == 3
    assert gaps[0] > 2.9
    assert min(gaps) > 0.9


def test_with_a_revoked_token_alerts_wait_for_a_new_secret_and_no_log_contains_it(channel):
    good, before = channel.secret(), len(channel.log())
    channel.set_secret(json.dumps(json.loads(good) | {"bot_token": REVOKED_TOKEN}))
    channel.fault("slack-revoked", times=1)
    channel.send(channel.rejection_alert(0))
    line = channel.await_log("token_revoked", before)
    assert line["level"] == "ERROR"
    assert "exception" not in line
    channel.set_secret(good)
    channel.await_messages("no 0")
    assert "xoxb" not in json.dumps(channel.log())


@pytest.mark.parametrize("name", ["#elsewhere", "#archived", "#never-made"])
def test_alerts_that_a_channel_refuses_are_posted_to_the_channel_of_the_stack(channel, name):
    channel.name = name
    channel.send(channel.rejection_alert(0))
    [message] = channel.await_messages("no 0")
    assert message["channel"] == "#wardrop"
    assert f"Slack refused this message in {name}" in json.dumps(message)


def test_a_backlog_is_posted_as_one_message(channel):
    before, long_ago = len(channel.log()), datetime.now(UTC) - timedelta(hours=1)
    channel.fault("slack-down")
    channel.send(*(channel.rejection_alert(number, at=long_ago) for number in range(8)))
    channel.await_log("posted later", before)
    channel.remove_faults()
    # The function may have received the first alert before the others were sent.
    assert len(channel.await_messages(*(f"no {number}" for number in range(8)))) <= 2


def test_a_webhook_gets_no_alerts_on_queued_deployments(channel):
    channel.fault("slack-revoked", times=1)
    channel.set_secret(channel.secret(WEBHOOK_SECRET))
    channel.send(channel.change_alert(1, Kind.DEPLOYMENT_QUEUED), channel.rejection_alert(0), channel.change_alert(2))
    assert len(channel.await_messages("no 0", "change 2")) == 2
    assert "change 1" not in json.dumps(channel.messages())
