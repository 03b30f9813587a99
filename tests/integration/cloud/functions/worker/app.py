"""Does what the body of a message orders, and stores each event that it gets."""

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


client("dynamodb")  # during the start of the function, which does not count towards its timeout


def store(tag: str, event: dict[str, Any]) -> None:
    item = {"tag": tag, "at": f"{time.time_ns()}-{uuid.uuid4()}", "event": json.dumps(event)}
    client("dynamodb").put_item(TableName=os.environ["INVOCATIONS"], Item={k: {"S": v} for k, v in item.items()})


def handler(event: dict[str, Any], context: Any) -> Any:
    if "Records" not in event:
        detail = event.get("detail", event)
        store(detail.get("tag", "none"), event)
        if detail.get("fail"):
            raise RuntimeError(detail["fail"])
        return detail
    orders = [json.loads(record["body"]) for record in event["Records"]]
    store(orders[0]["tag"], event)
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
                raise RuntimeError("as ordered")
            case "exit":
                os._exit(3)
            case "sleep":
                time.sleep(order["seconds"])
            case "answer":
                return order["answer"]
            case "arn":
                store(f"{order['tag']}-outcome", {"arn": context.invoked_function_arn})
            case "call":
                return {"batchItemFailures": [], "answered": call(order)}
    return {"batchItemFailures": failures}


def hide(record: dict[str, Any], seconds: int) -> None:
    """Sets the time after which the message is visible again. It replaces the timeout of the queue."""
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=record["eventSourceARN"].rsplit(":", 1)[1])["QueueUrl"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds)


def call(order: dict[str, Any]) -> None:
    """Makes an API call with the rights of the function, and stores the outcome."""
    try:
        getattr(client(order["service"]), order["operation"])(**order["with"])
        outcome = {"answer": "allowed"}
    except client(order["service"]).exceptions.ClientError as error:
        outcome = error.response["Error"]
    store(f"{order['tag']}-outcome", outcome)
