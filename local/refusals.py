"""What AWS refuses and moto takes, by API operation, in AWS's words where they are known; and what is not done here."""

import json
import re
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core.exceptions import ServiceException
from moto.sqs.models import Queue, sqs_backends

from local.asynchronous import seconds_of
from local.permissions import role_may
from local.settings import ACCOUNT, REGION

TAG_TEXT = re.compile(r"[\w +\-=.:/@]*")
"""S3 user guide, "Object tagging": letters, spaces and numbers in UTF-8, and + - = . _ : / @."""


class Refused(ServiceException):  # type: ignore[misc]
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message)
        self.status = status


def _put_object_tagging(given: dict[str, Any]) -> None:
    tags = given.get("Tagging", {}).get("TagSet", [])
    if len(tags) > 10:
        raise Refused("BadRequest", "Object tags cannot be greater than 10")
    if len({tag["Key"] for tag in tags}) != len(tags):
        raise Refused("InvalidTag", "Cannot provide multiple Tags with the same key")
    for tag in tags:
        key, value = tag["Key"], tag.get("Value", "")
        if not 1 <= len(key) <= 128 or not TAG_TEXT.fullmatch(key) or key.lower().startswith("aws:"):
            raise Refused("InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > 256 or not TAG_TEXT.fullmatch(value):
            raise Refused("InvalidTag", "The TagValue you have provided is invalid")


def _create_mapping(given: dict[str, Any]) -> None:
    queue = _queue(given["EventSourceArn"])
    function = lambda_backends[ACCOUNT][REGION].get_function(given["FunctionName"])
    size, window = given.get("BatchSize", 10), given.get("MaximumBatchingWindowInSeconds", 0)
    actions = [f"sqs:{action}" for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")]
    message = None
    if queue is None:
        message = f"{given['EventSourceArn']} is not a queue that exists; nothing else is read here."
    elif queue.visibility_timeout < function.timeout:
        shorter = f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than"
        message = f"{shorter} Function timeout: {function.timeout} seconds"
    elif queue.fifo_queue and window:
        message = "Batching window is not supported for FIFO queues"
    elif queue.fifo_queue and size > 10:
        message = "Maximum batch size for FIFO queues is 10"
    elif size > 10 and not window:
        message = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    elif missing := [action for action in actions if not role_may(function.role, action, queue.queue_arn)]:
        called = missing[0].removeprefix("sqs:")
        message = f"The provided execution role does not have permissions to call {called} on SQS"
    if message:
        raise Refused("InvalidParameterValueException", message)


def _subscribe(given: dict[str, Any]) -> None:
    # AWS: a standard topic may not feed a FIFO queue; a FIFO topic may feed both since 2023
    if given.get("Endpoint", "").endswith(".fifo") and not given["TopicArn"].endswith(".fifo"):
        reason = "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise Refused("InvalidParameter", f"Invalid parameter: {reason}")


def _redrive(given: dict[str, Any]) -> None:
    policy = json.loads(given.get("Attributes", {}).get("RedrivePolicy") or "{}")
    target = _queue(policy.get("deadLetterTargetArn", ""))
    name = given.get("QueueName") or given["QueueUrl"]
    if target is not None and target.fifo_queue != name.endswith(".fifo"):
        raise Refused("InvalidParameterValue", "Dead-letter queue must be same type of queue as the source")


def _create_schedule(given: dict[str, Any]) -> None:
    try:
        seconds_of(given["ScheduleExpression"])
    except ValueError as error:
        raise Refused("ValidationException", str(error)) from error


def _put_targets(given: dict[str, Any]) -> None:
    for target in given["Targets"]:
        if unknown := target.keys() - {"Id", "Arn", "DeadLetterConfig"}:
            raise Refused("ValidationException", f"{', '.join(sorted(unknown))} of a target is not known here")
        if ":sqs:" not in target["Arn"]:
            raise Refused("ValidationException", f"{target['Arn']}: only a queue is known here as a rule's target")


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
