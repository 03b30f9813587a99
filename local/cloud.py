"""Starts a stand-in cloud in another process, for tests, measurements and the demo."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3.session

from local.settings import REGION, ROOT, free_port

T = TypeVar("T")
RECORDINGS = "WARDROP_RECORDINGS"
"""If this environment variable names a folder, each stand-in writes its recordings there when it ends."""

SHORTEST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.25
"""`Cloud.eventually` increases its pauses from the shortest to the longest, because each call of `look` takes time."""


class Cloud:
    """A stand-in cloud as a context manager:

    `with Cloud(speed=600) as cloud:`. The default template is the project's.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        speed: float = 60,
        template: Path | None = None,
        built: bool = False,
        fleet: str = "simulated",
        parameters: dict[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.endpoint = f"http://localhost:{self.port}"
        self.slack = f"http://localhost:{self.port + 1}/slack"
        """The page that shows Slack's messages."""

        self._command = [sys.executable, "-m", "local", "--port", str(self.port), "--speed", str(speed)]
        self._command += ["--fleet", fleet]
        self._command += ["--template", str(template)] if template else []
        self._command += ["--built"] if built else []
        for name, value in (parameters or {}).items():
            self._command += ["--parameter", f"{name}={value}"]
        self._session: Any = boto3.session.Session()
        self._clients: dict[str, Any] = {}
        self.ready_seconds = 0.0

    def __enter__(self) -> "Cloud":
        began = time.monotonic()
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line.startswith("ready "):
            raise RuntimeError(f"the stand-in did not start: exit code {self.process.wait()}")
        self.ready_seconds = time.monotonic() - began
        stack = self.control("GET", "/stack")
        self.outputs: dict[str, str] = stack["outputs"]
        self.resources: dict[str, dict[str, str]] = stack["resources"]
        return self

    def __exit__(self, *_: object) -> None:
        if folder := os.environ.get(RECORDINGS):
            self._record(Path(folder) / f"{self.process.pid}.json")
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _record(self, file: Path) -> None:
        """Writes the grants that calls used, and the calls that were denied, if the stand-in still responds."""
        with contextlib.suppress(urllib.error.URLError):  # a test may have stopped the stand-in
            denied = [call for call in self.control("GET", "/calls") if call["status"] == 403]
            file.write_text(json.dumps({"grants": self.control("GET", "/grants"), "denied": denied}))

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return self._clients[service]

    def disable(self, schedule: str) -> None:
        """Disables the schedule with this logical id in the template."""
        scheduler, name = self.client("scheduler"), self.resources[schedule]["ref"]
        current = scheduler.get_schedule(Name=name)
        kept = {key: current[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(Name=name, State="DISABLED", **kept)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Sends a request to the control API, and returns the answer. Raises urllib.error.HTTPError."""
        request = urllib.request.Request(
            f"http://localhost:{self.port + 1}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - http to this machine
            text = answer.read()
        return json.loads(text) if text else None

    def eventually(self, look: Callable[[], T], seconds: float = 60.0) -> T:
        """Calls `look` repeatedly until its result is true, and returns the result.

        Raises TimeoutError after `seconds`.
        """
        until, pause = time.monotonic() + seconds, SHORTEST_PAUSE_SECONDS
        while not (result := look()):
            if time.monotonic() > until:
                raise TimeoutError(f"no true result within {seconds} s; the last result was {result!r}")
            time.sleep(pause)
            pause = min(1.2 * pause, LONGEST_PAUSE_SECONDS)
        return result
