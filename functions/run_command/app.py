"""Woken through its URL: checks and records what a person asks for, and answers."""

import base64
import binascii
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

from wardrop.aws import clients
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Marks
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox
from wardrop.aws.parameters import Parameters
from wardrop.commands.requests import Refusal, Reply, Why, malformed, read
from wardrop.commands.run import RunCommand
from wardrop.configuration.load import Configurations
from wardrop.configuration.principal import Caller

logger = Logger()

STATUSES = {
    Why.MALFORMED: 400,
    Why.NOBODY: 403,
    Why.UNKNOWN: 404,
    Why.REFUSED: 409,
    Why.LATER: 503,
    Why.BROKEN: 500,
}


@cache
def run_command() -> RunCommand:
    dynamodb, table = clients.dynamodb(), os.environ["LEDGER_TABLE"]
    ledger, marks = Ledger(Table(dynamodb, table)), Marks(Table(dynamodb, table))
    return RunCommand(
        beanstalk=Beanstalk(clients.beanstalk()),
        ledger=ledger,
        mailbox=Mailbox(clients.sqs(), os.environ["MAILBOX_URL"]),
        configurations=Configurations(Parameters(clients.ssm(), os.environ["CONFIGURATION_PATH"]), ledger),
        marks=marks,
        clean_ups=CleanUps(clients.lambda_, os.environ["CLEAN_VERSIONS"], ledger.clean_ups),
    )


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    who = _caller(event)
    try:
        reply = _replied(event, who)
    except Exception:  # the person gets an answer, the log the cause
        logger.exception("a command broke", principal=who)
        reply = Refusal(
            why=Why.BROKEN,
            reason="something broke, maybe after the change was written",
            advice="see status before asking again, and RunCommand's log",
        )
    status = STATUSES[reply.why] if isinstance(reply, Refusal) else 200
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": msgspec.json.encode(reply).decode(),
    }


def _replied(event: dict[str, Any], who: str | None) -> Reply:
    if who is None:
        return Refusal(why=Why.NOBODY, reason="AWS names no caller", advice="sign the request with AWS credentials")
    try:
        body = event.get("body") or ""
        request = read(base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode())
    except binascii.Error:
        return malformed("the body is not base64")
    if isinstance(request, Refusal):
        logger.info("not understood", principal=who, answer=request.reason)
        return request
    reply = run_command()(request, Caller(arn=who, at=datetime.now(UTC)))
    answer = reply.reason if isinstance(reply, Refusal) else type(reply).__name__
    logger.info("asked", principal=who, request=msgspec.to_builtins(request), answer=answer)
    return reply


def _caller(event: dict[str, Any]) -> str | None:
    """The ARN that AWS has proven; `AuthType: AWS_IAM` gives one with every request."""
    iam = (event.get("requestContext", {}).get("authorizer") or {}).get("iam") or {}
    return iam.get("userArn")
