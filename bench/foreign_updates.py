"""Measures the time from the start of another user's update until its alert is published, with and without events."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bench.figure import Figure, of_runs
from local.cloud import Cloud

SPEED = 6
"""At this speed, the schedule runs every ten seconds, so it seldom runs before the event arrives."""

NAME, PATIENCE_SECONDS = "shop-staging", 120
BY_EVENT = ("t3.nano", "t3.micro", "t3.medium", "t3.large", "t3.xlarge", "t3.2xlarge")
BY_TICK = ("m5.large", "m5.xlarge", "m5.2xlarge")
LAUNCH = "aws:autoscaling:launchconfiguration"


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        cloud.eventually(lambda: _is_recorded(cloud), PATIENCE_SECONDS)
        by_event = [_seconds_until_alert(cloud, instance_type) for instance_type in BY_EVENT]
        yield of_runs("somebody else's update: from its start to the alert on SNS", by_event, 3, "s", "by event")
        cloud.control("POST", "/faults", {"fault": "events-lost", "rate": 1})
        by_tick = [_seconds_until_alert(cloud, instance_type) for instance_type in BY_TICK]
        note = f"with all events lost; the schedule runs every {60 // SPEED} s here, on AWS every 60 s"
        yield of_runs("  by the schedule", by_tick, 60 // SPEED + 3, "s", note)


def _is_recorded(cloud: Cloud) -> bool:
    """Whether the guard has read the settings. This must be true before the first update."""
    calls = cloud.control("GET", "/calls")
    principals = [call["principal"] for call in calls if call["action"] == "DescribeConfigurationSettings"]
    return principals.count("GuardConfiguration") > 1


def _seconds_until_alert(cloud: Cloud, instance_type: str) -> float:
    api = cloud.client("elasticbeanstalk")
    before = len(_published(cloud))
    setting = {"Namespace": LAUNCH, "OptionName": "InstanceType", "Value": instance_type}
    api.update_environment(EnvironmentName=NAME, OptionSettings=[setting])
    published = cloud.eventually(lambda: _published(cloud)[before:], PATIENCE_SECONDS)
    events = api.describe_events(EnvironmentName=NAME)["Events"]
    started: datetime = next(event["EventDate"] for event in events if event["Message"].endswith("update is starting."))
    cloud.eventually(lambda: _is_ready(api), PATIENCE_SECONDS)
    return (datetime.fromisoformat(published[0]["time"]) - started).total_seconds()


def _published(cloud: Cloud) -> list[Any]:
    return [call for call in cloud.control("GET", "/calls") if (call["service"], call["action"]) == ("sns", "Publish")]


def _is_ready(api: Any) -> bool:
    [environment] = api.describe_environments(EnvironmentNames=[NAME])["Environments"]
    return bool(environment["Status"] == "Ready")
