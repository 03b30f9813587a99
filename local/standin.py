"""Assembles the stand-in cloud from moto, the stand-in's own Beanstalk and Slack, and the stack of the template."""

import asyncio
import json
import logging
import socket
import threading
import warnings
from collections.abc import Awaitable
from functools import partial
from typing import Any

import botocore.session
from moto.backends import get_backend
from moto.core.routing import get_service_router
from moto.elasticbeanstalk.models import eb_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local import beanstalk
from local.aws import cloudformation, patches
from local.aws.deliveries import Deliveries, Parts
from local.aws.event_bus import Bus
from local.aws.function_urls import FunctionUrls
from local.aws.gateway import Gateway
from local.aws.in_process import answer
from local.aws.permissions import Permissions, grants_used
from local.aws.provisioning import Resource, Stack, kinds
from local.beanstalk.dialect import Dialect
from local.beanstalk.seed import SIZES, TOMCATS, seed_shop
from local.beanstalk.website import Websites
from local.clock import Clock
from local.control import Answer, ControlApi, Route, errors_of_envelope
from local.faults import Faults
from local.settings import ACCOUNT, REGION, SLACK_SECRET, WEBHOOK_SECRET, Settings, secret_arn
from local.slack.api import Slack
from local.slack.workspace import BOT_TOKEN, WEBHOOKS
from local.tomcat.fleet import Tomcats


