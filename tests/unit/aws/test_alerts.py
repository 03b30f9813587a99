"""Alerts in the ledger: told once, waiting until they are sent, carried again if they wait too long."""

from datetime import timedelta
from typing import Any

from tests.unit.samples import NOW, TABLE, queued, update
from wardrop.alerts import model as alert
from wardrop.alerts.model import Alert, Kind
from wardrop.aws.alerts import read_image
from wardrop.aws.ledger import Ledger
from wardrop.deployments.announcement import alert_of
from wardrop.environments.model import Progress

MINUTE = timedelta(minutes=1)


def told(subject: str = "s3://drops/a#1", **differs: Any) -> Alert:
    return alert.alert(Kind.DROP_REJECTED, subject, NOW, "no", **differs)


def items(dynamodb: Any) -> list[dict[str, Any]]:
    return list(dynamodb.scan(TableName=TABLE)["Items"])


def test_what_has_been_told_is_not_told_again(ledger, dynamodb):
    assert ledger.tell(told())
    assert not ledger.tell(told())
    [item] = items(dynamodb)
    assert item["expires_at"] == {"N": str(told().expires_at)}


def test_what_is_about_the_longest_key_of_s3_is_told_once_too(ledger, dynamodb):
    long = "s3://drops/" + 512 * "ä"
    assert ledger.tell(told(long + "#1"))
    assert ledger.tell(told(long + "#2"))
    assert not ledger.tell(told(long + "#2"))
    assert all(len(item["sk"]["S"].encode()) <= 1024 for item in items(dynamodb))


def test_alerts_of_one_environment_share_a_partition_so_that_the_stream_keeps_their_order(ledger, dynamodb):
    ledger.tell(alert_of(queued()))
    ledger.tell(told(environment="shop-staging", application="shop"))
    ledger.tell(told(application="shop"))
    ledger.tell(told())
    assert sorted(item["pk"]["S"] for item in items(dynamodb)) == [
        "alerts/account",
        "alerts/shop",
        "alerts/shop-staging",
        "alerts/shop-staging",
    ]


def test_it_comes_out_of_the_stream_as_it_was_written_also_from_a_newer_wardrop(ledger, dynamodb):
    written = alert_of(queued(update=update(progress=Progress(done=1, instances=4))))
    ledger.tell(written)
    [item] = items(dynamodb)
    assert read_image(item | {"of_tomorrow": {"S": "kept"}}) == written


class TestWaiting:
    def test_what_nobody_sent_in_time_is_carried_again_and_not_at_once_once_more(self, ledger, dynamodb):
        ledger.tell(told())
        assert ledger.carry_again(NOW, NOW + MINUTE) == []
        assert ledger.carry_again(NOW + MINUTE, NOW + 6 * MINUTE) == [told().alert_id]
        assert ledger.carry_again(NOW + 2 * MINUTE, NOW + 7 * MINUTE) == []
        [item] = items(dynamodb)
        assert read_image(item) == told()

    def test_what_is_sent_waits_no_longer(self, ledger):
        ledger.tell(told())
        ledger.sent(told())
        assert ledger.carry_again(NOW + MINUTE, NOW + 6 * MINUTE) == []
        assert not ledger.tell(told())

    def test_what_is_sent_while_it_is_looked_at_is_not_carried_again_and_holds_up_nothing(self, dynamodb):
        class SentMeanwhile(Ledger):
            def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
                read = super()._get(pk, sk)
                if sk == told().alert_id:
                    self.sent(told())
                return read

        ledger = SentMeanwhile(dynamodb, TABLE)
        ledger.tell(told())
        ledger.tell(told("s3://drops/b#1"))
        assert ledger.carry_again(NOW + MINUTE, NOW + 6 * MINUTE) == [told("s3://drops/b#1").alert_id]

    def test_what_has_expired_does_not_come_back_by_being_sent(self, ledger, dynamodb):
        ledger.sent(told())
        assert items(dynamodb) == []
