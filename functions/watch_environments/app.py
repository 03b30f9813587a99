"""Watches all environments. It runs every minute, and at each event from Beanstalk or from a CloudWatch alarm."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws.logs import calls_counted, function_logger
from wardrop.aws.queues import DeadLetters, failures, received
from wardrop.errors import NotNow
from wardrop.health.alarm import AlarmEvent
from wardrop.health.events import BeanstalkEvent, read_event
from wardrop.health.watch import WatchEnvironments
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    return respond(event, wiring.watch_environments, wiring.dead_letters)


def respond(event: dict[str, Any], watch: WatchEnvironments, dead_letters: DeadLetters) -> dict[str, Any]:
    now = datetime.now(UTC)
    if "tick" in event:
        try:
            watched = watch.on_tick(event["tick"], now)
        except NotNow as error:
            logger.info("the next scheduled run will check the environments again", reason=error.reason)
        else:
            if watched.woken:
                logger.info("woken", environments=watched.woken)
        return failures()
    batch = received(event, read_event, dead_letters)
    if alarms := [one.content for one in batch if isinstance(one.content, AlarmEvent)]:
        logger.info("processed alarms", woken=watch.on_alarms(alarms, now))
    events = [(one.message, one.content) for one in batch if isinstance(one.content, BeanstalkEvent)]
    if not events:
        return failures()
    watched = watch.on_events([content for _, content in events], now)
    logger.info("processed", woken=watched.woken, failed=len(watched.failed))
    return failures(message for message, content in events if content.id in watched.failed)
