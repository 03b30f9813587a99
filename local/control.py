"""The control API of the stand-in: JSON over HTTP, for tests, users and the demo."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from local.faults import InvalidFault

TEXTS = ("version", "id", "detail-type", "source", "account", "time", "region")
ENVELOPE: dict[str, type] = {**dict.fromkeys(TEXTS, str), "resources": list, "detail": dict}

Answer = tuple[int, Any]
Route = Callable[[Any], Answer]


class ControlApi:
    """A WSGI application.

    `routes` maps each path and method to a function. The function receives the body, and returns a status and JSON.
    """

    def __init__(self, routes: dict[str, dict[str, Route]]) -> None:
        self._routes = routes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, value = self._answer(Request(environ))
        text = "" if status == 204 else json.dumps(value, default=str) + "\n"
        return Response(text, status, mimetype="application/json")(environ, start_response)

    def _answer(self, request: Request) -> Answer:
        methods = self._routes.get(request.path)
        if methods is None:
            return 404, {"errors": [f"{request.path} does not exist; use one of {', '.join(sorted(self._routes))}"]}
        if request.method not in methods:
            return 405, {"errors": [f"{request.path} accepts only {', '.join(sorted(methods))}"]}
        try:
            return methods[request.method](json.loads(request.get_data()) if request.method == "POST" else None)
        except InvalidFault as error:
            return 400, {"errors": error.errors}
        except (ValueError, RecursionError) as error:
            return 400, {"errors": [f"the body is not JSON: {error}"]}


def errors_of_envelope(given: object) -> list[str]:
    """Returns the errors in an EventBridge envelope, with one message for each error."""
    if not isinstance(given, dict):
        return ["an event must be a JSON object, in EventBridge's envelope"]
    errors = [
        f"{name}: {'missing' if name not in given else f'not a {kind.__name__}'}"
        for name, kind in ENVELOPE.items()
        if not isinstance(given.get(name), kind)
    ]
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(given.get("time"))):
        errors.append("time: does not have the form 2026-01-02T03:04:05Z")
    return errors
