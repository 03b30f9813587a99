"""What AWS refuses and moto takes, by API operation; the words are AWS's where they are known."""

import re
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.sqs.models import Queue, sqs_backends

from local.permissions import Permissions
from local.schedules import InvalidExpression, parse
from local.settings import ACCOUNT, REGION

TAG_TEXT = re.compile(r"[\w +\-=.:/@]*")
"""S3 user guide, "Object tagging": letters, spaces and numbers in UTF-8, and + - = . _ : / @."""


class Refused(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def _put_object_tagging(given: dict[str, Any]) -> None:
    tags = given.get("Tagging", {}).get("TagSet", [])
    keys = [tag["Key"] for tag in tags]
    if len(tags) > 10:
        raise Refused("BadRequest", "Object tags cannot be greater than 10")
    if len(set(keys)) != len(keys):
        raise Refused("InvalidTag", "Cannot provide multiple Tags with the same key")
    for tag in tags:
        key, value = tag["Key"], tag.get("Value", "")
        if not 1 <= len(key) <= 128 or not TAG_TEXT.fullmatch(key) or key.lower().startswith("aws:"):
            raise Refused("InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > 256 or not TAG_TEXT.fullmatch(value):
            raise Refused("InvalidTag", "The TagValue you have provided is invalid")


def _create_mapping(given: dict[str, Any]) -> None:
    def refuse(message: str) -> None:
        raise Refused("InvalidParameterValueException", message)

    source = given.get("EventSourceArn", "")
    if ":sqs:" not in source:
        return
    queue = _queue(source)
    function = lambda_backends[ACCOUNT][REGION].get_function(given["FunctionName"])
    size, window = given.get("BatchSize", 10), given.get("MaximumBatchingWindowInSeconds", 0)
    if queue is None:
        raise Refused(
            "InvalidParameterValueException",
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue",
        )
    if queue.visibility_timeout < function.timeout:
        refuse(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than "
            f"Function timeout: {function.timeout} seconds"
        )
    if queue.fifo_queue and window:
        refuse("Batching window is not supported for FIFO queues")
    if size > 10 and queue.fifo_queue:
        refuse("Maximum batch size for FIFO queues is 10")
    if size > 10 and not window:
        refuse("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
    for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        if not Permissions().role_may(function.role, f"sqs:{action}", source):
            refuse(f"The provided execution role does not have permissions to call {action} on SQS")


def _subscribe(given: dict[str, Any]) -> None:
    # AWS: a standard topic may not feed a FIFO queue; a FIFO topic may feed both since 2023
    if (
        given.get("Protocol") == "sqs"
        and given["Endpoint"].endswith(".fifo")
        and not given["TopicArn"].endswith(".fifo")
    ):
        reason = "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise Refused("InvalidParameter", f"Invalid parameter: {reason}")


def _redrive(given: dict[str, Any]) -> None:
    import json

    attributes = given.get("Attributes", {})
    if "RedrivePolicy" not in attributes or not attributes["RedrivePolicy"]:
        return
    target = _queue(json.loads(attributes["RedrivePolicy"]).get("deadLetterTargetArn", ""))
    name = given.get("QueueName") or given["QueueUrl"].rsplit("/", 1)[1]
    if target is not None and target.fifo_queue != name.endswith(".fifo"):
        raise Refused("InvalidParameterValue", "Dead-letter queue must be same type of queue as the source")


def _create_schedule(given: dict[str, Any]) -> None:
    try:
        parse(given["ScheduleExpression"], given.get("ScheduleExpressionTimezone", "UTC"))
    except InvalidExpression as error:
        raise Refused("ValidationException", str(error)) from error


def _put_targets(given: dict[str, Any]) -> None:
    known = {"Id", "Arn", "DeadLetterConfig", "Input", "RetryPolicy", "SqsParameters"}
    for target in given["Targets"]:
        if unknown := target.keys() - known:
            raise Refused("ValidationException", f"{', '.join(sorted(unknown))} of a target is not known here")


def _queue(arn: str) -> Queue | None:
    return sqs_backends[ACCOUNT][REGION].queues.get(arn.rsplit(":", 1)[-1])


REFUSALS: dict[tuple[str, str], Callable[[dict[str, Any]], None]] = {
    ("events", "PutTargets"): _put_targets,
    ("lambda", "CreateEventSourceMapping"): _create_mapping,
    ("s3", "PutObjectTagging"): _put_object_tagging,
    ("scheduler", "CreateSchedule"): _create_schedule,
    ("sns", "Subscribe"): _subscribe,
    ("sqs", "CreateQueue"): _redrive,
    ("sqs", "SetQueueAttributes"): _redrive,
}
