"""Translates an older form of Beanstalk's API. AWS still accepts it, and einaregilsson/beanstalk-deploy uses it.

A request may contain `Operation` instead of `Action`, and `members` instead of `member`. If the client accepts JSON,
the response is JSON. In this JSON, members without a value are null, and dates are seconds since 1970. AWS does not
document this form. The source is the code of einaregilsson/beanstalk-deploy in November 2026.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from botocore.parsers import create_parser
from moto.core.utils import get_service_model


class Dialect:
    """WSGI middleware that translates requests to the current form, and responses to the older form."""

    def __init__(self, application: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "/elasticbeanstalk/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return self._application(environ, start_response)
        query = re.sub(r"\.members(\.\d+)", r".member\1", environ.get("QUERY_STRING", ""))
        environ["QUERY_STRING"] = re.sub(r"(^|&)Operation=", r"\1Action=", query)
        if environ.get("HTTP_ACCEPT") != "application/json":
            return self._application(environ, start_response)
        environ["CONTENT_TYPE"] = ""
        started: list[Any] = []
        start: Any = lambda *status: started.append(status)  # noqa: E731
        body = b"".join(self._application(environ, start))
        status, headers, *_ = started[0]
        headers = [each for each in headers if each[0].lower() not in ("content-type", "content-length")]
        operation = parse_qs(environ["QUERY_STRING"]).get("Action", [""])[0]
        text = json.dumps(_in_json(operation, int(status[:3]), body)).encode()
        start_response(status, [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
        return [text]


def _in_json(operation: str, status: int, body: bytes) -> dict[str, Any]:
    model = get_service_model("elasticbeanstalk")
    shape: Any = model.operation_model(operation).output_shape if operation in model.operation_names else None
    parsed = create_parser("query").parse({"status_code": status, "headers": {}, "body": body}, shape)
    request_id = parsed.pop("ResponseMetadata").get("RequestId")
    if status >= 400:
        return {"Error": parsed["Error"], "RequestId": request_id}
    result = None if shape is None else _complete(shape, parsed)
    return {f"{operation}Response": {f"{operation}Result": result, "ResponseMetadata": {"RequestId": request_id}}}


def _complete(shape: Any, value: Any) -> Any:
    """Converts a value for JSON. A structure has all its members, even members without a value."""
    if shape.type_name == "structure" and value is not None:
        return {name: _complete(member, value.get(name)) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [_complete(shape.member, each) for each in value or ()]
    return value.timestamp() if isinstance(value, datetime) else value
