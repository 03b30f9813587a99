"""The invocation of the functions of checks. Every error of Lambda and of the function has a clear sentence."""

import io
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from wardrop.aws.check_functions import CheckFunctions
from wardrop.errors import Unavailable
from wardrop.evidence.check_subject import MAX_ANSWER


def client() -> Any:
    return boto3.client("lambda", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def answering(payload: bytes, **more: str) -> Any:
    function = client()
    stub = Stubber(function)
    answer = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(payload), len(payload)), **more}
    stub.add_response("invoke", answer, {"FunctionName": "smoke:live", "Payload": b"{}"})
    stub.activate()
    return function


def test_the_payload_is_returned():
    assert CheckFunctions(answering(b'{"result": "passed"}')).ask("smoke:live", b"{}") == b'{"result": "passed"}'


def test_a_huge_payload_is_not_read():
    assert len(CheckFunctions(answering(b"x" * 10 * MAX_ANSWER)).ask("smoke:live", b"{}")) == MAX_ANSWER + 1


def test_an_error_of_the_function_is_quoted_without_secrets():
    payload = b'{"errorMessage": "password=hunter2 is wrong", "errorType": "KeyError"}'
    with pytest.raises(Unavailable, match="failed with ") as error:
        CheckFunctions(answering(payload, FunctionError="Unhandled")).ask("smoke:live", b"{}")
    assert "hunter2" not in error.value.reason


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "Lambda denies access"),
        ("ResourceNotFoundException", "does not exist in this account and region"),
        ("TooManyRequestsException", "Lambda throttles the call"),
        ("KMSDisabledException", "Lambda answered KMSDisabledException"),
    ],
)
def test_a_refusal_is_a_clear_word(code, words):
    function = client()
    with Stubber(function) as stub:
        stub.add_client_error("invoke", code)
        with pytest.raises(Unavailable, match=words):
            CheckFunctions(function).ask("smoke", b"{}")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ReadTimeoutError(endpoint_url="https://lambda"), "did not answer within 10s"),
        (EndpointConnectionError(endpoint_url="https://lambda"), "cannot be invoked"),
    ],
)
def test_an_answer_that_does_not_come_is_a_clear_word(error, words):
    class Failing:
        def invoke(self, **_: Any) -> Any:
            raise error

    with pytest.raises(Unavailable, match=words):
        CheckFunctions(Failing()).ask("smoke", b"{}")
