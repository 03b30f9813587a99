"""Watches an environment: the answers of the API, its events, and its events in EventBridge."""

import json
import re
import threading
from typing import Any

from botocore.exceptions import ClientError

from tests.witness.account import Account

INTERVAL = 10
"""AWS's seconds between two looks."""

SETTLING = 20
"""AWS's seconds after the end of a step for which late events are awaited."""

SHOWN = ("Status", "Health", "HealthStatus", "VersionLabel", "AbortableOperationInProgress")

Look = dict[str, Any]


class TooLong(Exception):
    """An environment did not reach a status, or an event did not come, in time."""


class Environment:
    """An environment by its name. Its calls may find that it does not exist yet."""

    def __init__(self, account: Account, name: str) -> None:
        self._beanstalk, self.name = account.client("elasticbeanstalk"), name
        self._seen: set[str] = set()

    def look(self) -> Look:
        listed = self._beanstalk.describe_environments(EnvironmentNames=[self.name])["Environments"]
        shown = {name: listed[0].get(name) for name in SHOWN} if listed else {"Status": None}
        return shown | self._health() if shown["Status"] not in (None, "Terminated") else shown

    def _health(self) -> Look:
        """Empty if the environment has no report of health, such as while it is being terminated."""
        try:
            whole = self._beanstalk.describe_environment_health(EnvironmentName=self.name, AttributeNames=["Causes"])
            instances = self._beanstalk.describe_instances_health(
                EnvironmentName=self.name, AttributeNames=["HealthStatus", "Causes", "Deployment"]
            )
        except ClientError:
            return {}
        listed = [_instance(each) for each in instances.get("InstanceHealthList", [])]
        return {"Causes": whole.get("Causes", []), "Instances": listed}

    def new_events(self) -> list[dict[str, Any]]:
        """The events that no earlier call returned, the oldest first."""
        pages = self._beanstalk.get_paginator("describe_events").paginate(EnvironmentName=self.name)
        listed = [event for page in pages for event in page["Events"]][::-1]
        keys = [f"{each['EventDate']} {each['Message']} {each.get('RequestId')}" for each in listed]
        new = [each for each, key in zip(listed, keys, strict=True) if key not in self._seen]
        self._seen.update(keys)
        return new

    def has_event(self, pattern: str) -> bool:
        """Whether an event that no call of `new_events` returned has this text."""
        for event in self._beanstalk.describe_events(EnvironmentName=self.name, MaxRecords=100)["Events"]:
            key = f"{event['EventDate']} {event['Message']} {event.get('RequestId')}"
            if key not in self._seen and re.search(pattern, event["Message"]):
                return True
        return False


def _instance(reported: Any) -> Look:
    deployment = reported.get("Deployment", {})
    return {
        "id": reported["InstanceId"],
        "health": reported.get("HealthStatus"),
        "causes": reported.get("Causes", []),
        "label": deployment.get("VersionLabel"),
        "deployment": deployment.get("DeploymentId"),
        "status": deployment.get("Status"),
    }


def is_same(one: Look, other: Look) -> bool:
    """Whether two looks differ only in numbers, such as the seconds in a cause."""
    return _without_numbers(one) == _without_numbers(other)


def _without_numbers(look: Look) -> str:
    causes = re.sub(r"\d+ (second|minute)s?", "N", json.dumps([look.get("Causes"), look.get("Instances")]))
    return json.dumps([{name: look.get(name) for name in SHOWN}, causes])


class Bus:
    """Collects the events of EventBridge from the queue, for all environments of the run."""

    def __init__(self, account: Account, queue: str) -> None:
        self._sqs, self._queue = account.client("sqs"), queue
        self._lock = threading.Lock()
        self._collected: list[dict[str, Any]] = []

    def take(self, environment: str | None) -> list[dict[str, Any]]:
        """The collected events of an environment, or those without one. Each is returned once, ordered by its date."""
        with self._lock:
            while messages := self._received():
                for message in messages:
                    self._collected.append(json.loads(message["Body"]))
                    self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            taken = [each for each in self._collected if each["detail"].get("EnvironmentName") == environment]
            self._collected = [each for each in self._collected if each not in taken]
        unique = {each["id"]: each for each in taken}
        return sorted(unique.values(), key=lambda each: str(each["detail"].get("EventDate", each["time"])))

    def _received(self) -> list[Any]:
        answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return list(answer.get("Messages", ()))
