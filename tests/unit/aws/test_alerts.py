"""Alerts in the ledger are reported once, and are delivered again until they are sent."""

from datetime import timedelta
from typing import Any

from tests.unit.samples import NOW, TABLE, queued, update
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.aws.ledger.alerts import Alerts, read_image
from wardrop.aws.ledger.item import Item, Key
from wardrop.aws.ledger.table import Table
from wardrop.deployments.announcement import alert_of
from wardrop.environments.model import Progress

MINUTE = timedelta(minutes=1)


def rejected(subject: str = "s3://drops/a#1", **differs: Any) -> Alert:
    return new_alert(Kind.DROP_REJECTED, subject, NOW, "no", **differs)


def items(dynamodb: Any) -> list[dict[str, Any]]:
    return list(dynamodb.scan(TableName=TABLE)["Items"])


def test_an_alert_is_reported_once(ledger, dynamodb):
    assert ledger.alerts.report(rejected())
    assert not ledger.alerts.report(rejected())
    [item] = items(dynamodb)
    assert item["expires_at"] == {"N": str(rejected().expires_at)}


def test_an_alert_about_the_longest_key_of_s3_is_reported_once(ledger, dynamodb):
    long = "s3://drops/" + 512 * "ä"
    assert ledger.alerts.report(rejected(long + "#1"))
    assert ledger.alerts.report(rejected(long + "#2"))
    assert not ledger.alerts.report(rejected(long + "#2"))
    assert all(len(item["sk"]["S"].encode()) <= 1024 for item in items(dynamodb))


def test_alerts_of_one_environment_share_a_partition_so_that_the_stream_keeps_their_order(ledger, dynamodb):
    ledger.alerts.report(alert_of(queued()))
    ledger.alerts.report(rejected(environment="shop-staging", application="shop"))
    ledger.alerts.report(rejected(application="shop"))
    ledger.alerts.report(rejected())
    assert sorted(item["pk"]["S"] for item in items(dynamodb)) == [
        "alerts/account",
        "alerts/shop",
        "alerts/shop-staging",
        "alerts/shop-staging",
    ]


def test_an_alert_of_a_newer_wardrop_is_read_from_the_stream(ledger, dynamodb):
    written = alert_of(queued(update=update(progress=Progress(done=1, instances=4))))
    ledger.alerts.report(written)
    [item] = items(dynamodb)
    assert read_image(item | {"of_tomorrow": {"S": "kept"}}) == written


class TestUnsent:
    def test_an_alert_that_was_not_sent_in_time_is_delivered_again_and_then_not_at_once(self, ledger, dynamodb):
        ledger.alerts.report(rejected())
        assert ledger.alerts.resend(NOW, NOW + MINUTE) == []
        assert ledger.alerts.resend(NOW + MINUTE, NOW + 6 * MINUTE) == [rejected().alert_id]
        assert ledger.alerts.resend(NOW + 2 * MINUTE, NOW + 7 * MINUTE) == []
        [item] = items(dynamodb)
        assert read_image(item) == rejected()

    def test_an_alert_that_was_sent_is_not_delivered_again(self, ledger):
        ledger.alerts.report(rejected())
        ledger.alerts.mark_sent(rejected())
        assert ledger.alerts.resend(NOW + MINUTE, NOW + 6 * MINUTE) == []
        assert not ledger.alerts.report(rejected())

    def test_an_alert_that_is_sent_while_it_is_read_is_not_delivered_again_and_the_next_one_is(self, dynamodb):
        class SentMeanwhile(Table):
            """Another invocation sends the alert after it was read."""

            def get(self, key: Key) -> Item | None:
                item = super().get(key)
                if key.sk == rejected().alert_id:
                    Alerts(self).mark_sent(rejected())
                return item

        alerts = Alerts(SentMeanwhile(dynamodb, TABLE))
        alerts.report(rejected())
        alerts.report(rejected("s3://drops/b#1"))
        assert alerts.resend(NOW + MINUTE, NOW + 6 * MINUTE) == [rejected("s3://drops/b#1").alert_id]

    def test_an_expired_alert_stays_deleted_when_it_is_marked_as_sent(self, ledger, dynamodb):
        ledger.alerts.mark_sent(rejected())
        assert items(dynamodb) == []
