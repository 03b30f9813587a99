"""Woken by what Slack is to be told: posts it, channel by channel, and keeps what Slack will not take yet."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.alerts.model import Notification
from wardrop.aws import clients
from wardrop.aws.ledger.table import Table
from wardrop.aws.ledger.threads import Threads
from wardrop.aws.metrics import count
from wardrop.aws.queues import DeadLetters, Message, Visibility, failures, messages
from wardrop.aws.secrets import Secrets
from wardrop.errors import Malformed, NotNow, WardropError
from wardrop.slack.client import CredentialsRefused, RateLimited
from wardrop.slack.post import OutOfTime, Pace, PostToSlack, Workspace, read_notification

logger = Logger()

FIRST_SECONDS, MOST_SECONDS = 5, 60
"""Until what failed is tried again: a little longer each time; template.yaml has the arithmetic."""

Post = tuple[Message, Notification]


@cache
def post_to_slack() -> PostToSlack:
    return PostToSlack(
        workspace=Workspace(Secrets(clients.secretsmanager(), os.environ["SLACK_SECRET"])),
        threads=Threads(Table(clients.dynamodb(), os.environ["LEDGER_TABLE"])),
        pace=Pace(),
        default_channel=os.environ["SLACK_CHANNEL"] or None,
    )


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(clients.sqs(), os.environ["DEAD_LETTERS_URL"])


@cache
def visibility() -> Visibility:
    return Visibility(clients.sqs(), os.environ["SLACK_POSTS_URL"])


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    by_group: dict[str | None, list[Post]] = {}
    for message in messages(event):
        try:
            notification = read_notification(message.body)
        except Malformed as error:
            dead_letters().park(message, error)
        else:
            by_group.setdefault(message.attributes.group, []).append((message, notification))
    failed = [message for group, posts in by_group.items() for message in _post(group, posts, context)]
    post_to_slack().pace.end()
    return failures(failed)


def _post(group: str | None, posts: Sequence[Post], context: LambdaContext) -> list[Message]:
    """One channel's; returns what has to come again: the first that could not be told and all after it."""
    trouble: NotNow | None = None
    refused: dict[str, WardropError] = {}
    first = 0
    try:
        told = post_to_slack()(
            [notification for _, notification in posts],
            datetime.now(UTC),
            lambda: context.get_remaining_time_in_millis() / 1000,
        )
    except Exception:  # one channel's trouble must not hold up the others in the batch
        logger.exception("%s could not be told", group)
    else:
        trouble, refused = told.trouble, told.refused
        for message, notification in posts:
            if error := refused.get(notification.alert.alert_id):
                dead_letters().park(message, error)
        first = next((number for number, (_, one) in enumerate(posts) if not told.holds(one)), len(posts))
    failed = [message for message, one in posts[first:] if one.alert.alert_id not in refused]
    if trouble is not None:
        told_as = logger.error if isinstance(trouble, CredentialsRefused) else logger.warning
        told_as("Slack is told later: %s", trouble.reason, channel=group, waiting=len(failed))
        count(f"Slack{type(trouble).__name__}")
    visibility().back_in(_seconds(trouble, failed), failed)
    return failed


def _seconds(trouble: NotNow | None, failed: Sequence[Message]) -> int:
    match trouble:
        case OutOfTime():
            return 0
        case RateLimited(retry_after=seconds):
            return seconds
    tries = max((int(message.attributes.receives) for message in failed), default=1)
    return min(FIRST_SECONDS * tries, MOST_SECONDS)
