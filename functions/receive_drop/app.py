"""Woken by a file in the drop bucket: makes an application version of it and queues its deployment."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from wardrop.aws import clients
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox
from wardrop.aws.metrics import count
from wardrop.aws.parameters import Parameters
from wardrop.aws.queues import DeadLetters, failures, messages
from wardrop.configuration.load import Configurations
from wardrop.drops.drop import read_event
from wardrop.drops.receive import ReceiveDrop
from wardrop.errors import Malformed

logger = Logger()


@cache
def receive_drop() -> ReceiveDrop:
    dynamodb, table = clients.dynamodb(), os.environ["LEDGER_TABLE"]
    ledger = Ledger(Table(dynamodb, table))
    return ReceiveDrop(
        bundles=Bundles(clients.s3(copies=True), os.environ["RELEASE_BUCKET"]),
        beanstalk=Beanstalk(clients.beanstalk(attempts=6)),
        ledger=ledger,
        mailbox=Mailbox(clients.sqs(), os.environ["MAILBOX_URL"]),
        configurations=Configurations(Parameters(clients.ssm(), os.environ["CONFIGURATION_PATH"]), ledger),
        clean_ups=CleanUps(clients.lambda_, os.environ["CLEAN_VERSIONS"], ledger.clean_ups),
        prefix=os.environ["DROP_PREFIX"],
    )


@cache
def dead_letters() -> DeadLetters:
    return DeadLetters(clients.sqs(), os.environ["DEAD_LETTERS_URL"])


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    # One message at a time: an exception, NotNow too, has it delivered again as a whole.
    for message in messages(event):
        try:
            drop = read_event(message.body)
        except Malformed as error:
            dead_letters().park(message, error)
            continue
        if drop is None:
            continue
        receipt = receive_drop()(drop, datetime.now(UTC))
        count(f"Drops{receipt.status.capitalize()}")
        logger.info(receipt.reason, drop=drop.id, status=receipt.status, deployments=receipt.deployments)
    return failures()
