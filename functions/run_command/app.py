"""Woken through its URL: checks a person's request, records it, and answers."""

import base64
import binascii
import os
from collections.abc import Callable
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
from wardrop.commands.answers import Answer, Refusal, RefusalCode
from wardrop.commands.caller import Caller
from wardrop.commands.requests import Request, malformed, parse
from wardrop.commands.run import RunCommand
from wardrop.configuration.load import Configurations

logger = Logger()

Run = Callable[[Request, Caller], Answer]

STATUSES = {
    RefusalCode.MALFORMED: 400,
    RefusalCode.UNAUTHENTICATED: 403,
    RefusalCode.NOT_FOUND: 404,
    RefusalCode.CONFLICT: 409,
    RefusalCode.TRY_AGAIN: 503,
    RefusalCode.INTERNAL_ERROR: 500,
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
    return respond(event, lambda request, caller: run_command()(request, caller))


def respond(event: dict[str, Any], run: Run) -> dict[str, Any]:
    principal = _principal(event)
    try:
        answer = _answer(event, principal, run)
    except Exception:  # the person gets an answer, and the log gets the cause
        logger.exception("a request failed", principal=principal)
        answer = Refusal(
            code=RefusalCode.INTERNAL_ERROR,
            reason="an internal error occurred, possibly after the change was written",
            advice="check `status` before you send the request again, and read the log of RunCommand",
        )
    status = STATUSES[answer.code] if isinstance(answer, Refusal) else 200
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": msgspec.json.encode(answer).decode(),
    }


def _answer(event: dict[str, Any], principal: str | None, run: Run) -> Answer:
    if principal is None:
        return Refusal(
            code=RefusalCode.UNAUTHENTICATED,
            reason="the request is not signed",
            advice="sign the request with AWS credentials",
        )
    try:
        body = event.get("body") or ""
        request = parse(base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode())
    except binascii.Error:
        return malformed("the body is not base64")
    if isinstance(request, Refusal):
        logger.info("malformed request", principal=principal, answer=request.reason)
        return request
    answer = run(request, Caller(arn=principal, at=datetime.now(UTC)))
    outcome = answer.reason if isinstance(answer, Refusal) else type(answer).__name__
    logger.info("request", principal=principal, request=msgspec.to_builtins(request), answer=outcome)
    return answer


def _principal(event: dict[str, Any]) -> str | None:
    """The ARN that AWS has proven; `AuthType: AWS_IAM` gives one with every request."""
    iam = (event.get("requestContext", {}).get("authorizer") or {}).get("iam") or {}
    return iam.get("userArn")
