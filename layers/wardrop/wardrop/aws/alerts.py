"""What people should know, on its way: written with what it tells, marked until it is sent, carried by the stream."""

from datetime import datetime
from typing import Any

import msgspec

from wardrop.alerts.model import Alert
from wardrop.aws.table import NEW, Table, fields, key, plain
from wardrop.errors import Outdated

ACTIVE_ALERT = "alert"
"""As long as it is not sent; the filter of the stream in template.yaml reads it."""

MOST_CARRIED_AGAIN = 50


class Alerts(Table):
    def tell(self, alert: Alert) -> bool:
        """For what no change of the ledger goes with; False if it has been told before."""
        try:
            self._write(self._alert(alert, NEW))
        except Outdated:
            return False
        return True

    def waits(self, alert: Alert) -> bool:
        """Whether it has still to be sent; the stream may bring it more than once."""
        item = self._get(_partition(alert), alert.alert_id)
        return item is not None and "active" in item

    def sent(self, alert: Alert) -> None:
        """Out of what waits to be sent, if it has not expired meanwhile."""
        self._updated(
            {
                "TableName": self._table,
                "Key": key(_partition(alert), alert.alert_id),
                "UpdateExpression": "REMOVE active",
                "ConditionExpression": "attribute_exists(pk)",
            }
        )

    def carry_again(self, before: datetime, now: datetime) -> list[str]:
        """Put into the stream anew what has waited since before then; returns the ids.

        Lambda gives a batch of the stream up after its retries; the alerts in it are still here.
        """
        carried = []
        for found in self._indexed(ACTIVE_ALERT, "pk, sk", MOST_CARRIED_AGAIN):
            item = self._get(found["pk"], found["sk"])
            if item is None or "active" not in item or _carried_at(item) >= before:
                continue
            still_waits = {
                "TableName": self._table,
                "Key": key(found["pk"], found["sk"]),
                "UpdateExpression": "SET carried_at = :now",
                "ConditionExpression": "attribute_exists(active)",
                "ExpressionAttributeValues": {":now": {"S": now.isoformat()}},
            }
            if self._updated(still_waits):
                carried.append(found["sk"])
        return carried

    def _alert(self, alert: Alert, condition: dict[str, Any] | None = None) -> Any:
        # The stream keeps the order of what has one partition key.
        return self._put(_partition(alert), alert.alert_id, fields(alert) | {"active": ACTIVE_ALERT}, condition)


def read_image(image: dict[str, Any]) -> Alert:
    """Of a record of the stream. Raises msgspec.ValidationError."""
    return msgspec.convert(plain(image), Alert)


def _partition(alert: Alert) -> str:
    return f"alerts/{alert.subject}"


def _carried_at(item: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(item.get("carried_at") or item["at"])
