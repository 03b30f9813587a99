from datetime import timedelta

import pytest

from tests.unit.samples import NOW
from wardrop.evidence.log_request import (
    CLOCK_SKEW,
    MOST_INSTANCES,
    InstanceLog,
    LogRequest,
    records_since,
    to_read,
)

REQUEST = LogRequest(
    environment="shop-staging",
    environment_id="e-1",
    deployment="d-1",
    since=NOW,
    at=NOW + timedelta(minutes=2),
    instances=["i-9"],
)
EARLIER, LATER = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)


def log(instance: str, seconds: float = 5) -> InstanceLog:
    return InstanceLog(instance, f"{instance}/{seconds}", REQUEST.at + timedelta(seconds=seconds))


def test_the_logs_of_instances_that_report_the_version_are_read_first():
    read = to_read(REQUEST, [log("i-1"), log("i-9"), log("i-2"), log("i-3")])
    assert [one.instance for one in read] == ["i-9", "i-1", "i-2"][:MOST_INSTANCES]


def test_a_log_from_before_the_request_is_not_read():
    assert to_read(REQUEST, [log("i-1", -CLOCK_SKEW.total_seconds() - 1)]) == []


def test_only_the_newest_log_of_an_instance_is_read():
    assert to_read(REQUEST, [log("i-1", 9), log("i-1", 5)]) == [log("i-1", 9)]


@pytest.mark.parametrize(
    "form",
    [
        "%Y/%m/%d %H:%M:%S.123456 [ERROR]",
        "%d-%b-%Y %H:%M:%S.123 SEVERE",
        "%Y-%m-%d %H:%M:%S,123 [ERROR]",
        "[%Y-%m-%dT%H:%M:%SZ] ERROR",
        "%b %d %H:%M:%S ip-10-0-0-1 web[1]:",
        "%Y-%m-%dT%H:%M:%S.123Z ERROR",
    ],
)
def test_records_from_before_the_update_are_removed_with_the_lines_that_follow_them(form):
    old, new = (f"{at.strftime(form)} {name}\n\tat {name}.A" for at, name in ((EARLIER, "old"), (LATER, "new")))
    assert records_since(f"{old}\n{new}".encode(), NOW) == new.encode()


def test_lines_without_a_time_at_the_beginning_of_a_log_may_be_old():
    content = b"/var/log/tomcat/catalina.out\nCaused by: old\n/var/log/eb-engine.log\n"
    assert records_since(content, NOW) == b""


def test_an_impossible_time_is_part_of_the_record_before():
    content = f"{LATER:%Y-%m-%d %H:%M:%S} new\n2026-19-45 25:61:61 new\n".encode()
    assert records_since(content, NOW) == content
