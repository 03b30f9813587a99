"""Reads a stream: stores each batch, and fails at a record that orders it."""

import json
import os
import time
from collections import Counter
from functools import cache
from typing import Any

import boto3

tries: Counter[str] = Counter()


@cache
def table() -> Any:
    return boto3.resource("dynamodb").Table(os.environ["INVOCATIONS"])


table()  # during the start of the function, which does not count towards its timeout


def handler(event: dict[str, Any], _context: object) -> Any:
    tag = event["Records"][0]["dynamodb"]["Keys"]["pk"]["S"]
    table().put_item(Item={"tag": tag, "at": str(time.time_ns()), "event": json.dumps(event)})
    failures = []
    for record in event["Records"]:
        number, order = record["dynamodb"]["SequenceNumber"], record["dynamodb"].get("NewImage", {})
        tries[number] += 1
        if "do" in order and tries[number] <= int(order["times"]["N"]):
            if order["do"]["S"] == "raise":
                raise RuntimeError("as ordered")
            failures.append({"itemIdentifier": number})
    return {"batchItemFailures": failures}
