"""Runs the functions, event source mappings, alarms and schedules of a stack."""

import asyncio
import io
import sys
import threading
import zipfile
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.cloudwatch.models import Alarm
from moto.scheduler.models import Schedule, scheduler_backends

from local.aws import alarms, queues, schedules
from local.aws.event_bus import KEPT, Bus
from local.aws.functions import Account, Function, name_of
from local.aws.invocations import Asynchronous
from local.aws.permissions import Permissions, role_may
from local.aws.provisioning import Resource, Stack
from local.aws.queues import Mapping
from local.aws.streams import FOR_EVER, StreamMapping, patterns_of
from local.clock import Clock, timestamp
from local.faults import Faults
from local.settings import ACCOUNT, REGION, Settings

CONCURRENCY = 4
"""The concurrency of a function whose event source mappings set no MaximumConcurrency."""

Properties = dict[str, Any]


@dataclass(frozen=True)
class Parts:
    """The parts of the stand-in that are needed to deliver events and messages."""

    settings: Settings
    clock: Clock
    faults: Faults
    permissions: Permissions
    bus: Bus


class Deliveries:
    """Delivers the events and messages of a stack, on one event loop.

    Moto serves requests in threads. These threads call the methods that `patches.Listener` declares.
    """

    def __init__(self, parts: Parts, loop: asyncio.AbstractEventLoop) -> None:
        self._parts = parts
        self._loop = loop
        self._account = Account(parts.faults)
        self._invocations: dict[str, Asynchronous] = {}
        """The invocations, keyed by function name."""
        self._mappings: list[Mapping | StreamMapping] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._requests = threading.local()
        self._folders: list[TemporaryDirectory[str]] = []
        self.mail: deque[dict[str, str]] = deque(maxlen=KEPT)

    def start(self, stack: Stack) -> None:
        mappings = [mapping.properties for mapping in stack.of_type("AWS::Lambda::EventSourceMapping")]
        scaling = {name_of(given["FunctionName"]): given.get("ScalingConfig", {}) for given in mappings}
        layers = {layer.ref: layer.properties["Content"] for layer in stack.of_type("AWS::Lambda::LayerVersion")}
        for resource in stack.of_type("AWS::Lambda::Function"):
            concurrency = int(scaling.get(resource.name, {}).get("MaximumConcurrency", CONCURRENCY))
            self._add_function(resource, layers, concurrency)
        for configuration in stack.of_type("AWS::Lambda::EventInvokeConfig"):
            self._configure(configuration.properties)
        for given in mappings:
            self._add_mapping(given)
        for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
            self._run(alarms.watch(alarm.name, self._parts.clock))
        for resource in stack.of_type("AWS::Scheduler::Schedule"):
            schedule = scheduler_backends[ACCOUNT][REGION].get_schedule(None, resource.name)
            may_overlap = partial(self._parts.faults.standing, "ticks-overlap")
            self._run(schedules.run(schedule, self._parts.clock, partial(self._fire, schedule), may_overlap))

    def function(self, name: str) -> Function:
        return self._invocations[name_of(name)].function

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(invocation.function.close() for invocation in self._invocations.values()))
        self._invocations.clear()
        self._mappings.clear()
        for folder in self._folders:
            folder.cleanup()

    def _add_function(self, resource: Resource, layers: dict[str, Properties], concurrency: int) -> None:
        given = resource.properties
        code = [given["Code"], *(layers[ref] for ref in given.get("Layers", []))]
        function = Function(
            logical_id=resource.logical_id,
            name=resource.name,
            arn=resource.attributes["Arn"],
            given=given,
            folders=[self._folder(part["S3Key"]) for part in code],
            credentials=self._parts.permissions.assume(resource.logical_id, given["Role"], resource.name),
            concurrency=concurrency,
            settings=self._parts.settings,
            account=self._account,
        )
        self._invocations[function.name] = Asynchronous(function, self._parts.clock)

    def _folder(self, key: str) -> Path:
        """Returns the folder with the code. In a built layer, the code is in `python/`."""
        folder = self._parts.settings.template.parent / key
        return folder / "python" if (folder / "python").is_dir() else folder

    def _configure(self, given: Properties) -> None:
        """Configures the asynchronous invocations of a function."""
        invocation = self._invocations[given["FunctionName"]]
        invocation.retries = int(given.get("MaximumRetryAttempts", invocation.retries))
        invocation.maximum_age = float(given.get("MaximumEventAgeInSeconds", invocation.maximum_age))
        if queue := _failure_destination(given):
            invocation.failed = partial(self._send_as, invocation.function.given["Role"], queue)

    def _add_mapping(self, given: Properties) -> None:
        is_queue = ":sqs:" in given["EventSourceArn"]
        mapping = self._queue_mapping(given) if is_queue else self._stream_mapping(given)
        self._mappings.append(mapping)
        self._run(mapping.run())

    def _queue_mapping(self, given: Properties) -> Mapping:
        return Mapping(
            source_arn=given["EventSourceArn"],
            function=self.function(given["FunctionName"]),
            batch_size=int(given.get("BatchSize", 10)),
            window=float(given.get("MaximumBatchingWindowInSeconds", 0)),
            partial=_reports_failures(given),
        )

    def _stream_mapping(self, given: Properties) -> StreamMapping:
        function = self.function(given["FunctionName"])
        mapping = StreamMapping(
            source_arn=given["EventSourceArn"],
            function=function,
            clock=self._parts.clock,
            latest=given["StartingPosition"] == "LATEST",
            batch_size=int(given.get("BatchSize", 100)),
            window=float(given.get("MaximumBatchingWindowInSeconds", 0)),
            partial=_reports_failures(given),
            patterns=patterns_of(given.get("FilterCriteria", {})),
            bisect=str(given.get("BisectBatchOnFunctionError")).lower() == "true",
            retries=int(given.get("MaximumRetryAttempts", FOR_EVER)),
            maximum_age=float(given.get("MaximumRecordAgeInSeconds", FOR_EVER)),
            faults=self._parts.faults,
        )
        if queue := _failure_destination(given):
            mapping.failed = partial(self._send_as, function.given["Role"], queue)
        return mapping

    def _fire(self, schedule: Schedule, payload: str) -> asyncio.Task[None] | None:
        target = schedule.target
        if role_may(target["RoleArn"], "lambda:InvokeFunction", target["Arn"]):
            return self._run(self._invocations[name_of(target["Arn"])].invoke(payload.encode()))
        if queue := target.get("DeadLetterConfig", {}).get("Arn"):
            attributes = {"ERROR_CODE": "AccessDeniedException", "SCHEDULE_ARN": schedule.arn}
            self._send_as(target["RoleArn"], queue, payload, attributes)
        return None

    def _send_as(self, role: str, queue: str, body: str, attributes: dict[str, str] | None = None) -> None:
        if role_may(role, "sqs:SendMessage", queue):
            queues.send(queue, body, attributes)
        else:
            print(f"the record of a failed invocation is lost: {role} may not send to {queue}", file=sys.stderr)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._loop.call_exception_handler({"message": "delivery failed", "exception": error})

    # Moto's threads call the following methods, which `patches.Listener` describes.

    def arrived(self, source_arn: str) -> None:
        for mapping in self._mappings:
            if mapping.source_arn == source_arn:
                self._loop.call_soon_threadsafe(mapping.woken.set)

    def happened(self, envelope: dict[str, Any]) -> None:
        """Keeps the event until `request_done`, because moto reports an object before it sets the object's metadata."""
        self._requests.__dict__.setdefault("envelopes", []).append(envelope)

    def request_done(self) -> None:
        for envelope in self._requests.__dict__.pop("envelopes", ()):
            self._loop.call_soon_threadsafe(self._parts.bus.put, envelope)

    def alarm_changed(self, alarm: Alarm, before: alarms.State, after: alarms.State) -> None:
        self._loop.call_soon_threadsafe(self._parts.bus.put, alarms.event(alarm, before, after))
        alarms.notify(alarm, before, after)

    def mailed(self, to: str, subject: str, text: str) -> None:
        self.mail.append({"time": timestamp(self._parts.clock.now()), "to": to, "subject": subject, "text": text})

    def invoke(self, name: str, payload: bytes, waits: bool) -> tuple[bytes, str | None] | None:
        invocation = self._invocations.get(name_of(name)) or self._made_by_the_api(name_of(name))
        if invocation is None:
            return None
        if not waits:
            self._loop.call_soon_threadsafe(self._run, invocation.invoke(payload))
            return b"", None
        outcome = asyncio.run_coroutine_threadsafe(invocation.function.invoke(payload), self._loop).result()
        return outcome.payload, outcome.error

    def _made_by_the_api(self, name: str) -> Asynchronous | None:
        """Returns a function that was created with CreateFunction.

        Its code is unpacked once, at the first invocation.
        """
        made = lambda_backends[ACCOUNT][REGION].get_function(name)
        if not made.run_time.startswith("python"):
            return None
        folder = TemporaryDirectory(prefix="wardrop-function-")
        zipfile.ZipFile(io.BytesIO(made.code_bytes)).extractall(folder.name)
        self._folders.append(folder)
        function = Function(
            logical_id=name,
            name=name,
            arn=made.function_arn,
            given={
                "Handler": made.handler,
                "Timeout": made.timeout,
                "Environment": {"Variables": made.environment_vars},
            },
            folders=[Path(folder.name)],
            credentials=self._parts.permissions.assume(name, made.role, name),
            concurrency=CONCURRENCY,
            settings=self._parts.settings,
            account=self._account,
        )
        return self._invocations.setdefault(name, Asynchronous(function, self._parts.clock))


def _failure_destination(given: Properties) -> str | None:
    queue: str | None = given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return queue


def _reports_failures(given: Properties) -> bool:
    return "ReportBatchItemFailures" in given.get("FunctionResponseTypes", [])
