"""Woken through the mailbox: looks at each environment named there once, and takes one step."""

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws import clients
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox, WakeUp, read_wake_up
from wardrop.aws.metrics import count
from wardrop.aws.parameters import Parameters
from wardrop.aws.queues import DeadLetters, Message, failures, messages
from wardrop.configuration.load import Configurations
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.deployments.steps import End
from wardrop.errors import Malformed, NotNow, Outdated

logger = Logger()

ONE_LOOK_MS = 22_000
"""UpdateEnvironment may take twenty seconds to answer; a look is not begun with less than that."""


@cache
def advance_deployment() -> AdvanceDeployment:
    ledger = Ledger(Table(clients.dynamodb(), os.environ["LEDGER_TABLE"]))
    return AdvanceDeployment(
        beanstalk=Beanstalk(clients.beanstalk(), clients.beanstalk_once()),
        bundles=Bundles(clients.s3(), os.environ["RELEASE_BUCKET"]),
        ledger=ledger,
        mailbox=Mailbox(clients.sqs(), os.environ["MAILBOX_URL"]),
        configurations=Configurations(Parameters(clients.ssm(), os.environ["CONFIGURATION_PATH"]), ledger),
        settle=timedelta(seconds=int(os.environ["SETTLE_SECONDS"])),
    )


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(clients.sqs(), os.environ["DEAD_LETTERS_URL"])


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    by_environment: dict[str, list[tuple[Message, WakeUp]]] = {}
    for message in messages(event):
        try:
            wake_up = read_wake_up(message.body)
        except Malformed as error:
            dead_letters().park(message, error)
        else:
            by_environment.setdefault(wake_up.environment, []).append((message, wake_up))
    failed: list[Message] = []
    for environment, woken in by_environment.items():
        if context.get_remaining_time_in_millis() < ONE_LOOK_MS:
            # Cut off in the middle of UpdateEnvironment, its answer would be lost.
            failed += [message for message, _ in woken]
            continue
        try:
            _look(environment, [wake_up for _, wake_up in woken])
        except Exception:  # one environment's trouble must not hold up the others in the batch
            logger.exception("%s could not be looked at", environment)
            failed += [message for message, _ in woken]
    return failures(failed)


def _look(environment: str, wake_ups: list[WakeUp]) -> None:
    try:
        look = advance_deployment()(environment, wake_ups, datetime.now(UTC))
    except (NotNow, Outdated) as error:
        logger.info("the next tick looks again", environment=environment, reason=error.reason)
        return
    logger.info(look.reason, environment=environment, version_label=look.label, step=type(look.step).__name__)
    if isinstance(look.step, End):
        count(f"Deployments{look.step.state.capitalize()}")
