"""Puts the stand-in cloud together: moto, the own Beanstalk, the template's resources, and what delivers."""

import asyncio
import json
import logging
import socket
import sys
import threading
import warnings
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
from moto.backends import get_backend
from moto.cloudwatch.models import Alarm
from moto.core.routing import get_service_router
from moto.secretsmanager.models import secretsmanager_backends
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local import beanstalk
from local.aws import alarms, moto_patches, queues
from local.aws.event_bus import KEPT, Bus
from local.aws.function_urls import FunctionUrls
from local.aws.functions import Function
from local.aws.gateway import Gateway
from local.aws.invocations import Asynchronous
from local.aws.permissions import Permissions, role_may
from local.aws.provisioning import Resource, Stack, kinds
from local.aws.queues import Mapping
from local.aws.schedules import schedule
from local.aws.streams import FOR_EVER, StreamMapping, patterns_of
from local.beanstalk.seed import seed_shop
from local.clock import Clock
from local.control import Answer, ControlDoor, Route, errors_of_envelope
from local.faults import Faults
from local.settings import ACCOUNT, REGION, SLACK_SECRET, WEBHOOK_SECRET, Settings, secret_arn
from local.slack.api import Slack
from local.slack.workspace import BOT_TOKEN, WEBHOOKS

CONCURRENCY = 4
"""Of a function whose mappings set no MaximumConcurrency."""


