"""Reads the signed request in a function URL's event, and builds the response."""

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SignedRequest:
    caller: str | None
    """The caller's ARN, which AWS has verified. With `AuthType: AWS_IAM`, every request has a caller."""

    body: bytes | None
    """The body of the request. None: the event marks the body as base64, but the body is not valid base64."""


def read_request(event: dict[str, Any]) -> SignedRequest:
    iam = (event.get("requestContext", {}).get("authorizer") or {}).get("iam") or {}
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return SignedRequest(iam.get("userArn"), body.encode(errors="surrogatepass"))
    try:
        return SignedRequest(iam.get("userArn"), base64.b64decode(body, validate=True))
    except ValueError:  # b64decode raises it for characters beyond ASCII as well
        return SignedRequest(iam.get("userArn"), None)


def json_answer(status: int, body: bytes) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": body.decode()}
