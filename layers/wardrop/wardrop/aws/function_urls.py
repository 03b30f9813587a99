"""A function URL as a Lambda function sees it: a signed request, and its answer."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SignedRequest:
    caller: str | None
    """The ARN that AWS verified. `AuthType: AWS_IAM` gives one with every request."""

    body: bytes | None
    """None: Lambda says that the body is base64, but it is not."""


def read_request(event: dict[str, Any]) -> SignedRequest:
    iam = (event.get("requestContext", {}).get("authorizer") or {}).get("iam") or {}
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return SignedRequest(iam.get("userArn"), body.encode())
    try:
        return SignedRequest(iam.get("userArn"), base64.b64decode(body, validate=True))
    except binascii.Error:
        return SignedRequest(iam.get("userArn"), None)


def json_answer(status: int, body: bytes) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": body.decode()}
