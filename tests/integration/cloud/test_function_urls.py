"""Function URLs: who may call them, the event that a function gets, and the answer that a caller gets."""

import base64
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.settings import REGION

from .conftest import SmallStack

TEST = Credentials("test", "test")


def send(url: str, headers: dict[str, str], body: bytes | None = None, method: str = "POST") -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - the stand-in's own
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def signed(url: str, body: bytes = b"", credentials: Credentials = TEST, **headers: str) -> dict[str, str]:
    given = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest("POST", url, given, body)
    SigV4Auth(credentials, "lambda", REGION).add_auth(request)
    return dict(request.headers.items())


def call(
    small_stack: SmallStack, order: Any = None, credentials: Credentials = TEST, path: str = ""
) -> tuple[int, Any]:
    url, body = small_stack.cloud.outputs["EchoUrl"] + path, b"" if order is None else json.dumps(order).encode()
    status, answered = send(url, signed(url, body, credentials), body)
    return status, json.loads(answered)


def assumed(small_stack: SmallStack, role: str) -> Credentials:
    arn = small_stack.cloud.resources[role]["Arn"]
    given = small_stack.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="jane")["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def test_the_event_has_payload_format_2_and_names_the_caller(small_stack: SmallStack) -> None:
    status, event = call(small_stack, {"a": "é"}, path="some/path?q=1&q=2")
    assert status == 200
    assert (event["version"], event["routeKey"], event["isBase64Encoded"]) == ("2.0", "$default", False)
    assert json.loads(event["body"]) == {"a": "é"}
    assert (event["rawPath"], event["rawQueryString"]) == ("/some/path", "q=1&q=2")
    assert event["queryStringParameters"] == {"q": "1,2"}
    assert event["headers"]["content-type"] == "application/json"
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["authorizer"]["iam"]["userArn"] == "arn:aws:iam::123456789012:user/test"


def test_a_session_is_named_by_its_arn(small_stack: SmallStack) -> None:
    status, event = call(small_stack, {}, assumed(small_stack, "Caller"))
    caller = event["requestContext"]["authorizer"]["iam"]
    assert status == 200
    assert caller["userArn"].startswith("arn:aws:sts::123456789012:assumed-role/")
    assert caller["userArn"].endswith("/jane")
    assert caller["userId"].endswith(":jane")


def test_a_caller_without_permission_or_signature_is_refused(small_stack: SmallStack) -> None:
    url = small_stack.cloud.outputs["EchoUrl"]
    forbidden = (403, {"Message": "Forbidden"})
    assert call(small_stack, {}, assumed(small_stack, "Stranger")) == forbidden
    assert call(small_stack, {}, Credentials("test", "wrong")) == forbidden
    assert call(small_stack, {}, Credentials("nobody", "test")) == forbidden
    session = assumed(small_stack, "Caller")
    assert call(small_stack, {}, Credentials(session.access_key, session.secret_key, "another")) == forbidden
    status, body = send(url, {"Content-Type": "application/json"}, b"{}")
    assert (status, json.loads(body)) == forbidden


def test_a_body_that_was_not_signed_is_refused(small_stack: SmallStack) -> None:
    url = small_stack.cloud.outputs["EchoUrl"]
    assert send(url, signed(url, b'{"a": 1}'), b'{"a": 2}')[0] == 403


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ({"statusCode": 409, "body": '{"no": 1}'}, 409, b'{"no": 1}'),
        (
            {"statusCode": 200, "body": base64.b64encode(b"\x00\xff").decode(), "isBase64Encoded": True},
            200,
            b"\x00\xff",
        ),
        (["plain"], 200, b'["plain"]'),
    ],
)
def test_what_the_function_returns_is_the_answer(
    small_stack: SmallStack, answer: Any, status: int, body: bytes
) -> None:
    url, order = small_stack.cloud.outputs["EchoUrl"], json.dumps({"answer": answer}).encode()
    assert send(url, signed(url, order), order) == (status, body)


def test_binary_bodies_are_in_base64(small_stack: SmallStack) -> None:
    url, body = small_stack.cloud.outputs["EchoUrl"], b"\x00\xff"
    status, answered = send(url, signed(url, body, Content_Type="application/octet-stream"), body)
    event = json.loads(answered)
    assert (status, event["isBase64Encoded"], base64.b64decode(event["body"])) == (200, True, body)


def test_an_error_of_the_function_is_a_502_without_details(small_stack: SmallStack) -> None:
    assert call(small_stack, {"raise": "secret"}) == (502, {"Message": "Internal Server Error"})


def test_an_unknown_function_url_is_not_found(small_stack: SmallStack) -> None:
    url = f"{small_stack.cloud.endpoint}/lambda-url/nobody/"
    assert send(url, signed(url), b"")[0] == 404
