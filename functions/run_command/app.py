"""Responds to the signed requests that users send to the function URL."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext

from wardrop.aws.function_urls import SignedRequest, json_answer, read_request
from wardrop.aws.logs import calls_counted, function_logger
from wardrop.commands.answers import HTTP_STATUSES, Answer, Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.refusals import UNSIGNED, internal_error
from wardrop.commands.requests import loggable, parse
from wardrop.commands.run import RunCommand
from wardrop.wiring import Wiring

logger = function_logger()
wiring = Wiring()


@logger.inject_lambda_context(clear_state=True)
@calls_counted
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    return respond(event, wiring.run_command)


def respond(event: dict[str, Any], run: RunCommand) -> dict[str, Any]:
    answer = _answer(read_request(event), run)
    status = HTTP_STATUSES[answer.code] if isinstance(answer, Refusal) else 200
    return json_answer(status, msgspec.json.encode(answer))


def _answer(signed: SignedRequest, run: RunCommand) -> Answer:
    if signed.caller is None:
        return UNSIGNED
    request = parse(signed.body)
    if isinstance(request, Refusal):
        logger.info("malformed request", principal=signed.caller, answer=request.reason)
        return request
    try:
        answer = run(request, Caller(signed.caller, datetime.now(UTC)))
    except Exception:  # the caller receives an answer, and the log records the cause
        logger.exception("a request failed", principal=signed.caller, request=loggable(request))
        return internal_error(request)
    outcome = answer.reason if isinstance(answer, Refusal) else type(answer).__name__
    logger.info("request", principal=signed.caller, request=loggable(request), answer=outcome)
    return answer
