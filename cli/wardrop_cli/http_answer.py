"""Reads the HTTP response of RunCommand. The response may also be from Lambda, API Gateway or a proxy."""

import re
from dataclasses import dataclass
from typing import Any

from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, Refused, Unreachable, not_reached
from wardrop_cli.versions import mismatch

RIGHTS = "Ask for the rights in docs/commands.md: lambda:InvokeFunctionUrl and lambda:InvokeFunction on the alias."
THROTTLED = 429


@dataclass(frozen=True)
class Reply:
    status: int
    document: Any
    """None: the content is not JSON."""

    content: bytes


def answer_of(reply: Reply, stack_version: str | None) -> dict[str, Any]:
    """The answer of RunCommand. Raises Refused for a refusal, and another Failure for every other answer."""
    document = reply.document
    if not isinstance(document, dict) or not isinstance(document.get("answer"), str):
        raise _foreign(reply)
    if document["answer"] != "refusal":
        return document
    match document.get("code"):
        case "malformed":
            raise _malformed(document, stack_version)
        case "unauthenticated" | "internal_error":
            raise not_reached(f"the stack answered: {document.get('reason')}", str(document.get("advice") or ""))
        case _:
            raise Refused(document)


def _malformed(document: dict[str, Any], stack_version: str | None) -> Refused:
    """The failure if the stack does not understand the request.

    If the stack has another version, it may not know a request or a field. Otherwise, an argument is wrong.
    """
    if difference := mismatch(stack_version):
        return Refused({**document, "advice": difference})
    return Refused({**document, "advice": "Check the arguments of the command."}, ExitCode.USAGE)


def _foreign(reply: Reply) -> Failure:
    message = _message(reply.document)
    match reply.status:
        case 403 if "Signature expired" in message or "not yet current" in message:
            return not_reached("AWS refuses the time of the request", "Set the clock of this machine.")
        case 403 if "expired" in message.lower():
            return not_reached(
                f"the AWS credentials have expired: {message}", "Sign in again, for example by aws sso login."
            )
        case 403 if "signature" in message.lower():
            advice = "Check AWS_SECRET_ACCESS_KEY, and the clock of this machine."
            return not_reached("AWS does not accept the signature", advice)
        case 403 if "invalid" in message.lower() and "token" in message.lower():
            return not_reached(
                f"AWS does not accept the credentials: {message}", "Check AWS_PROFILE and AWS_ACCESS_KEY_ID."
            )
        case 403 if message:
            return not_reached(f"your credentials may not send requests to the stack ({message})", RIGHTS)
        case 404 if message or reply.document is not None:
            return not_reached(
                "the URL of the stack does not exist any more", "Deploy the stack again, or check --stack."
            )
        case 407:
            return not_reached("the proxy asks for a password", "Check HTTPS_PROXY.")
        case 429:
            return Unreachable("Lambda throttles the requests to the stack", "Try again in a moment.")
        case status if status >= 500:
            text = f"the stack did not answer (HTTP status {status}{f': {message}' if message else ''})"
            return Unreachable(text, "Try again. If this error remains, read the log of the function RunCommand.")
        case status:
            start = re.sub(r"\s+", " ", reply.content[:200].decode(errors="replace")).strip()[:80]
            text = f"the URL of the stack did not answer as Wardrop does (HTTP status {status}): {start}"
            return not_reached(text, "Check the proxy, and RunCommandUrl in the outputs of the stack.")


def _message(document: Any) -> str:
    """The error message. Lambda returns it as `Message`, and API Gateway as `message`."""
    given = document if isinstance(document, dict) else {}
    return str(given.get("Message") or given.get("message") or "")
