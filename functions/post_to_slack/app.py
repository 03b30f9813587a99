"""Posts alerts to Slack, channel by channel. SQS delivers an alert again if Slack does not accept it."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

import wardrop.slack.client  # noqa: F401 - loads Slack's SDK in the init phase, in which the function has a whole CPU
from wardrop.alerts.model import Notification
from wardrop.aws.logs import calls_counted, function_logger
from wardrop.aws.metrics import Metric, count
from wardrop.aws.queues import DeadLetters, Message, Received, Visibility, each_group, failures, received
from wardrop.errors import LedgerBusy
from wardrop.slack.errors import CredentialsRefused
from wardrop.slack.post import PostToSlack, read_notification
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return respond(event, context, wiring.post_to_slack, wiring.dead_letters, wiring.slack_posts_visibility)


def respond(
    event: dict[str, Any], context: LambdaContext, post: PostToSlack, dead_letters: DeadLetters, queue: Visibility
) -> dict[str, Any]:
    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    def post_channel(channel: str, posts: list[Received[Notification]]) -> list[Message]:
        """Returns the messages to retry: the first message that Slack did not accept, and all later messages."""
        outcome = post([one.content for one in posts], datetime.now(UTC), seconds_left)
        for one in posts:
            if error := outcome.refused.get(one.content.alert.alert_id):
                dead_letters.park(one.message, error)
        first = next((number for number, one in enumerate(posts) if not outcome.holds(one.content)), len(posts))
        failed = [one.message for one in posts[first:] if one.content.alert.alert_id not in outcome.refused]
        if (trouble := outcome.trouble) is not None:
            log = logger.error if isinstance(trouble, CredentialsRefused) else logger.warning
            log("posted later: %s", trouble.reason, channel=channel, waiting=len(failed))
            if not isinstance(trouble, LedgerBusy):
                count(Metric(f"Slack{type(trouble).__name__}"))
        queue.retry(failed, trouble.retry_after if trouble else None)
        return failed

    batch = received(event, read_notification, dead_letters)
    failed = each_group(batch, post_channel, on_error=queue.retry)
    post.pace.end()
    return failures(failed)
