"""Creates a version from each dropped file, and queues its deployments. Every ten minutes, finds lost files."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws.logs import calls_counted, function_logger
from wardrop.aws.metrics import Metric, count
from wardrop.aws.queues import DeadLetters, Visibility, failures, received
from wardrop.drops.delivery import Delivery
from wardrop.drops.drop import read_event
from wardrop.drops.receive import ReceiveDrop
from wardrop.drops.sweep import SweepDrops
from wardrop.errors import NotNow
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    return respond(event, wiring.receive_drop, wiring.sweep_drops, wiring.dead_letters, wiring.drops_visibility)


def respond(
    event: dict[str, Any],
    receive_drop: ReceiveDrop,
    sweep_drops: SweepDrops,
    dead_letters: DeadLetters,
    queue: Visibility,
) -> dict[str, Any]:
    """A batch contains one message. After an error, SQS delivers it again. A NotNow error may state the delay."""
    if "tick" in event:
        sweep_drops(datetime.now(UTC))
        return failures()
    for message in received(event, read_event, dead_letters):
        if (drop := message.content) is None:
            continue
        with logger.append_context_keys(drop=drop.id):
            now, sent = datetime.now(UTC), message.message
            try:
                receipt = receive_drop(Delivery(drop, now, sent.first_received_at(now), sent.is_first_delivery))
            except NotNow as later:
                if later.retry_after is None:
                    raise
                logger.info(later.reason)
                queue.retry([sent], later.retry_after)
                return failures([sent])
            count(Metric[f"DROPS_{receipt.status.name}"])
            logger.info(receipt.reason, status=receipt.status, deployments=receipt.deployments)
    return failures()
