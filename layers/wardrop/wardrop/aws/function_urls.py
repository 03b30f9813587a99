"""Reads the signed request in a function URL's event, and builds the response."""

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SignedRequest:
    caller: str | None
    """The caller's ARN, which AWS has verified. With `AuthType: AWS_IAM`, every request has a caller."""

    body: bytes | None
    """The body of the request. None: the body is not valid base64, although the event states that it is base64."""


def read_request(event: dict[str, Any]) -> SignedRequest:
    iam = (event.get("requestContext", {}).get("authorizer") or {}).get("iam") or {}
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return SignedRequest(iam.get("userArn"), body.encode(errors="surrogatepass"))
    try:
        return SignedRequest(iam.get("userArn"), base64.b64decode(body, validate=True))
    except ValueError:  # b64decode also raises ValueError for non-ASCII characters
        return SignedRequest(iam.get("userArn"), None)


def json_answer(status: int, body: bytes) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": body.decode()}
