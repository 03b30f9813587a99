"""Takes one step of the active deployment in each environment that has a message in the mailbox."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws.logs import calls_counted, function_logger
from wardrop.aws.mailbox import WakeUp, read_wake_up
from wardrop.aws.queues import DeadLetters, Message, Received, Visibility, each_group, failures, received
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.errors import NotNow, Outdated
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()

ONE_LOOK_MS = 25_000
"""The time that one step may need. UpdateEnvironment may take 20 s, and a timeout would lose its response.

Checks before an update take at most 2.5 seconds. Checks after an update take at most 10.5 seconds.
"""


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return respond(event, context, wiring.advance_deployment, wiring.dead_letters, wiring.mailbox_visibility)


def respond(
    event: dict[str, Any],
    context: LambdaContext,
    advance: AdvanceDeployment,
    dead_letters: DeadLetters,
    queue: Visibility,
) -> dict[str, Any]:
    """If too little time is left for an environment, another invocation processes it at once."""

    def look(environment: str, group: list[Received[WakeUp]]) -> list[Message]:
        if context.get_remaining_time_in_millis() < ONE_LOOK_MS:
            messages = [one.message for one in group]
            queue.retry(messages, after=0)
            return messages
        with logger.append_context_keys(environment=environment):
            try:
                look = advance(environment, [one.content for one in group], datetime.now(UTC))
            except (NotNow, Outdated) as error:
                logger.info("the environment will be evaluated again at the next scheduled run", reason=error.reason)
                return []
            logger.info(look.reason, version_label=look.label, step=type(look.step).__name__)
            return []

    return failures(each_group(received(event, read_wake_up, dead_letters), look, on_error=queue.retry))
