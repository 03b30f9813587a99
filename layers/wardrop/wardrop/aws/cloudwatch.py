"""Reads CloudWatch alarms."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from wardrop.configuration.alarm_pattern import MOST_ALARMS, is_pattern, prefix_of
from wardrop.errors import NotNow, Unavailable
from wardrop.evidence.alarms import Alarm, AlarmsReading, AlarmState, reading_of

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


class Alarms:
    def __init__(self, client: "Callable[[], CloudWatchClient]") -> None:
        """`client` creates the CloudWatch client only when alarms are read, because most environments have none."""
        self._client = client

    def read(self, entries: Sequence[str]) -> AlarmsReading:
        """Reads all named alarms with one call, and the alarms that match each pattern with one more call.

        Raises NotNow if CloudWatch throttles the call, fails or does not respond. Raises Unavailable if CloudWatch
        refuses the call, or if the patterns match too many alarms.
        """
        names = [entry for entry in entries if not is_pattern(entry)]
        alarms = self._described(AlarmNames=names) if names else {}
        for pattern in filter(is_pattern, entries):
            alarms |= self._described(AlarmNamePrefix=prefix_of(pattern))
        if len(alarms) > MOST_ALARMS:
            raise Unavailable(_too_many(entries))
        return reading_of(entries, alarms.values())

    def _described(self, **selection: Any) -> dict[str, Alarm]:
        try:
            # Without AlarmTypes, the response contains no composite alarms.
            answer = self._client().describe_alarms(
                AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=MOST_ALARMS, **selection
            )
        except ClientError as error:
            raise _translated(error) from error
        except BotoCoreError as error:
            raise NotNow(f"CloudWatch did not answer ({type(error).__name__})") from error
        if answer.get("NextToken"):
            raise Unavailable(_too_many([str(next(iter(selection.values())))]))
        described: list[Any] = [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
        return {alarm["AlarmName"]: _alarm_of(alarm) for alarm in described}


def _alarm_of(described: Any) -> Alarm:
    try:
        state = AlarmState(described["StateValue"])
    except ValueError as error:
        raise Unavailable(f"CloudWatch reports the state {described['StateValue']}, which is not documented") from error
    return Alarm(
        name=described["AlarmName"],
        state=state,
        since=described.get("StateTransitionedTimestamp") or described["StateUpdatedTimestamp"],
        reason=described.get("StateReason", ""),
    )


def _too_many(entries: Sequence[str]) -> str:
    return f"more than {MOST_ALARMS} alarms match {', '.join(entries)}"


def _translated(error: ClientError) -> NotNow | Unavailable:
    code = error.response["Error"]["Code"]
    if code in _THROTTLED:
        return NotNow("CloudWatch throttled the call")
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return NotNow(f"CloudWatch failed with {code}")
    if code in _DENIED:
        return Unavailable("Wardrop's role has no permission for cloudwatch:DescribeAlarms")
    return Unavailable(f"CloudWatch refused the call with {code}")
