"""Runs a function in a process, with AWS's Runtime Interface Emulator and awslambdaric."""

import asyncio
import contextlib
import ctypes
import json
import os
import re
import signal
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path

from local.aws.runtime import PR_SET_PDEATHSIG, START
from local.clock import timestamp
from local.settings import ARCHITECTURE, ROOT, free_port

EMULATOR = str(distribution("aws-sam-cli").locate_file(f"samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"))
EMULATOR_SECONDS = 1000
"""The emulator's own timeout for an invocation. It is so long that no invocation reaches it.

`Process.invoked` applies the function's timeout instead, because the emulator's timeout includes the start of the
runtime, and Lambda's does not.
"""

RUNTIME = str(ROOT / "local/aws/runtime.py")
INVOKE = "/2015-03-31/functions/function/invocations"
INITIALIZATION_SECONDS = 10.0
"""The time in which a function must start. It does not count towards the function's timeout.

AWS Lambda developer guide, "Understanding the Lambda execution environment lifecycle", Init phase.
"""

THROTTLED = "TooManyRequestsException"
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Outcome:
    payload: bytes
    error: str | None = None
    """The type of the function's error. None: the function returned a result."""

    @property
    def is_throttled(self) -> bool:
        return self.error == THROTTLED

    @classmethod
    def failure(cls, kind: str, message: str) -> "Outcome":
        return cls(json.dumps({"errorType": kind, "errorMessage": message}).encode(), kind)


class Process:
    """One execution environment, which handles one invocation at a time. The emulator starts the runtime."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self._port = port
        self._process = process
        self._initialized = asyncio.Event()
        self._start_id: str | None = None
        """The id of the invocation that only starts the function."""

        self._last_line: str | None = None
        """The line that Lambda itself writes to the log when it ends the function."""

        self.has_ended = False
        self.failure: Outcome | None = None
        """The outcome if the function could not start."""

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: dict[str, str], folder: Path, *, built: bool
    ) -> "Process":
        """Starts a process. `command` contains the handler, the ARN and the timeout of the function.

        If `built` is True, the function uses only the packages of its layers.
        """
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            EMULATOR,
            *("--log-level", "error"),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{port + 1}"),
            *(sys.executable, "-P", *(["-S"] if built else [])),
            *(RUNTIME, *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
        )
        return cls(port, process)

    async def initialize(self) -> None:
        """Waits until the function's module is imported. If the import fails, sets `failure`."""
        try:
            outcome = await self.invoked(START, INITIALIZATION_SECONDS)
            if outcome.error is None:
                self._start_id = json.loads(outcome.payload)
            else:
                self.failure = outcome
                self.kill()
        finally:
            self._initialized.set()

    async def invoked(self, payload: bytes, timeout: float) -> Outcome:
        """Invokes the function, and returns the outcome.

        If there is no response within `timeout` seconds, ends the process.
        """
        try:
            return await asyncio.wait_for(self._invoke(payload), timeout)
        except TimeoutError:
            at = timestamp(datetime.now(UTC))
            self._last_line = f"{at} {uuid.uuid4()} Task timed out after {timeout:.2f} seconds"
            self.kill()
            return Outcome.failure("Sandbox.Timedout", self._last_line)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.kill()
            message = f"RequestId: {uuid.uuid4()} Error: Runtime exited ({type(error).__name__})"
            return Outcome.failure("Runtime.ExitError", message)

    async def _invoke(self, payload: bytes) -> Outcome:
        reader, writer = await self._connect()
        # The request is HTTP/1.0, because the emulator would send a long response to an HTTP/1.1 request in chunks.
        head = f"POST {INVOKE} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {len(payload)}\r\n\r\n"
        try:
            writer.write(head.encode() + payload)
            answer = await reader.readuntil(b"\r\n\r\n")
            # A long response has no Content-Length. Other responses are read up to their length, so that an incomplete
            # response is an error. Without this check, an empty response would count as the result null.
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
        """Passes the output to `log` until the process ends.

        The output includes the emulator's START, END and REPORT lines.
        """
        rest, output = b"", self._process.stdout
        while output and (chunk := await output.read(65536)):
            await self._initialized.wait()
            *lines, rest = (rest + chunk).split(b"\n")
            texts = [line.decode(errors="replace") for line in lines]
            if shown := [text for text in texts if self._start_id is None or self._start_id not in text]:
                log(shown)
        await self._process.wait()
        if self._last_line is not None:
            log([self._last_line])

    def kill(self) -> None:
        self.has_ended = True
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _outcome(status: int, body: bytes) -> Outcome:
    """Reads the outcome from a response.

    If the function failed, the status is also 200, but the body has `errorType`.
    """
    try:
        answer = json.loads(body or b"null")
    except ValueError:
        return Outcome.failure("Runtime.MalformedResponse", body.decode(errors="replace"))
    if isinstance(answer, dict) and {"errorType", "errorMessage"} <= answer.keys():
        return Outcome(body, str(answer["errorType"]))
    return Outcome(body, None if status == 200 else "Runtime.ExitError")
