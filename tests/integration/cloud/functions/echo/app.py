"""Answers with the event, or with the answer that the body orders."""

import json
from typing import Any


def handler(event: dict[str, Any], _context: object) -> Any:
    order = json.loads(event["body"]) if event.get("body") and not event["isBase64Encoded"] else {}
    if "raise" in order:
        raise RuntimeError(order["raise"])
    return order.get("answer", event)
