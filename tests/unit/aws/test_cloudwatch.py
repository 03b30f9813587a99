"""The adapter of CloudWatch alarms."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.samples import NOW
from wardrop.aws.cloudwatch import Alarms
from wardrop.errors import NotNow, Unavailable
from wardrop.evidence.alarms import Alarm, AlarmsReading, AlarmState

TYPES = ["MetricAlarm", "CompositeAlarm"]


def described(name: str, state: str = "OK", **differs: Any) -> dict[str, Any]:
    return {"AlarmName": name, "StateValue": state, "StateUpdatedTimestamp": NOW, "StateReason": "why", **differs}


def read(entries: list[str], *answers: tuple[dict[str, Any], dict[str, Any]]) -> AlarmsReading:
    """`answers` has pairs of the selection that a call must make and the answer to the call."""
    cloudwatch = client("cloudwatch")
    with Stubber(cloudwatch) as stub:
        for selection, answer in answers:
            expected = {"AlarmTypes": TYPES, "MaxRecords": 100, **selection}
            stub.add_response("describe_alarms", answer, expected)
        reading = Alarms(lambda: cloudwatch).read(entries)
        stub.assert_no_pending_responses()
    return reading


def test_all_names_are_read_with_one_call_and_composite_alarms_are_included():
    metric = described("shop-5xx", "ALARM", StateTransitionedTimestamp=NOW)
    composite = described("shop-all", "INSUFFICIENT_DATA")
    answer = {"MetricAlarms": [metric], "CompositeAlarms": [composite]}
    reading = read(["shop-5xx", "shop-all", "shop-old"], ({"AlarmNames": ["shop-5xx", "shop-all", "shop-old"]}, answer))
    assert reading.alarms == (
        Alarm("shop-5xx", AlarmState.ALARM, NOW, "why"),
        Alarm("shop-all", AlarmState.INSUFFICIENT_DATA, NOW, "why"),
    )
    assert reading.missing == ("shop-old",)


def test_each_pattern_is_read_with_one_more_call():
    reading = read(
        ["shop-5xx", "shop-latency-*", "none-*"],
        ({"AlarmNames": ["shop-5xx"]}, {"MetricAlarms": [described("shop-5xx")]}),
        ({"AlarmNamePrefix": "shop-latency-"}, {"MetricAlarms": [described("shop-latency-p99")]}),
        ({"AlarmNamePrefix": "none-"}, {}),
    )
    assert [alarm.name for alarm in reading.alarms] == ["shop-5xx", "shop-latency-p99"]
    assert reading.missing == ("none-*",)


def test_more_alarms_than_one_call_can_read_are_a_clear_word():
    answer = {"MetricAlarms": [described(f"shop-{number}") for number in range(100)], "NextToken": "more"}
    with pytest.raises(Unavailable, match="more than 100 alarms match shop-"):
        read(["shop-*"], ({"AlarmNamePrefix": "shop-"}, answer))


def test_a_state_that_is_not_documented_is_a_clear_word():
    cloudwatch = client("cloudwatch")
    with Stubber(cloudwatch) as stub:
        stub.add_response("describe_alarms", {"MetricAlarms": [described("shop-5xx", "MAYBE")]})
        with pytest.raises(Unavailable, match="MAYBE, which is not documented"):
            Alarms(lambda: cloudwatch).read(["shop-5xx"])


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("Throttling", NotNow, "throttled"),
        ("ThrottlingException", NotNow, "throttled"),
        ("ValidationError", Unavailable, "refused the call with ValidationError"),
        ("AccessDenied", Unavailable, "no permission for cloudwatch:DescribeAlarms"),
        ("AccessDeniedException", Unavailable, "no permission for cloudwatch:DescribeAlarms"),
    ],
)
def test_a_refusal_is_a_clear_word(code: str, error: type[Exception], words: str):
    cloudwatch = client("cloudwatch")
    with Stubber(cloudwatch) as stub:
        stub.add_client_error("describe_alarms", code)
        with pytest.raises(error, match=words):
            Alarms(lambda: cloudwatch).read(["shop-5xx"])


def test_an_error_of_cloudwatch_itself_may_be_temporary():
    cloudwatch = client("cloudwatch")
    with Stubber(cloudwatch) as stub:
        stub.add_client_error("describe_alarms", "InternalServiceFault", http_status_code=500)
        with pytest.raises(NotNow, match="failed with InternalServiceFault"):
            Alarms(lambda: cloudwatch).read(["shop-5xx"])


class Silent:
    def describe_alarms(self, **_):
        raise ReadTimeoutError(endpoint_url="https://monitoring")


def test_an_answer_that_does_not_come_may_come_later():
    make: Callable[[], Any] = Silent
    with pytest.raises(NotNow, match="did not answer"):
        Alarms(make).read(["shop-5xx"])


def test_without_alarms_no_client_is_made():
    def make() -> Any:
        raise AssertionError("a client was made")

    assert Alarms(make).read([]) == AlarmsReading()
