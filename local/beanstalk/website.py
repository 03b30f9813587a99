"""The websites of environments. On AWS, the CNAME of an environment resolves to its load balancer."""

import random
import time
from collections.abc import Callable, Iterable
from http.client import HTTPConnection, HTTPException
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from . import bundles
from .environments import Environment
from .models import ElasticBeanstalkBackend

DOMAIN = ".elasticbeanstalk.com"
FORWARD_SECONDS = 60
_OF_CONNECTION = ("connection", "content-length", "keep-alive", "transfer-encoding")
"""The headers that are not forwarded.

Most of them apply only to one connection (RFC 9110, section 7.6.1). The length is computed again.
"""


class Websites:
    """WSGI middleware. One of an environment's instances answers each request to the environment's CNAME."""

    def __init__(self, application: Any, backend: ElasticBeanstalkBackend) -> None:
        self._application = application
        self._backend = backend

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        answer: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = self._application
        if host.endswith(DOMAIN):
            answer = self._answer(host, Request(environ))
        return answer(environ, start_response)

    def _answer(self, host: str, request: Request) -> Response:
        with self._backend.service.lock:
            environments = self._backend.environments.values()
            environment = next((each for each in environments if each.cname == host), None)
            if environment is None:
                return Response("there is no such environment", 404)
            address = environment.fleet.address(environment)
            page = None if address else _page(environment, self._backend, request.path)
        if fault := self._backend.service.faults.strikes("http", environment.name):
            time.sleep(fault.parameters["seconds"])
            return Response(fault.parameters["text"], fault.parameters["code"])
        return page or _forwarded(str(address), request)


def _forwarded(address: str, request: Request) -> Response:
    """Forwards the request to the load balancer at this address, and returns its response."""
    connection = HTTPConnection(address, timeout=FORWARD_SECONDS)
    headers = {name: value for name, value in request.headers if name.lower() not in _OF_CONNECTION}
    try:
        connection.request(request.method, request.full_path.removesuffix("?"), request.get_data(), headers)
        answer = connection.getresponse()
        sent = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OF_CONNECTION]
        return Response(answer.read(), answer.status, sent)
    except (OSError, HTTPException):
        return Response("<h1>503 Service Temporarily Unavailable</h1>", 503)
    finally:
        connection.close()


def _page(environment: Environment, backend: ElasticBeanstalkBackend, path: str) -> Response:
    """Returns the response of an instance, or the load balancer's response if no instance can respond."""
    healthy = [each for each in environment.instances if each.in_service and each.answers and each.deployment]
    if not healthy:
        return Response("<h1>503 Service Temporarily Unavailable</h1>", 503)
    instance = random.choice(healthy)  # noqa: S311 - chance, not a secret
    deployment = instance.runs or instance.deployment
    label = deployment.version_label if deployment else ""
    version = backend.applications[environment.application_name].labelled.get(label)
    bundle = version.bundle if version else None
    page = bundles.page(bundle, path) if bundle else f"<h1>{label}</h1>".encode()
    return Response("<h1>404 Not Found</h1>", 404) if page is None else Response(page, 200)
