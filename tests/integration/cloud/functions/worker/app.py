"""Does what a message's body says, and writes down what it was given."""

import json
import os
import time
import uuid
from functools import cache
from typing import Any

import boto3


@cache
def client(service: str) -> Any:
    return boto3.client(service)


def seen(tag: str, event: dict[str, Any]) -> None:
    item = {"tag": tag, "at": f"{time.time_ns()}-{uuid.uuid4()}", "event": json.dumps(event)}
    client("dynamodb").put_item(TableName=os.environ["SEEN"], Item={k: {"S": v} for k, v in item.items()})


def handler(event: dict[str, Any], context: Any) -> Any:
    if "Records" not in event:
        told = event.get("detail", event)
        seen(told.get("tag", "none"), event)
        if told.get("fail"):
            raise RuntimeError(told["fail"])
        return told
    orders = [json.loads(record["body"]) for record in event["Records"]]
    seen(orders[0]["tag"], event)
    failures = []
    for record, order in zip(event["Records"], orders, strict=True):
        count = int(record["attributes"]["ApproximateReceiveCount"])
        match order.get("do") if count <= order.get("times", 100) else None:
            case "report":
                failures.append({"itemIdentifier": record["messageId"]})
            case "hide":
                hide(record, order["seconds"])
                failures.append({"itemIdentifier": record["messageId"]})
            case "raise":
                raise RuntimeError("told to")
            case "exit":
                os._exit(3)
            case "sleep":
                time.sleep(order["seconds"])
            case "answer":
                return order["answer"]
            case "who":
                seen(f"{order['tag']}-outcome", {"arn": context.invoked_function_arn})
            case "call":
                return {"batchItemFailures": [], "answered": call(order)}
    return {"batchItemFailures": failures}


def hide(record: dict[str, Any], seconds: int) -> None:
    """Has the message come back when the function says, not when its queue does."""
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=record["eventSourceARN"].rsplit(":", 1)[1])["QueueUrl"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds)


def call(order: dict[str, Any]) -> None:
    """An API call in the function's own name; what came of it is written down."""
    try:
        getattr(client(order["service"]), order["operation"])(**order["with"])
        outcome = {"answer": "allowed"}
    except client(order["service"]).exceptions.ClientError as error:
        outcome = error.response["Error"]
    seen(f"{order['tag']}-outcome", outcome)
