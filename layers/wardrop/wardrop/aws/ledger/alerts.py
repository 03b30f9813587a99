"""Alerts in the ledger. The table's stream delivers each alert to send_alerts, which marks the alert as sent."""

from datetime import datetime
from typing import Any

import msgspec

from wardrop.alerts.model import Alert
from wardrop.aws.ledger.item import Item, Key, attributes_of, unserialized
from wardrop.aws.ledger.table import NEW, Condition, Put, Table, Update
from wardrop.errors import Outdated

UNSENT = "alert"
"""The value of the attribute `active` in an unsent alert.

The stream's event filter in template.yaml selects records with this value.
"""

MOST_RESENT = 50

MAX_SUBJECT = 400
"""The maximum number of characters of a subject in a key.

A partition key has at most 2,048 bytes, and a name in Beanstalk has at most 100 characters.
"""


class Alerts:
    def __init__(self, table: Table) -> None:
        self._table = table

    def report(self, alert: Alert) -> bool:
        """Writes only an alert to the ledger. Returns False if the ledger already contains the alert."""
        try:
            self._table.write(put_alert(alert, NEW))
        except Outdated:
            return False
        return True

    def is_unsent(self, alert: Alert) -> bool:
        """Whether the alert still has to be sent. The stream may deliver an alert more than once."""
        item = self._table.get(_key(alert))
        return item is not None and "active" in item

    def mark_sent(self, alert: Alert) -> None:
        """Marks the alert as sent. If the alert has expired, nothing is written."""
        self._table.update(Update(_key(alert), "REMOVE active", condition=Condition("attribute_exists(pk)")))

    def resend(self, before: datetime, now: datetime) -> list[str]:
        """Rewrites unsent alerts that are older than `before`, so that the stream delivers them. Returns their ids.

        After some attempts, Lambda stops retrying a batch of the stream. The ledger still contains the batch's alerts.
        """
        resent = []
        for unsent in self._table.active(UNSENT, ["pk", "sk"], MOST_RESENT):
            key = Key(unsent["pk"], unsent["sk"])
            item = self._table.get(key)
            if item is None or "active" not in item or _delivered_at(item) >= before:
                continue
            again = Update(
                key, "SET resent_at = :now", {":now": now.isoformat()}, Condition("attribute_exists(active)")
            )
            if self._table.update(again):
                resent.append(key.sk)
        return resent


def put_alert(alert: Alert, condition: Condition | None = None) -> Put:
    return Put(_key(alert), attributes_of(alert) | {"active": UNSENT}, condition)


def read_image(image: dict[str, Any]) -> Alert:
    """Returns the alert in a record of the stream. Raises msgspec.ValidationError."""
    return msgspec.convert(unserialized(image), Alert)


def _key(alert: Alert) -> Key:
    """Returns the key of an alert.

    Alerts with the same subject have the same partition key, so the stream keeps their order.
    """
    return Key(f"alerts/{alert.subject[:MAX_SUBJECT]}", alert.alert_id)


def _delivered_at(item: Item) -> datetime:
    return datetime.fromisoformat(item.get("resent_at") or item["at"])
