"""Invoked by the minute's tick, and with Beanstalk's events and CloudWatch alarms from a queue."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from wardrop.aws import clients
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox
from wardrop.aws.parameters import Parameters
from wardrop.aws.queues import DeadLetters, Message, failures, messages
from wardrop.configuration.load import Configurations, RememberedConfigurations
from wardrop.errors import Malformed, NotNow
from wardrop.health.alarm import AlarmEvent
from wardrop.health.events import BeanstalkEvent, read_event
from wardrop.health.update_incidents import UpdateIncidents
from wardrop.health.watch import WatchEnvironments

logger = Logger()


@cache
def watch_environments() -> WatchEnvironments:
    ledger = Ledger(Table(clients.dynamodb(), os.environ["LEDGER_TABLE"]))
    parameters = Parameters(clients.ssm(), os.environ["CONFIGURATION_PATH"])
    return WatchEnvironments(
        beanstalk=Beanstalk(clients.beanstalk()),
        ledger=ledger,
        mailbox=Mailbox(clients.sqs(), os.environ["MAILBOX_URL"]),
        update_incidents=UpdateIncidents(
            ledger=ledger,
            configurations=RememberedConfigurations(Configurations(parameters, ledger)),
            beanstalk=Beanstalk(clients.beanstalk(attempts=1)),
        ),
    )


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(clients.sqs(), os.environ["DEAD_LETTERS_URL"])


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    now = datetime.now(UTC)
    if "tick" in event:
        _on_tick(event["tick"], now)
        return failures()
    read = _readable(messages(event))
    for _, alarm in read:
        if isinstance(alarm, AlarmEvent):
            watch_environments().on_alarm(alarm, now)
    events = [(message, received) for message, received in read if isinstance(received, BeanstalkEvent)]
    if not events:
        return failures()
    watched = watch_environments().on_events([received for _, received in events], now)
    logger.info("processed", woken=watched.woken, failed=len(watched.failed))
    return failures(message for message, received in events if received.id in watched.failed)


def _on_tick(tick: str, now: datetime) -> None:
    try:
        watched = watch_environments().on_tick(tick, now)
    except NotNow as error:
        logger.info("the next tick tries again", reason=error.reason)
    else:
        if watched.woken:
            logger.info("woken", environments=watched.woken)


def _readable(received: list[Message]) -> list[tuple[Message, BeanstalkEvent | AlarmEvent]]:
    events = []
    for message in received:
        try:
            events.append((message, read_event(message.body)))
        except Malformed as error:
            dead_letters().park(message, error)
    return events
