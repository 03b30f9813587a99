"""The ledger's stream as send_alerts sees it: records with an alert each, in order."""

import logging
from collections.abc import Callable
from typing import Any

from wardrop.alerts.model import Alert
from wardrop.aws.ledger.alerts import read_image

_logger = logging.getLogger(__name__)


def each_alert(event: dict[str, Any], process: Callable[[Alert], None]) -> dict[str, Any]:
    """Stops at the first alert that fails, and answers so that Lambda delivers it and all later ones again."""
    for record in event["Records"]:
        written = record["dynamodb"]
        try:
            process(read_image(written["NewImage"]))
        except Exception:  # the stream keeps the order: nothing later may be sent first
            _logger.exception("the alert %s could not be sent", written["Keys"])
            return {"batchItemFailures": [{"itemIdentifier": written["SequenceNumber"]}]}
    return {"batchItemFailures": []}
