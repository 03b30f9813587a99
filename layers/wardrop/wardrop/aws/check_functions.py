"""Invokes the users' Lambda functions that check a version."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from wardrop.configuration.check import FUNCTION_LIMIT
from wardrop.errors import Unavailable
from wardrop.evidence.check_subject import MAX_ANSWER, quoted

_REASONS = {
    "AccessDeniedException": "cannot be invoked, because Lambda denies access",
    "ResourceNotFoundException": "does not exist in this account and region",
    "TooManyRequestsException": "cannot be invoked, because Lambda throttles the call",
}


class CheckFunctions:
    def __init__(self, client: Any) -> None:
        self._client = client

    def ask(self, function: str, question: bytes) -> bytes:
        """Invokes the function once, and returns the first MAX_ANSWER + 1 bytes of its response. Raises Unavailable."""
        try:
            answer = self._client.invoke(FunctionName=function, Payload=question)
            payload: bytes = answer["Payload"].read(MAX_ANSWER + 1)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise Unavailable(_REASONS.get(code, f"cannot be invoked: Lambda answered {code}")) from error
        except ReadTimeoutError as error:
            raise Unavailable(f"did not answer within {FUNCTION_LIMIT.text}") from error
        except BotoCoreError as error:
            raise Unavailable(f"cannot be invoked ({type(error).__name__})") from error
        if "FunctionError" in answer:
            raise Unavailable(f"failed with {quoted(payload)}")
        return payload
