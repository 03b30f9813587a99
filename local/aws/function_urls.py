"""Function URLs with IAM authorization: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

In AWS, each function URL has its own host name. Here, each function URL is a path on the API's port.
"""

import asyncio
import base64
import hmac
import json
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.wrappers import Request, Response

from local.aws.functions import Function
from local.aws.permissions import Permissions, Principal, denial
from local.settings import ACCOUNT, REGION

PATH = "/lambda-url/"
MOST_BYTES = 6 * 2**20
ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
OF_URLS = {"lambda:functionurlauthtype": "AWS_IAM", "lambda:invokedviafunctionurl": "true"}
"""The values of a request's condition keys (AWS Lambda developer guide, "Control access to function URLs").

A caller needs the permissions for both ACTIONS: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

TEXTUAL = ("application/json", "application/xml", "application/javascript", "text/")
"""In the function's event, bodies of these types are text, and all other bodies are encoded in base64."""


class FunctionUrls:
    """WSGI middleware.

    A request whose path starts with PATH invokes a function. The wrapped application handles every other request.
    """

    def __init__(self, application: Any, permissions: Permissions, loop: asyncio.AbstractEventLoop) -> None:
        self.functions: dict[str, tuple[Function, str]] = {}
        """The functions that have a URL, keyed by name.

        The ARN is the function's ARN, or the alias's ARN if the URL belongs to an alias.
        """
        self._application = application
        self._permissions = permissions
        self._loop = loop

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = self._application
        if environ["PATH_INFO"].startswith(PATH):
            answer = self._answer(Request(environ))
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        name, _, path = request.path.removeprefix(PATH).partition("/")
        if name not in self.functions:
            return _error(404, None)
        (function, arn), body = self.functions[name], request.get_data()
        caller = self._caller(request, body)
        if caller is None or any(denial(caller, action, arn, OF_URLS) for action in ACTIONS):
            return _error(403, "Forbidden")
        if len(body) > MOST_BYTES:
            return _error(413, "Request Too Long")
        event = json.dumps(_event(request, f"/{path}", body, caller)).encode()
        outcome = asyncio.run_coroutine_threadsafe(function.invoke(event), self._loop).result()
        if outcome.is_throttled:
            return _error(429, "Rate Exceeded.")
        return _error(502, "Internal Server Error") if outcome.error else _response(json.loads(outcome.payload))

    def _caller(self, request: Request, body: bytes) -> Principal | None:
        """Returns the caller who signed the request. None: the signature is not valid."""
        header = request.headers.get("Authorization", "")
        given = dict(part.strip().partition("=")[::2] for part in header.partition(" ")[2].split(","))
        access_key, *scope = given.get("Credential", "").split("/")
        credentials = self._permissions.credentials(access_key)
        if credentials is None or scope[1:] != [REGION, "lambda", "aws4_request"]:
            return None
        signed = {name: request.headers.get(name, "") for name in given.get("SignedHeaders", "").split(";")}
        if credentials[1] and signed.get("x-amz-security-token") != credentials[1]:
            return None
        again = AWSRequest(request.method, request.url, signed, body)
        again.context["timestamp"] = signed.get("x-amz-date", "")
        signer = SigV4Auth(Credentials(access_key, *credentials), "lambda", REGION)
        signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
        right = hmac.compare_digest(signature, given.get("Signature", ""))
        return self._permissions.principal(access_key) if right else None


def _event(request: Request, path: str, body: bytes, caller: Principal) -> dict[str, Any]:
    """Makes the event for the function, in payload format 2.0."""
    now = datetime.now(UTC)
    textual = request.mimetype.startswith(TEXTUAL) or not body
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query_string.decode(),
        "headers": {name.lower(): value for name, value in request.headers},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "authentication": None,
            "authorizer": {
                "iam": {
                    "accessKey": caller.access_key,
                    "accountId": ACCOUNT,
                    "callerId": caller.id,
                    "cognitoIdentity": None,
                    "principalOrgId": None,
                    "userArn": caller.arn,
                    "userId": caller.id,
                }
            },
            "domainName": request.host,
            "domainPrefix": "local",
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.remote_addr,
                "userAgent": request.headers.get("User-Agent"),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": f"{now:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": not textual,
    }
    if body:
        event["body"] = body.decode() if textual else base64.b64encode(body).decode()
    if request.args:
        event["queryStringParameters"] = {name: ",".join(request.args.getlist(name)) for name in request.args}
    return event


def _response(answered: Any) -> Response:
    """Makes the HTTP response from the function's result.

    If the result has no `statusCode`, the whole result is the body, and the status is 200.
    """
    if not (isinstance(answered, dict) and "statusCode" in answered):
        return Response(json.dumps(answered), 200, mimetype="application/json")
    body = answered.get("body", "")
    content = base64.b64decode(body) if answered.get("isBase64Encoded") else body
    headers = {"Content-Type": "application/json"} | answered.get("headers", {})
    return Response(content, int(answered["statusCode"]), headers)


def _error(status: int, message: str | None) -> Response:
    return Response(json.dumps({"Message": message}), status, mimetype="application/json")