class StandIn:
    """The stand-in, once started: everything but moto's request threads runs on one event loop."""

    def __init__(self, settings: Settings, sockets: list[socket.socket]) -> None:
        """`sockets` are the two ports, listening: the API's and the control door's."""
        self._settings = settings
        self._sockets = sockets
        self._session = botocore.session.get_session()
        self._clients: dict[str, Any] = {}
        self._clock = Clock(settings.speed)
        self._faults = Faults()
        self._slack = Slack(self._faults)
        self._permissions = Permissions()
        self._bus = Bus(self._faults, self._later)
        self._functions: list[Function] = []
        self._asynchronous: dict[str, Asynchronous] = {}
        """By the names and the ARNs of functions."""
        self._mappings: list[Mapping | StreamMapping] = []
        self._mail: deque[dict[str, str]] = deque(maxlen=KEPT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[BaseWSGIServer] = []
        self._pending = threading.local()
        self._beanstalk: beanstalk.Beanstalk | None = None

    async def start(self, expansion: Awaitable[dict[str, Any]]) -> None:
        self._loop = asyncio.get_running_loop()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        warnings.simplefilter("ignore")  # moto warns of errors that botocore's models lack, such as AccessDenied
        moto_patches.install(self._arrived, self._after_request, self._alarm_changed, self._mailed, self._invoke)
        self._beanstalk = beanstalk.install(clock=self._clock, faults=self._faults, emit=self._bus.put, loop=self._loop)
        moto = DomainDispatcherApplication(create_backend_app)
        self._gateway = Gateway(moto, self._permissions, self._faults, self._request_done)
        self._urls = FunctionUrls(self._gateway, self._permissions, self._loop)
        self._serve(self._sockets[0], self._urls, MotoRequestHandler)
        seed_shop()
        for service in sorted({kind.service for kind in kinds().values()}):
            # loaded while the translator is at work
            get_backend(service), get_service_router(service), self._client(service)
        self._keep_secrets()
        template = await expansion
        offered = {k: v for k, v in self._settings.offered.items() if k in template.get("Parameters", {})}
        self._stack = Stack(template, {**offered, **self._settings.parameters}, self._client)
        self._outputs = await asyncio.to_thread(self._stack.create)
        self._connect()
        door = DispatcherMiddleware(ControlDoor(self._routes()), {"/slack": self._slack})
        self._serve(self._sockets[1], door, WSGIRequestHandler)

    def _keep_secrets(self) -> None:
        """What somebody has put into Secrets Manager before the stack is made."""
        secrets = secretsmanager_backends[ACCOUNT][REGION]
        of_bot = {"bot_token": BOT_TOKEN, "api_url": f"{self._settings.slack}api/"}
        of_webhook = {"webhook_url": f"{self._settings.slack}services/{next(iter(WEBHOOKS))}"}
        for name, held in ((SLACK_SECRET, of_bot), (WEBHOOK_SECRET, of_webhook)):
            secret, _ = secrets._add_secret(name, secret_string=json.dumps(held))
            secret.arn = secret_arn(name)

    async def stop(self) -> None:
        for server in self._servers:
            await asyncio.to_thread(server.shutdown)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._beanstalk:
            await self._beanstalk.close()
        await asyncio.gather(*(function.close() for function in self._functions))

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
        return self._clients[service]

    def _connect(self) -> None:
        """From the resources made, what runs: functions, mappings, schedules."""
        mappings = [resource.properties for resource in self._stack.of_type("AWS::Lambda::EventSourceMapping")]
        widths = {given["FunctionName"]: given.get("ScalingConfig", {}).get("MaximumConcurrency") for given in mappings}
        for resource in self._stack.of_type("AWS::Lambda::Function"):
            self._add_function(resource, int(widths.get(resource.name) or CONCURRENCY))
        for url in self._stack.of_type("AWS::Lambda::Url"):
            name = url.properties["TargetFunctionArn"]
            self._urls.functions[name] = self._asynchronous[name].function
        for given in (resource.properties for resource in self._stack.of_type("AWS::Lambda::EventInvokeConfig")):
            invocation = self._asynchronous[given["FunctionName"]]
            invocation.retries = int(given.get("MaximumRetryAttempts", invocation.retries))
            invocation.maximum_age = float(given.get("MaximumEventAgeInSeconds", invocation.maximum_age))
            if queue := given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
                invocation.failed = partial(self._send_as, invocation.function.given["Role"], queue)
        for given in mappings:
            mapping = self._mapping(given)
            self._mappings.append(mapping)
            self._run(mapping.run())
        for resource in self._stack.of_type("AWS::CloudWatch::Alarm"):
            self._run(alarms.watch(resource.name, self._clock))
        for resource in self._stack.of_type("AWS::Scheduler::Schedule"):
            given, target, arn = resource.properties, resource.properties["Target"], resource.attributes["Arn"]
            fire, payload = partial(self._fire, arn, target), target.get("Input", "{}")
            self._run(schedule(given["ScheduleExpression"], self._clock, arn, payload, fire))

    def _add_function(self, resource: Resource, concurrency: int) -> None:
        given = resource.properties
        layers = {layer.ref: layer.properties["Content"] for layer in self._stack.of_type("AWS::Lambda::LayerVersion")}
        function = Function(
            logical_id=resource.logical_id,
            name=resource.name,
            arn=resource.attributes["Arn"],
            given=given,
            folders=[self._folder(code) for code in [given["Code"], *(layers[ref] for ref in given.get("Layers", []))]],
            credentials=self._permissions.assume(resource.logical_id, given["Role"], resource.name),
            concurrency=concurrency,
            settings=self._settings,
            faults=self._faults,
        )
        self._functions.append(function)
        invocation = Asynchronous(function, self._clock)
        self._asynchronous |= {function.name: invocation, function.arn: invocation}

    def _mapping(self, given: dict[str, Any]) -> Mapping | StreamMapping:
        arn, function = given["EventSourceArn"], self._asynchronous[given["FunctionName"]].function
        window = float(given.get("MaximumBatchingWindowInSeconds", 0))
        partial_answers = "ReportBatchItemFailures" in given.get("FunctionResponseTypes", [])
        if ":sqs:" in arn:
            return Mapping(arn, function, int(given.get("BatchSize", 10)), window, partial_answers)
        mapping = StreamMapping(
            source_arn=arn,
            function=function,
            clock=self._clock,
            latest=given["StartingPosition"] == "LATEST",
            batch_size=int(given.get("BatchSize", 100)),
            window=window,
            partial=partial_answers,
            patterns=patterns_of(given.get("FilterCriteria", {})),
            bisect=str(given.get("BisectBatchOnFunctionError")).lower() == "true",
            retries=int(given.get("MaximumRetryAttempts", FOR_EVER)),
            maximum_age=float(given.get("MaximumRecordAgeInSeconds", FOR_EVER)),
        )
        if queue := given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
            mapping.failed = partial(self._send_as, function.given["Role"], queue)
        return mapping

    def _folder(self, code: dict[str, str]) -> Path:
        """Where the code lies; of a built layer it is in `python/`."""
        folder: Path = self._settings.template.parent / code["S3Key"]
        return folder / "python" if (folder / "python").is_dir() else folder

    def _fire(self, schedule: str, target: dict[str, Any], payload: str) -> asyncio.Task[None] | None:
        if role_may(target["RoleArn"], "lambda:InvokeFunction", target["Arn"]):
            return self._run(self._asynchronous[target["Arn"]].invoke(payload.encode()))
        if queue := target.get("DeadLetterConfig", {}).get("Arn"):
            attributes = {"ERROR_CODE": "AccessDeniedException", "SCHEDULE_ARN": schedule}
            self._send_as(target["RoleArn"], queue, payload, attributes)
        return None

    def _send_as(self, role: str, queue: str, body: str, attributes: dict[str, str] | None = None) -> None:
        if role_may(role, "sqs:SendMessage", queue):
            queues.send(queue, body, attributes)
        else:
            print(f"a failure is lost: {role} may not send to {queue}", file=sys.stderr)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        self._loop.call_later(seconds / self._clock.speed, do)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._loop.call_exception_handler({"message": "delivery failed", "exception": error})

    # Called by moto's threads

    def _arrived(self, source_arn: str) -> None:
        for mapping in self._mappings:
            if mapping.source_arn == source_arn:
                self._loop.call_soon_threadsafe(mapping.woken.set)

    def _alarm_changed(self, alarm: Alarm, before: alarms.State, after: alarms.State) -> None:
        self._loop.call_soon_threadsafe(self._bus.put, alarms.event(alarm, before, after))
        alarms.tell(alarm, before, after)

    def _mailed(self, to: str, subject: str, text: str) -> None:
        time = f"{self._clock.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        self._mail.append({"time": time, "to": to, "subject": subject, "text": text})

    def _invoke(self, name: str, payload: bytes, waits: bool) -> tuple[bytes, str | None] | None:
        """By API: an answer and its error, if the caller waits; None for a function that is not of the template."""
        invocation = self._asynchronous.get(name)
        if invocation is None:
            return None
        if not waits:
            self._loop.call_soon_threadsafe(self._run, invocation.invoke(payload))
            return b"", None
        outcome = asyncio.run_coroutine_threadsafe(invocation.function.invoke(payload), self._loop).result()
        return outcome.payload, outcome.error

    def _after_request(self, envelope: dict[str, Any]) -> None:
        """S3 tells of an object before it has all its metadata: the event waits until the request is done."""
        self._pending.__dict__.setdefault("envelopes", []).append(envelope)

    def _request_done(self) -> None:
        for envelope in self._pending.__dict__.pop("envelopes", ()):
            self._loop.call_soon_threadsafe(self._bus.put, envelope)

    # The control door

    def _routes(self) -> dict[str, dict[str, Route]]:
        def post_event(given: Any) -> Answer:
            if errors := errors_of_envelope(given):
                return 400, {"errors": errors}
            self._loop.call_soon_threadsafe(self._bus.put, given)
            return 201, {"id": given["id"]}

        def delete_faults(_: None) -> Answer:
            self._faults.clear()
            return 204, None

        resources = {
            name: {"type": made.type, "ref": made.ref, **made.attributes}
            for name, made in self._stack.resources.items()
        }
        return {
            "/calls": {"GET": lambda _: (200, self._gateway.calls())},
            "/events": {"GET": lambda _: (200, self._bus.events()), "POST": post_event},
            "/faults": {
                "GET": lambda _: (200, [fault.describe() for fault in self._faults.all()]),
                "POST": lambda given: (201, {"id": self._faults.add(given).id}),
                "DELETE": delete_faults,
            },
            "/mail": {"GET": lambda _: (200, list(self._mail))},
            "/stack": {"GET": lambda _: (200, {"outputs": self._outputs, "resources": resources})},
        }
