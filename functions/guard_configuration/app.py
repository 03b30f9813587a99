"""Reads the settings of updated environments, and reports updates from outside Wardrop that replace instances."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws.logs import calls_counted, function_logger
from wardrop.aws.queues import DeadLetters, Message, Received, failures, received
from wardrop.errors import NotNow, Outdated
from wardrop.guard.guard import GuardConfiguration
from wardrop.guard.request import GuardRequest, read_request
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    return respond(event, wiring.guard_configuration, wiring.dead_letters)


def respond(event: dict[str, Any], guard: GuardConfiguration, dead_letters: DeadLetters) -> dict[str, Any]:
    failed = [
        failure for request in received(event, read_request, dead_letters) for failure in _process(request, guard)
    ]
    return failures(failed)


def _process(request: Received[GuardRequest], guard: GuardConfiguration) -> list[Message]:
    """Returns the messages that failed. An error in one environment does not stop the processing of the others."""
    with logger.append_context_keys(environment=request.content.environment):
        try:
            outcome = guard(request.content, datetime.now(UTC))
        except (NotNow, Outdated) as error:
            logger.info("watch_environments will send this request again within a minute", reason=error.reason)
        except Exception:  # SQS delivers the message again, and the log records the cause
            logger.exception("the settings could not be processed")
            return [request.message]
        else:
            logger.info(outcome)
        return []
