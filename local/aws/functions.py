"""Runs functions by AWS's Runtime Interface Emulator and awslambdaric, in processes that are kept warm."""

import asyncio
import contextlib
import ctypes
import json
import os
import re
import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends

from local.aws.permissions import role_may
from local.aws.runtime import PR_SET_PDEATHSIG
from local.faults import Faults
from local.settings import ACCOUNT, ARCHITECTURE, REGION, ROOT, Settings, arn, free_port

EMULATOR = str(distribution("aws-sam-cli").locate_file(f"samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"))
RUNTIME = str(ROOT / "local/aws/runtime.py")
INVOKE = "/2015-03-31/functions/function/invocations"
GRACE_SECONDS = 5.0
"""The emulator enforces the timeout of a function. If the emulator hangs, it is killed after this additional time."""
KILLED_WITHIN_SECONDS = 0.3
"""The fault kills a function within these real seconds. An invocation that ends earlier survives."""
THROTTLED = "TooManyRequestsException"
_libc = ctypes.CDLL(None)


def name_of(reference: str) -> str:
    """The name in a function's name or ARN, with or without an alias."""
    return reference.split(":")[6] if reference.startswith("arn:") else reference.partition(":")[0]


@dataclass(frozen=True)
class Outcome:
    payload: bytes
    error: str | None = None
    """The error type of the function. None: the function returned."""

    @property
    def is_throttled(self) -> bool:
        return self.error == THROTTLED

    @classmethod
    def failure(cls, kind: str, message: str) -> "Outcome":
        return cls(json.dumps({"errorType": kind, "errorMessage": message}).encode(), kind)


@dataclass
class Account:
    """The concurrent executions of all functions. Without the fault `concurrency` there is no limit."""

    faults: Faults
    running: int = 0

    @contextlib.contextmanager
    def execution(self) -> Iterator[bool]:
        """Whether the execution may start. If not, Lambda throttles the invocation."""
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
        self._timeout = int(self.given.get("Timeout", 3))
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
        try:
            outcome = await asyncio.wait_for(process.invoke(payload), self._timeout + GRACE_SECONDS)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            process.kill()
            self._all.discard(process)
            message = f"RequestId: {uuid.uuid4()} Error: Runtime exited ({type(error).__name__})"
            return Outcome.failure("Runtime.ExitError", message)
        finally:
            if killing is not None:
                killing.cancel()  # otherwise the kill would hit the next invocation of the process
        self._idle.append(process)
        return outcome

    def _killing(self, process: "Process") -> asyncio.TimerHandle | None:
        if fault := self.account.faults.strikes("kill-function", function=self.logical_id):
            seconds = fault.dice.random() * KILLED_WITHIN_SECONDS
            return asyncio.get_running_loop().call_later(seconds, process.kill)
        return None

    @cached_property
    def _may_log(self) -> bool:
        """Whether the function may write logs. If not, it still runs and its logs are lost, as in Lambda.

        A function that CreateFunction created has no role here.
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
        process = await Process.start(self, stream)
        self._all.add(process)
        reader = asyncio.create_task(process.read_logs(lambda lines: self._log(stream, lines)))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
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
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self._timeout),
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


class Process:
    """One execution environment, which handles one invocation at a time. The emulator starts the runtime."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self._port = port
        self._process = process

    @classmethod
    async def start(cls, function: Function, stream: str) -> "Process":
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            EMULATOR,
            *("--log-level", "error"),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{port + 1}"),
            *(sys.executable, "-P", *(["-S"] if function.settings.built else [])),
            *(RUNTIME, function.given["Handler"], function.arn),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=function.environment(stream),
            cwd=function.folders[0],
            start_new_session=True,
            preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
        )
        return cls(port, process)

    async def invoke(self, payload: bytes) -> Outcome:
        reader, writer = await self._connect()
        # In response to HTTP/1.1 the emulator would send a long answer in chunks.
        head = f"POST {INVOKE} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {len(payload)}\r\n\r\n"
        try:
            writer.write(head.encode() + payload)
            answer = await reader.readuntil(b"\r\n\r\n")
            # A long answer has no Content-Length. For other answers the length shows whether the answer is complete;
            # an empty answer would count as null, which is a success.
            length = re.search(rb"Content-Length: (\d+)", answer)
            body = await (reader.readexactly(int(length[1])) if length else reader.read())
        finally:
            writer.close()
        return _outcome(int(answer.split(b" ", 2)[1]), body)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", self._port)
            except ConnectionRefusedError:
                if self._process.returncode is not None:
                    raise
                await asyncio.sleep(0.002)

    async def read_logs(self, log: Callable[[list[str]], None]) -> None:
        """Passes the output to `log` until the process ends. It includes the emulator's START, END and REPORT lines."""
        rest, output = b"", self._process.stdout
        while output and (chunk := await output.read(65536)):
            *lines, rest = (rest + chunk).split(b"\n")
            if lines:
                log([line.decode(errors="replace") for line in lines])
        await self._process.wait()

    def kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _outcome(status: int, body: bytes) -> Outcome:
    """Errors have the status 200, too: a document with `errorType`, or a text after a timeout."""
    if body.startswith(b"Task timed out"):
        return Outcome.failure("Sandbox.Timedout", body.decode())
    try:
        answer = json.loads(body or b"null")
    except ValueError:
        return Outcome.failure("Runtime.MalformedResponse", body.decode(errors="replace"))
    if isinstance(answer, dict) and {"errorType", "errorMessage"} <= answer.keys():
        return Outcome(body, str(answer["errorType"]))
    return Outcome(body, None if status == 200 else "Runtime.ExitError")


@cache
def _runtime_alone() -> Path:
    """A folder with only awslambdaric and its dependencies, so that built functions use only built packages."""
    site, folder = Path(str(distribution("awslambdaric").locate_file(""))), ROOT / "build" / "runtime"
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in ("awslambdaric", "runtime_client*", "simplejson", "snapshot_restore_py*"):
        for path in site.glob(pattern):
            with contextlib.suppress(FileExistsError):
                (folder / path.name).symlink_to(path)
    return folder
