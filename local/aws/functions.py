"""Runs functions with AWS's Runtime Interface Emulator and awslambdaric. The processes are reused."""

import asyncio
import contextlib
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends

from local.aws.permissions import role_may
from local.aws.processes import EMULATOR_SECONDS, THROTTLED, Outcome, Process
from local.faults import Faults
from local.settings import ACCOUNT, REGION, ROOT, Settings, arn

KILLED_WITHIN_SECONDS = 0.3
"""The fault `kill-function` kills a function after a random time of at most this many real seconds.

If the invocation has already ended, the function is not killed.
"""


def name_of(reference: str) -> str:
    """Returns the name of a function. The reference is its name or its ARN, each with or without an alias."""
    return reference.split(":")[6] if reference.startswith("arn:") else reference.partition(":")[0]


@dataclass
class Account:
    """Counts the concurrent executions of all functions.

    Their number is limited only while the fault `concurrency` is active.
    """

    faults: Faults
    running: int = 0

    @contextlib.contextmanager
    def execution(self) -> Iterator[bool]:
        """Yields whether the execution is allowed to start. If it is not, Lambda throttles the invocation."""
        limit = self.faults.standing("concurrency")
        if limit is not None and self.running >= limit.parameters["limit"]:
            self.faults.strikes("concurrency")
            yield False
            return
        self.running += 1
        try:
            yield True
        finally:
            self.running -= 1


@dataclass
class Function:
    logical_id: str
    name: str
    arn: str
    given: dict[str, Any]
    """The properties of the function's resource."""
    folders: list[Path]
    """The folder of the function's code, followed by the folders of its layers."""
    credentials: dict[str, str]
    concurrency: int
    settings: Settings
    account: Account
    _idle: list["Process"] = field(default_factory=list)
    _all: set["Process"] = field(default_factory=set)
    _readers: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.concurrency)
        self.timeout = int(self.given.get("Timeout", 3))
        logging: dict[str, str] = self.given.get("LoggingConfig", {})
        self._log_format = logging.get("LogFormat", "Text")
        self._log_group = logging.get("LogGroup", f"/aws/lambda/{self.name}")

    async def invoke(self, payload: bytes) -> Outcome:
        async with self._slots:
            with self.account.execution() as may_start:
                return await self._execute(payload) if may_start else Outcome.failure(THROTTLED, "Rate Exceeded.")

    async def _execute(self, payload: bytes) -> Outcome:
        process = self._idle.pop() if self._idle else await self._start()
        killing = self._killing(process)
        outcome = process.failure or await process.invoked(payload, self.timeout)
        if killing is not None:
            killing.cancel()  # otherwise the kill would hit the next invocation of the process
        if process.has_ended:
            self._all.discard(process)
        else:
            self._idle.append(process)
        return outcome

    def _killing(self, process: "Process") -> asyncio.TimerHandle | None:
        if fault := self.account.faults.strikes("kill-function", function=self.logical_id):
            seconds = fault.dice.random() * KILLED_WITHIN_SECONDS
            return asyncio.get_running_loop().call_later(seconds, process.kill)
        return None

    @cached_property
    def _may_log(self) -> bool:
        """Whether the function is allowed to write logs. If it is not, its logs are lost, as in Lambda.

        The role of a function that was created with CreateFunction is not known here, so such a function is allowed to
        write logs.
        """
        role, streams = self.given.get("Role"), arn("logs", f"log-group:{self._log_group}:log-stream:any")
        actions = ("logs:CreateLogStream", "logs:PutLogEvents")
        return role is None or all(role_may(role, action, streams) for action in actions)

    async def close(self) -> None:
        self.kill()
        await asyncio.gather(*self._readers)

    def kill(self) -> None:
        """Ends all processes at once, even during an invocation."""
        for process in self._all:
            process.kill()
        self._all.clear()
        self._idle.clear()

    async def _start(self) -> "Process":
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
        if self._may_log:
            logs = logs_backends[ACCOUNT][REGION]
            logs.ensure_log_group(self._log_group)
            logs.create_log_stream(self._log_group, stream)
        command = self.given["Handler"], self.arn, str(self.timeout)
        process = await Process.start(command, self.environment(stream), self.folders[0], built=self.settings.built)
        self._all.add(process)
        reader = asyncio.create_task(process.read_logs(lambda lines: self._log(stream, lines)))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        await process.initialize()
        return process

    def environment(self, stream: str) -> dict[str, str]:
        folders = [*self.folders, *([_runtime_alone()] if self.settings.built else [])]
        return {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "LAMBDA_TASK_ROOT": str(self.folders[0]),
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.given.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(EMULATOR_SECONDS),
            "AWS_LAMBDA_LOG_GROUP_NAME": self._log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_LOG_FORMAT": self._log_format,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.settings.endpoint,
            **{name: str(value) for name, value in self.given.get("Environment", {}).get("Variables", {}).items()},
            **self.credentials,
        }

    def _log(self, stream: str, lines: list[str]) -> None:
        now = int(unix_time_millis())
        events = [{"timestamp": now, "message": line} for line in lines if line]
        if self._may_log:
            logs_backends[ACCOUNT][REGION].put_log_events(self._log_group, stream, events)
        if self.settings.verbose:
            print(*(f"{self.logical_id}: {line}" for line in lines), sep="\n", file=sys.stderr)


@cache
def _runtime_alone() -> Path:
    """Returns a folder with only awslambdaric and its dependencies.

    Built functions must get all other packages from their layers.
    """
    site, folder = Path(str(distribution("awslambdaric").locate_file(""))), ROOT / "build" / "runtime"
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in ("awslambdaric", "runtime_client*", "simplejson", "snapshot_restore_py*"):
        for path in site.glob(pattern):
            with contextlib.suppress(FileExistsError):
                (folder / path.name).symlink_to(path)
    return folder
