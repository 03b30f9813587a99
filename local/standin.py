"""Puts the stand-in cloud together: moto, the own Beanstalk, the template's resources, and what delivers."""

import asyncio
import json
import logging
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
from moto.awslambda.models import lambda_backends
from moto.backends import get_backend
from moto.core.routing import get_service_router
from moto.events.models import EventPattern
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sns.models import sns_backends
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local import beanstalk, moto_patches, queues, schedules
from local.asynchronous import Asynchronous
from local.beanstalk.seed import seed_shop
from local.clock import Clock
from local.control import ControlDoor, checked_envelope
from local.faults import Faults
from local.functions import Function
from local.permissions import Permissions, service_may
from local.provisioning import Resource, Stack
from local.queues import Mapping
from local.recorder import Recorder
from local.resources import resources
from local.routing import Bus, Undeliverable
from local.settings import ACCOUNT, REGION, Settings
from local.template import Expansion

EVENTS = "events.amazonaws.com"


class StandIn:
    """The stand-in, once started: everything but moto's request threads runs on one event loop."""

    def __init__(self, settings: Settings, sockets: list[socket.socket], expansion: Expansion) -> None:
        """`sockets` are the two ports, listening: the API's and the control door's."""
        self.settings = settings
        self._sockets = sockets
        self._expansion = expansion
        self._clients: dict[str, Any] = {}
        self.clock = Clock(settings.speed)
        self.faults = Faults()
        self.permissions = Permissions()
        self.bus = Bus(self.faults, self._deliver, self._dead_letter)
        self._functions: dict[str, Function] = {}
        self._asynchronous: dict[str, Asynchronous] = {}
        self._mappings: dict[str, list[Mapping]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[BaseWSGIServer] = []
        self._pending = threading.local()
        self._beanstalk: beanstalk.Beanstalk | None = None
        self._session = botocore.session.get_session()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        moto_patches.install(self._message_arrived, self._after_request)
        self._beanstalk = beanstalk.install(clock=self.clock, faults=self.faults, emit=self.bus.put, loop=self._loop)
        moto = DomainDispatcherApplication(create_backend_app)
        self.recorder = Recorder(moto, self.permissions, self.faults, self._request_done)
        self._serve(self._sockets[0], self.recorder, MotoRequestHandler)
        seed_shop()
        for service in sorted({kind.service for kind in resources().values()}):
            # loaded while the translator is at work
            get_backend(service), get_service_router(service), self._client(service)
        template = await asyncio.to_thread(self._expansion.result)
        self.stack = Stack(template, self.settings.parameters, self._client)
        self.outputs = await asyncio.to_thread(self.stack.create)
        self._connect()
        self._serve(self._sockets[1], ControlDoor(self._routes()), WSGIRequestHandler)

    async def stop(self) -> None:
        for server in self._servers:
            await asyncio.to_thread(server.shutdown)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._beanstalk:
            await self._beanstalk.close()
        await asyncio.gather(*(function.close() for function in self._functions.values()))

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
                endpoint_url=self.settings.endpoint,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._clients[service]

    def _connect(self) -> None:
        """From the resources made, what runs: functions, mappings, schedules."""
        made = self.stack.resources.values()
        layers = {
            resource.ref: self._folder(resource, "Content")
            for resource in made
            if resource.type == "AWS::Lambda::LayerVersion"
        }
        widths: dict[str, int] = {}
        for resource in self.stack.of_type("AWS::Lambda::EventSourceMapping"):
            wanted = int(resource.properties.get("ScalingConfig", {}).get("MaximumConcurrency", 4))
            widths[resource.properties["FunctionName"]] = wanted
        for resource in self.stack.of_type("AWS::Lambda::Function"):
            self._add_function(resource, layers, widths.get(resource.name, 4))
        for resource in self.stack.of_type("AWS::Lambda::EventInvokeConfig"):
            given, invocation = resource.properties, self._asynchronous[resource.properties["FunctionName"]]
            invocation.retries = int(given.get("MaximumRetryAttempts", 2))
            invocation.maximum_age = float(given.get("MaximumEventAgeInSeconds", 21600))
            invocation.on_failure = given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        for resource in self.stack.of_type("AWS::Lambda::EventSourceMapping"):
            self._add_mapping(resource.properties)
        for resource in self.stack.of_type("AWS::Scheduler::Schedule"):
            self._add_schedule(resource)

    def _add_function(self, resource: Resource, layers: dict[str, Path], concurrency: int) -> None:
        given = resource.properties
        variables = given.get("Environment", {}).get("Variables", {})
        function = Function(
            logical_id=resource.logical_id,
            name=resource.name,
            arn=resource.attributes["Arn"],
            handler=given["Handler"],
            timeout=int(given.get("Timeout", 3)),
            memory=int(given.get("MemorySize", 128)),
            variables={
                **{name: str(value) for name, value in variables.items()},
                **self.permissions.assume(resource.logical_id, given["Role"], resource.name),
                "AWS_ENDPOINT_URL": self.settings.endpoint,
            },
            folders=[self._folder(resource, "Code"), *(layers[layer] for layer in given.get("Layers", []))],
            log_group=given.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{resource.name}"),
            log_format=given.get("LoggingConfig", {}).get("LogFormat", "Text"),
            concurrency=concurrency,
            built=self.settings.built,
            verbose=self.settings.verbose,
        )
        self._functions[function.arn] = function
        self._asynchronous[function.name] = Asynchronous(
            function, self.clock, partial(self._destination, given["Role"])
        )

    def _folder(self, resource: Resource, code: str) -> Path:
        given = resource.properties[code]
        folder: Path = self.settings.template.parent / given["S3Key"]
        python = folder / "python"
        return python if code == "Content" and python.is_dir() else folder

    def _add_mapping(self, given: dict[str, Any]) -> None:
        function = next(f for f in self._functions.values() if given["FunctionName"] in (f.name, f.arn))
        mapping = Mapping(
            queue_arn=given["EventSourceArn"],
            function=function,
            batch_size=int(given.get("BatchSize", 10)),
            window=float(given.get("MaximumBatchingWindowInSeconds", 0)),
            concurrency=function.concurrency,
            partial="ReportBatchItemFailures" in given.get("FunctionResponseTypes", []),
            patterns=[EventPattern.load(one["Pattern"]) for one in given.get("FilterCriteria", {}).get("Filters", [])],
        )
        self._mappings.setdefault(mapping.queue_arn, []).append(mapping)
        self._run(mapping.run())

    def _add_schedule(self, resource: Resource) -> None:
        given, target = resource.properties, resource.properties["Target"]

        async def fire(payload: str) -> None:
            await self._fire(resource.attributes["Arn"], target, payload)

        if given.get("State", "ENABLED") == "ENABLED":
            timezone = given.get("ScheduleExpressionTimezone", "UTC")
            arn, payload = resource.attributes["Arn"], target.get("Input", "{}")
            self._run(schedules.run(given["ScheduleExpression"], timezone, self.clock, arn, payload, fire))

    async def _fire(self, schedule: str, target: dict[str, Any], payload: str) -> None:
        if self.permissions.role_may(target["RoleArn"], "lambda:InvokeFunction", target["Arn"]):
            self._invoke(target["Arn"], payload)
        elif queue := target.get("DeadLetterConfig", {}).get("Arn"):
            queues.send(queue, payload, {"ERROR_CODE": "AccessDeniedException", "SCHEDULE_ARN": schedule})

    def _run(self, coroutine: Any) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._loop.call_exception_handler({"message": "delivery failed", "exception": error})

    # Called by moto's threads

    def _message_arrived(self, queue_arn: str) -> None:
        def wake() -> None:
            for mapping in self._mappings.get(queue_arn, ()):
                mapping.wake()

        self._loop.call_soon_threadsafe(wake)

    def _after_request(self, envelope: dict[str, Any]) -> None:
        """S3 tells of an object before it has all its metadata: the event waits until the request is done."""
        self._pending.__dict__.setdefault("envelopes", []).append(envelope)

    def _request_done(self) -> None:
        for envelope in self._pending.__dict__.pop("envelopes", ()):
            self._loop.call_soon_threadsafe(self.bus.put, envelope)

    # Deliveries

    def _deliver(self, target: str, rule: str, body: str, group: str | None) -> None:
        service = target.split(":")[2]
        if service == "sqs":
            self._may_send(target, rule)
            queues.send(target, body, group=group)
        elif service == "lambda":
            if target not in self._functions:
                raise Undeliverable("RESOURCE_NOT_FOUND", f"{target} does not exist")
            held = lambda_backends[ACCOUNT][REGION].get_function(target)
            policy = json.dumps({"Statement": held.policy.statements})
            if not service_may(policy, EVENTS, "lambda:InvokeFunction", target, rule):
                raise Undeliverable("NO_PERMISSIONS", f"the policy of {target} does not let {rule} in")
            self._invoke(target, body)
        elif service == "sns":
            sns_backends[ACCOUNT][REGION].publish(arn=target, message=body)
        else:
            raise Undeliverable("INVALID_TARGET", f"{service} is no target here")

    def _may_send(self, queue: str, rule: str) -> None:
        held = queues.backend().queues.get(queue.rsplit(":", 1)[1])
        if held is None:
            raise Undeliverable("RESOURCE_NOT_FOUND", f"{queue} does not exist")
        if not service_may(held.policy, EVENTS, "sqs:SendMessage", queue, rule):
            raise Undeliverable("NO_PERMISSIONS", f"the policy of {queue} does not let {rule} in")

    def _dead_letter(self, queue: str, body: str, attributes: dict[str, str], rule: str) -> None:
        try:
            self._may_send(queue, rule)
        except Undeliverable as error:
            print(f"an event is lost: {error}", file=sys.stderr)
        else:
            queues.send(queue, body, attributes)

    def _destination(self, role: str, queue: str, body: str) -> None:
        if self.permissions.role_may(role, "sqs:SendMessage", queue):
            queues.send(queue, body)
        else:
            print(f"a failure is lost: {role} may not send to {queue}", file=sys.stderr)

    def _invoke(self, function_arn: str, payload: str) -> None:
        function = self._functions[function_arn]
        self._run(self._asynchronous[function.name].invoke(payload.encode()))

    # The control door

    def _routes(self) -> dict[str, Any]:
        def post_event(given: object) -> tuple[int, Any]:
            envelope = checked_envelope(given)
            self._loop.call_soon_threadsafe(self.bus.put, envelope)
            return 201, {"id": envelope["id"]}

        def delete_faults(_: None) -> tuple[int, Any]:
            self.faults.clear()
            return 204, None

        return {
            "/calls": {"GET": lambda _: (200, self.recorder.calls())},
            "/events": {"GET": lambda _: (200, self.bus.events()), "POST": post_event},
            "/faults": {
                "GET": lambda _: (200, [fault.describe() for fault in self.faults.all()]),
                "POST": lambda given: (201, {"id": self.faults.add(given).id}),
                "DELETE": delete_faults,
            },
            "/slack/messages": {"GET": lambda _: (200, [])},
            "/stack": {"GET": lambda _: (200, {"outputs": self.outputs, "resources": self._shown()})},
        }

    def _shown(self) -> dict[str, dict[str, str]]:
        return {
            name: {"type": made.type, "ref": made.ref, **made.attributes} for name, made in self.stack.resources.items()
        }
