"""Functions behind a URL of their own: who may call, what they are given, what comes back."""

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

from .conftest import Mechanics

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


def call(mechanics: Mechanics, order: Any = None, credentials: Credentials = TEST, path: str = "") -> tuple[int, Any]:
    url, body = mechanics.cloud.outputs["EchoUrl"] + path, b"" if order is None else json.dumps(order).encode()
    status, answered = send(url, signed(url, body, credentials), body)
    return status, json.loads(answered)


def assumed(mechanics: Mechanics, role: str) -> Credentials:
    arn = mechanics.cloud.resources[role]["Arn"]
    given = mechanics.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="jane")["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def test_the_event_has_payload_format_2_and_names_the_caller(mechanics: Mechanics) -> None:
    status, event = call(mechanics, {"a": "é"}, path="some/path?q=1&q=2")
    assert status == 200
    assert (event["version"], event["routeKey"], event["isBase64Encoded"]) == ("2.0", "$default", False)
    assert json.loads(event["body"]) == {"a": "é"}
    assert (event["rawPath"], event["rawQueryString"]) == ("/some/path", "q=1&q=2")
    assert event["queryStringParameters"] == {"q": "1,2"}
    assert event["headers"]["content-type"] == "application/json"
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["authorizer"]["iam"]["userArn"] == "arn:aws:iam::123456789012:user/test"


def test_a_session_is_named_by_its_arn(mechanics: Mechanics) -> None:
    status, event = call(mechanics, {}, assumed(mechanics, "Caller"))
    caller = event["requestContext"]["authorizer"]["iam"]
    assert status == 200
    assert caller["userArn"].startswith("arn:aws:sts::123456789012:assumed-role/")
    assert caller["userArn"].endswith("/jane")
    assert caller["userId"].endswith(":jane")


def test_a_caller_without_permission_or_signature_is_refused(mechanics: Mechanics) -> None:
    url = mechanics.cloud.outputs["EchoUrl"]
    forbidden = (403, {"Message": "Forbidden"})
    assert call(mechanics, {}, assumed(mechanics, "Stranger")) == forbidden
    assert call(mechanics, {}, Credentials("test", "wrong")) == forbidden
    assert call(mechanics, {}, Credentials("nobody", "test")) == forbidden
    session = assumed(mechanics, "Caller")
    assert call(mechanics, {}, Credentials(session.access_key, session.secret_key, "another")) == forbidden
    status, body = send(url, {"Content-Type": "application/json"}, b"{}")
    assert (status, json.loads(body)) == forbidden


def test_a_body_that_was_not_signed_is_refused(mechanics: Mechanics) -> None:
    url = mechanics.cloud.outputs["EchoUrl"]
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
def test_what_the_function_returns_is_the_answer(mechanics: Mechanics, answer: Any, status: int, body: bytes) -> None:
    url, order = mechanics.cloud.outputs["EchoUrl"], json.dumps({"answer": answer}).encode()
    assert send(url, signed(url, order), order) == (status, body)


def test_binary_bodies_are_in_base64(mechanics: Mechanics) -> None:
    url, body = mechanics.cloud.outputs["EchoUrl"], b"\x00\xff"
    status, answered = send(url, signed(url, body, Content_Type="application/octet-stream"), body)
    event = json.loads(answered)
    assert (status, event["isBase64Encoded"], base64.b64decode(event["body"])) == (200, True, body)


def test_an_error_of_the_function_is_a_502_without_details(mechanics: Mechanics) -> None:
    assert call(mechanics, {"raise": "secret"}) == (502, {"Message": "Internal Server Error"})


def test_an_unknown_function_url_is_not_found(mechanics: Mechanics) -> None:
    url = f"{mechanics.cloud.endpoint}/lambda-url/nobody/"
    assert send(url, signed(url), b"")[0] == 404