class StandIn:
    """The stand-in cloud. It runs on one event loop, and separate threads serve the requests."""

    def __init__(self, settings: Settings, sockets: list[socket.socket], loop: asyncio.AbstractEventLoop) -> None:
        """`sockets` are two listening sockets: the first for AWS's API, the second for the control API."""
        self._settings = settings
        self._sockets = sockets
        self._loop = loop
        self._session = botocore.session.get_session()
        self._clients: dict[str, Any] = {}
        self._servers: list[BaseWSGIServer] = []
        self._tomcats: Tomcats | None = None
        clock, faults, permissions = Clock(settings.speed), Faults(), Permissions()
        bus = Bus(faults, lambda seconds, do: loop.call_later(seconds / clock.speed, do))
        self._parts = Parts(settings, clock, faults, permissions, bus)
        self._deliveries = Deliveries(self._parts, loop)

    async def start(self, expansion: Awaitable[dict[str, Any]]) -> None:
        """Starts the stand-in. `expansion` returns the template after SAM's transform."""
        parts, deliveries = self._parts, self._deliveries
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        warnings.simplefilter("ignore")  # moto warns about error codes that botocore's models do not contain
        patches.install(deliveries)
        if self._settings.fleet == "tomcat":
            self._tomcats = Tomcats()
        self._beanstalk = beanstalk.install(
            clock=parts.clock, faults=parts.faults, emit=parts.bus.put, loop=self._loop, fleet=self._tomcats
        )
        moto = DomainDispatcherApplication(self._backend_app)
        self._gateway = Gateway(moto, parts.permissions, parts.faults, deliveries.request_done)
        urls = FunctionUrls(self._gateway, parts.permissions, self._loop)
        self._serve(self._sockets[0], Dialect(Websites(urls, eb_backends[ACCOUNT][REGION])), MotoRequestHandler)
        seed_shop(sizes=SIZES if self._tomcats is None else TOMCATS)
        for service in sorted({kind.service for kind in kinds().values()}):
            # Loads these modules while the translator expands the template in another process.
            get_backend(service), get_service_router(service), self._client(service)
        self._keep_secrets()
        self._urls, self._template = urls, await expansion
        self._install({})
        control = DispatcherMiddleware(ControlApi(self._routes()), {"/slack": Slack(parts.faults)})
        self._serve(self._sockets[1], control, WSGIRequestHandler)
        if self._tomcats is not None:
            await self._tomcats.ready()

    def _install(self, adopted: dict[str, Resource]) -> None:
        self._stack = self._create_stack(self._template, adopted)
        self._deliveries.start(self._stack)
        self._urls.functions.clear()
        for url in self._stack.of_type("AWS::Lambda::Url"):
            name, qualifier = url.properties["TargetFunctionArn"], url.properties.get("Qualifier")
            function = self._deliveries.function(name)
            self._urls.functions[name] = function, f"{function.arn}:{qualifier}" if qualifier else function.arn

    async def _reinstall(self, adopted: list[str]) -> None:
        """Deletes the stack, and creates a new one.

        The new stack adopts the resources whose logical ids are in `adopted`.
        """
        await self._deliveries.stop()
        for rule in self._stack.of_type("AWS::Events::Rule"):
            targets = [target["Id"] for target in rule.properties["Targets"]]
            self._client("events").remove_targets(Rule=rule.name, Ids=targets)
            self._client("events").delete_rule(Name=rule.name)
        for parameter in self._stack.of_type("AWS::SSM::Parameter"):
            self._client("ssm").delete_parameter(Name=parameter.name)
        self._install({name: self._stack.resources[name] for name in adopted})

    def _create_stack(self, template: dict[str, Any], adopted: dict[str, Resource]) -> Stack:
        declared = template.get("Parameters", {})
        offered = {name: value for name, value in self._settings.offered.items() if name in declared}
        stack = Stack(template, {**offered, **self._settings.parameters}, self._client)
        stack.resources |= adopted
        stack.create()
        return stack

    def _backend_app(self, service: str) -> Any:
        if service == "cloudformation":
            return cloudformation.application(lambda: self._stack)
        return create_backend_app(service)

    def _keep_secrets(self) -> None:
        """Creates the secrets. They must exist before the stack is created."""
        secrets = secretsmanager_backends[ACCOUNT][REGION]
        of_bot = {"bot_token": BOT_TOKEN, "api_url": f"{self._settings.slack}api/"}
        of_webhook = {"webhook_url": f"{self._settings.slack}services/{next(iter(WEBHOOKS))}"}
        for name, held in ((SLACK_SECRET, of_bot), (WEBHOOK_SECRET, of_webhook)):
            secret, _ = secrets._add_secret(name, secret_string=json.dumps(held))
            secret.arn = secret_arn(name)

    async def stop(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(server.shutdown) for server in self._servers))
        await self._deliveries.stop()
        if self._tomcats is not None:
            await self._beanstalk.close()
            self._tomcats.close()

    def _serve(self, listening: socket.socket, application: Any, handler: type[WSGIRequestHandler]) -> None:
        host, port = listening.getsockname()
        server = make_server(host, port, application, threaded=True, request_handler=handler, fd=listening.fileno())
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.create_client(
                service,
                region_name=REGION,
                endpoint_url=self._settings.endpoint,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
            self._clients[service].meta.events.register("before-send", partial(answer, self._gateway))
        return self._clients[service]

    def _routes(self) -> dict[str, dict[str, Route]]:
        bus, faults, mail = self._parts.bus, self._parts.faults, self._deliveries.mail

        def get_stack(_: None) -> Answer:
            resources = {
                name: {"type": resource.type, "ref": resource.ref, **resource.attributes}
                for name, resource in self._stack.resources.items()
            }
            return 200, {"outputs": self._stack.outputs, "resources": resources}

        def post_stack(given: Any) -> Answer:
            asyncio.run_coroutine_threadsafe(self._reinstall(given["adopt"]), self._loop).result()
            return get_stack(None)

        def post_event(given: Any) -> Answer:
            if errors := errors_of_envelope(given):
                return 400, {"errors": errors}
            self._loop.call_soon_threadsafe(bus.put, given)
            return 201, {"id": given["id"]}

        def delete_faults(_: None) -> Answer:
            faults.clear()
            return 204, None

        def grants(_: None) -> Answer:
            names = {resource.attributes.get("Arn"): name for name, resource in self._stack.resources.items()}
            return 200, [[names.get(role, role), sid, action] for role, sid, action in grants_used()]

        return {
            "/calls": {"GET": lambda _: (200, self._gateway.calls())},
            "/events": {"GET": lambda _: (200, bus.events()), "POST": post_event},
            "/faults": {
                "GET": lambda _: (200, [fault.describe() for fault in faults.all()]),
                "POST": lambda given: (201, {"id": faults.add(given).id}),
                "DELETE": delete_faults,
            },
            "/grants": {"GET": grants},
            "/mail": {"GET": lambda _: (200, list(mail))},
            "/stack": {"GET": get_stack, "POST": post_stack},
        }
