"""Reads the alerts in the records of the ledger's stream, in order."""

import logging
from collections.abc import Callable
from typing import Any

from wardrop.alerts.model import Alert
from wardrop.aws.ledger.alerts import read_image

_logger = logging.getLogger(__name__)


def each_alert(event: dict[str, Any], process: Callable[[Alert], None]) -> dict[str, Any]:
    """Processes the alerts in order, and stops at the first alert that fails.

    In this case, the response makes Lambda deliver the failed alert and all later alerts again.
    """
    for record in event["Records"]:
        written = record["dynamodb"]
        try:
            process(read_image(written["NewImage"]))
        except Exception:  # later alerts must not be sent before this alert
            _logger.exception("the alert %s could not be sent", written["Keys"])
            return {"batchItemFailures": [{"itemIdentifier": written["SequenceNumber"]}]}
    return {"batchItemFailures": []}
