"""The websites of environments. On AWS, the CNAME of an environment resolves to its load balancer."""

import random
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from . import bundles
from .environments import Environment
from .models import ElasticBeanstalkBackend

DOMAIN = ".elasticbeanstalk.com"


class Websites:
    """WSGI middleware: a request whose Host is the CNAME of an environment is answered by one of its instances."""

    def __init__(self, application: Any, backend: ElasticBeanstalkBackend) -> None:
        self._application = application
        self._backend = backend

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        answer: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = self._application
        if host.endswith(DOMAIN):
            answer = self._answer(host, Request(environ).path)
        return answer(environ, start_response)

    def _answer(self, host: str, path: str) -> Response:
        with self._backend.service.lock:
            environments = self._backend.environments.values()
            environment = next((each for each in environments if each.cname == host), None)
            if environment is None:
                return Response("there is no such environment", 404)
            page = _page(environment, self._backend, path)
        if fault := self._backend.service.faults.strikes("http", environment.name):
            time.sleep(fault.parameters["seconds"])
            return Response(fault.parameters["text"], fault.parameters["code"])
        return page


def _page(environment: Environment, backend: ElasticBeanstalkBackend, path: str) -> Response:
    """The answer of an instance, or of the load balancer if no instance answers."""
    healthy = [each for each in environment.instances if each.in_service and each.answers and each.deployment]
    if not healthy:
        return Response("<h1>503 Service Temporarily Unavailable</h1>", 503)
    deployment = random.choice(healthy).deployment  # noqa: S311 - chance, not a secret
    label = deployment.version_label if deployment else ""
    version = backend.applications[environment.application_name].labelled.get(label)
    bundle = version.bundle if version else None
    page = bundles.page(bundle, path) if bundle else f"<h1>{label}</h1>".encode()
    return Response("<h1>404 Not Found</h1>", 404) if page is None else Response(page, 200)
