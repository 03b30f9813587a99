"""Deletes versions that no retention rule protects: once a day, on request, and if the quota is almost used up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws.logs import calls_counted, function_logger
from wardrop.aws.metrics import Metric, count
from wardrop.errors import NotNow
from wardrop.versions.clean import CleanVersions
from wardrop.versions.request import CleanUpRequest
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()

MARGIN = timedelta(seconds=60)
"""A clean-up stops this long before the function's timeout, because a throttled call may take half a minute.

Example: the function starts at 12:00:00 and would time out at 12:15:00. From 12:14:00 on, the clean-up deletes nothing
more and only records its results.
"""


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    deadline = datetime.now(UTC) + timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN
    return respond(event, wiring.clean_versions, lambda: datetime.now(UTC), deadline)


def respond(event: dict[str, Any], clean: CleanVersions, clock: Callable[[], datetime], deadline: datetime) -> Any:
    request = msgspec.convert(event, CleanUpRequest)
    if request.dry_run:
        return msgspec.to_builtins(clean.plan(clock(), request.application))
    try:
        is_tick = request.asked_by is None
        report = clean.on_tick(clock, deadline) if is_tick else clean(clock, deadline, request.asked_by)
    except NotNow as error:
        logger.info("the next scheduled run will repeat the clean-up", reason=error.reason)
        return None
    if report is not None:
        logger.info(report.text(), failures=report.failures, blocked=len(report.blocked))
        for metric, value in report.metrics.items():
            if value:  # CloudWatch charges for a metric only in hours with a value
                count(Metric(metric), value)
    return None
