"""DescribeEvents: the order, the filters and the pages of events."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from .conftest import Cloud, refused
from .test_rolling import MIXED_FLEET, UNANSWERING


@pytest.fixture
def updated_cloud(cloud: Cloud) -> Cloud:
    cloud.version("v-1", UNANSWERING)
    cloud.configure(Timeout="1")
    cloud.deploy("v-1")
    return cloud


def events(cloud: Cloud, **filters: Any) -> list[dict[str, Any]]:
    return list(cloud.eb.describe_events(**filters)["Events"])


def test_the_newest_event_comes_first(updated_cloud: Cloud) -> None:
    dates = [event["EventDate"] for event in events(updated_cloud, EnvironmentName="shop-staging")]
    assert dates == sorted(dates, reverse=True)


def test_a_severity_means_that_level_or_higher(updated_cloud: Cloud) -> None:
    every = [event["Severity"] for event in events(updated_cloud)]
    errors = [event["Severity"] for event in events(updated_cloud, Severity="ERROR")]
    assert {"INFO", "ERROR"} <= set(every)
    assert errors == [severity for severity in every if severity == "ERROR"]
    assert {event["Severity"] for event in events(updated_cloud, Severity="WARN")} <= {"WARN", "ERROR"}
    assert len(events(updated_cloud, Severity="TRACE")) >= len(every)


def test_the_start_time_is_inclusive_and_the_end_time_exclusive(updated_cloud: Cloud) -> None:
    given = {"EnvironmentName": "shop-staging"}
    every = events(updated_cloud, **given)
    moment = every[len(every) // 2]["EventDate"]
    after = events(updated_cloud, StartTime=moment, **given)
    before = events(updated_cloud, EndTime=moment, **given)
    assert moment in {event["EventDate"] for event in after}
    assert moment not in {event["EventDate"] for event in before}
    assert events(updated_cloud, StartTime=moment, EndTime=moment + timedelta(milliseconds=1), **given)
    assert len(after) + len(before) >= len(every)


def test_events_are_filtered_by_environment_application_and_request(updated_cloud: Cloud) -> None:
    environment = updated_cloud.environment()
    by_id = events(updated_cloud, EnvironmentId=environment["EnvironmentId"])
    assert {event["EnvironmentName"] for event in by_id} == {"shop-staging"}
    assert events(updated_cloud, ApplicationName="nope") == events(updated_cloud, EnvironmentName="nope") == []
    request_id = by_id[-1]["RequestId"]
    assert {event["RequestId"] for event in events(updated_cloud, RequestId=request_id)} == {request_id}


def test_newer_events_do_not_shift_the_pages(updated_cloud: Cloud) -> None:
    given = {"EnvironmentName": "shop-staging", "Severity": "ERROR", "MaxRecords": 2}
    first = updated_cloud.eb.describe_events(**given)
    updated_cloud.deploy("v-1")
    second = updated_cloud.eb.describe_events(**given, NextToken=first["NextToken"])
    assert [event["Message"] for event in first["Events"]] == [MIXED_FLEET, "Failed to deploy application."]
    assert "did not pass health check" in second["Events"][0]["Message"]
    assert second["Events"][0]["EventDate"] <= first["Events"][-1]["EventDate"]
    assert refused(updated_cloud.eb.describe_events, NextToken="nonsense")[0] == "InvalidParameterValue"


def test_events_are_kept_for_six_weeks(cloud: Cloud) -> None:
    cloud.version("v-1")
    [backend] = cloud.beanstalk.backends.values()
    weeks = timedelta(seconds=6 * 7 * 86400 / cloud.beanstalk.clock.speed)
    oldest, *others = backend.events
    backend.events.clear()
    backend.events.extend([replace(oldest, event_date=oldest.event_date - weeks), *others])
    cloud.version("v-2")
    assert len(events(cloud, VersionLabel="v-1")) == 2
    assert len(events(cloud, VersionLabel="v-2")) == 3


def test_an_event_that_is_too_old_is_not_returned(cloud: Cloud) -> None:
    cloud.version("v-1")
    [backend] = cloud.beanstalk.backends.values()
    weeks = timedelta(seconds=6 * 7 * 86400 / cloud.beanstalk.clock.speed)
    aged = [replace(event, event_date=event.event_date - weeks) for event in backend.events]
    backend.events.clear()
    backend.events.extend(aged)
    assert events(cloud) == []
