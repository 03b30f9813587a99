"""Refuses requests that AWS refuses but moto accepts, with AWS's error messages if they are known.

Also refuses requests that the stand-in does not support.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.core.exceptions import ServiceException
from moto.events.exceptions import InvalidEventPatternException
from moto.sqs.models import Queue, sqs_backends

from local.aws import streams
from local.aws.functions import name_of
from local.aws.permissions import role_may
from local.aws.schedules import seconds_of
from local.settings import ACCOUNT, REGION

OF_STREAMS = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "StartingPosition",
)
"""Parameters that only mappings of streams accept."""
LONGEST_MESSAGE = 262_144
WIDGETS = {"alarm", "explorer", "log", "metric", "text"}
SUBJECT = re.compile(r"[!-~][ -~]{0,99}")
"""ASCII without line breaks and control characters. The first character is a letter, a digit or punctuation."""
TAG_TEXT = re.compile(r"[\w +\-=.:/@]*")
"""S3 user guide, "Object tagging": letters, spaces and numbers in UTF-8, and + - = . _ : / @."""


PARAMETER_NAME = re.compile(r"[A-Za-z0-9_.-]+|(/[A-Za-z0-9_.-]+)+")


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


def _name_a_parameter(given: dict[str, Any]) -> None:
    """Checks the name of a parameter. A colon separates the name from a version or a label.

    The sources are boto3 issue 1499 (PutParameter) and helmfile/vals issue 91 (GetParameter).
    """
    if not PARAMETER_NAME.fullmatch(given.get("Name", "").partition(":")[0]):
        path = "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed"
        symbols = "as a mix of letters, numbers and the following 3 symbols .-_"
        message = f'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). {path} {symbols}'
        raise Refused("ValidationException", message)


def _create_mapping(given: dict[str, Any]) -> None:
    arn, function = (
        given["EventSourceArn"],
        lambda_backends[ACCOUNT][REGION].get_function(name_of(given["FunctionName"])),
    )
    if (queue := _queue(arn)) is not None:
        message = _of_queue(given, queue, function)
    elif streams.shard_of(arn) is not None:
        message = _of_stream(given, function)
    else:
        message = f"{arn} is neither a queue nor a stream that exists; other sources are not supported."
    if message:
        raise Refused("InvalidParameterValueException", message)


def _of_queue(given: dict[str, Any], queue: Queue, function: LambdaFunction) -> str | None:
    size, window = given.get("BatchSize", 10), given.get("MaximumBatchingWindowInSeconds", 0)
    if unsupported := [name for name in OF_STREAMS if name in given]:
        return f"Unsupported {unsupported[0]} parameter for given event source mapping type."
    if "FilterCriteria" in given:
        return "FilterCriteria of a queue's mapping is not supported here"
    if queue.visibility_timeout < function.timeout:
        shorter = f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than"
        return f"{shorter} Function timeout: {function.timeout} seconds"
    if queue.fifo_queue and window:
        return "Batching window is not supported for FIFO queues"
    if queue.fifo_queue and size > 10:
        return "Maximum batch size for FIFO queues is 10"
    if size > 10 and not window:
        return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    if missing := [action for action in actions if not role_may(function.role, f"sqs:{action}", queue.queue_arn)]:
        return f"The provided execution role does not have permissions to call {missing[0]} on SQS"
    return None


def _of_stream(given: dict[str, Any], function: LambdaFunction) -> str | None:
    arn, destination = (
        given["EventSourceArn"],
        given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
    )
    if "ScalingConfig" in given:
        return "Unsupported ScalingConfig parameter for given event source mapping type."
    if given.get("StartingPosition") not in ("LATEST", "TRIM_HORIZON"):
        return "StartingPosition of a DynamoDB stream must be LATEST or TRIM_HORIZON"
    try:
        streams.patterns_of(given.get("FilterCriteria", {}))
    except InvalidEventPatternException as error:
        return f"Invalid filter pattern definition. {error.message}"
    reading = [("GetRecords", arn), ("GetShardIterator", arn), ("DescribeStream", arn), ("ListStreams", "*")]
    if not all(role_may(function.role, f"dynamodb:{action}", resource) for action, resource in reading):
        needed = "GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in DynamoDB"
        return f"Cannot access stream {arn}. Please ensure the role can perform the {needed}."
    if destination and _queue(destination) is None:
        return f"{destination} is not a queue that exists; other destinations are not supported."
    if destination and not role_may(function.role, "sqs:SendMessage", destination):
        return "The provided execution role does not have permissions to call SendMessage on SQS"
    return None


def _subscribe(given: dict[str, Any]) -> None:
    # In AWS, a FIFO queue cannot subscribe to a standard topic. Both types of queues can subscribe to a FIFO topic.
    if given.get("Endpoint", "").endswith(".fifo") and not given["TopicArn"].endswith(".fifo"):
        reason = "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise Refused("InvalidParameter", f"Invalid parameter: {reason}")


def _publish(given: dict[str, Any]) -> None:
    """Checks a message (API reference, Publish). Contrary to the reference, SNS accepts a subject of 100 characters."""
    message, subject, reason = given.get("Message", ""), given.get("Subject"), None
    size = len(message.encode()) + sum(
        len(name) + len(value["DataType"]) + len(value.get("StringValue", "").encode() or value.get("BinaryValue", b""))
        for name, value in given.get("MessageAttributes", {}).items()
    )
    if not message:
        reason = "Empty message"
    elif size > LONGEST_MESSAGE:
        reason = "Message too long"
    elif subject is not None and not SUBJECT.fullmatch(subject):
        reason = "Subject"
    elif given.get("MessageStructure") == "json":
        try:
            if not isinstance(json.loads(message).get("default"), str):
                reason = "Message Structure - No default entry in JSON message body"
        except (ValueError, AttributeError):
            reason = "Message Structure - JSON message body failed to parse"
    if reason:
        raise Refused("InvalidParameter", f"Invalid parameter: {reason}")


def _redrive(given: dict[str, Any]) -> None:
    policy = json.loads(given.get("Attributes", {}).get("RedrivePolicy") or "{}")
    target = _queue(policy.get("deadLetterTargetArn", ""))
    name = given.get("QueueName") or given.get("QueueUrl")
    if name is None:
        raise Refused("MissingParameter", "The request must contain the parameter QueueName.")
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
            raise Refused("ValidationException", f"{', '.join(sorted(unknown))} of a target is not supported here")
        if ":sqs:" not in target["Arn"]:
            raise Refused("ValidationException", f"{target['Arn']}: only a queue is supported as a rule's target")


def _put_dashboard(given: dict[str, Any]) -> None:
    """CloudWatch API reference, "Dashboard body structure and syntax"."""
    try:
        widgets = json.loads(given["DashboardBody"])["widgets"]
    except (ValueError, KeyError, TypeError):
        raise Refused("InvalidParameterInput", "The field DashboardBody must be a valid JSON object") from None
    for widget in widgets:
        properties = widget.get("properties", {})
        metrics = properties.get("metrics", [[""]])
        sizes = (widget.get("width", 6), 1, 24), (widget.get("height", 6), 1, 1000), (widget.get("x", 0), 0, 23)
        is_valid = (
            widget.get("type") in WIDGETS
            and all(least <= size <= most for size, least, most in sizes)
            and ("region" in properties or widget["type"] != "metric")
            and all(isinstance(part, str) for metric in metrics for part in metric[:-1])
        )
        if not is_valid:
            raise Refused("InvalidParameterInput", f"The dashboard body is invalid: {json.dumps(widget)[:200]}")


def _queue(arn: str) -> Queue | None:
    return sqs_backends[ACCOUNT][REGION].queues.get(arn.rsplit(":", 1)[-1])


REFUSALS: dict[tuple[str, str], Callable[[dict[str, Any]], None]] = {
    ("cloudwatch", "PutDashboard"): _put_dashboard,
    ("events", "PutTargets"): _put_targets,
    ("lambda", "CreateEventSourceMapping"): _create_mapping,
    ("s3", "PutObjectTagging"): _put_object_tagging,
    ("scheduler", "CreateSchedule"): _create_schedule,
    ("sns", "Publish"): _publish,
    ("sns", "Subscribe"): _subscribe,
    ("sqs", "CreateQueue"): _redrive,
    ("sqs", "SetQueueAttributes"): _redrive,
    ("ssm", "GetParameter"): _name_a_parameter,
    ("ssm", "PutParameter"): _name_a_parameter,
}
