"""Woken by the minute's tick and by Beanstalk's events: wakes the mailboxes that need a look."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from wardrop.aws import clients
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger import Ledger
from wardrop.aws.mailbox import Mailbox
from wardrop.aws.queues import DeadLetters, Message, failures, messages
from wardrop.errors import Malformed, NotNow
from wardrop.watch_environments import BeanstalkEvent, WatchEnvironments, read_event

logger = Logger()


@cache
def watch_environments() -> WatchEnvironments:
    return WatchEnvironments(
        beanstalk=Beanstalk(clients.beanstalk()),
        ledger=Ledger(clients.dynamodb(), os.environ["LEDGER_TABLE"]),
        mailbox=Mailbox(clients.sqs(), os.environ["MAILBOX_URL"]),
    )


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(clients.sqs(), os.environ["DEAD_LETTERS_URL"])


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    now = datetime.now(UTC)
    try:
        if "tick" in event:
            woken = watch_environments().on_tick(event["tick"], now)
        else:
            woken = watch_environments().on_events(_readable(messages(event)), now)
    except NotNow as error:
        logger.info("the next tick looks again", reason=error.reason)
    else:
        if woken:
            logger.info("woken", environments=woken)
    return failures()


def _readable(received: list[Message]) -> list[BeanstalkEvent]:
    events = []
    for message in received:
        try:
            events.append(read_event(message.body))
        except Malformed as error:
            dead_letters().park(message, error)
    return events
