"""Counts the answers to a load of requests, with wrk: keep-alive is on, and no request is repeated."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec

REPORT = Path(__file__).with_name("report.lua")
MOST_SECONDS, TIMEOUT_SECONDS = 900, 10
CONNECTIONS = 32


class Answers(msgspec.Struct, frozen=True):
    """Counts of wrk. Latencies are in milliseconds."""

    requests: int
    """The requests with a complete answer."""

    seconds: float
    refused: int
    """Connections that could not be opened."""

    unread: int
    """Connections that ended before an answer was complete."""

    unwritten: int
    """Connections that ended, or were refused, before a request was complete."""

    status: int
    """Answers with a status of 400 or above."""

    timeout: int
    """Answers that took longer than TIMEOUT_SECONDS."""

    p50: float
    p99: float
    longest: float

    @property
    def failed(self) -> int:
        return self.refused + self.unread + self.unwritten + self.status + self.timeout

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


class Load:
    """Requests for a URL while the context lasts: `with Load(url) as load:`. `load.answers` has the counts afterwards.

    Each connection sends its next request `pause_ms` after an answer. Without a pause, wrk uses a whole processor.
    """

    def __init__(self, url: str, *, pause_ms: int = 10, connections: int = CONNECTIONS) -> None:
        self._command = ["wrk", "--threads", "1", "--connections", str(connections), "--script", str(REPORT)]
        self._command += ["--duration", f"{MOST_SECONDS}s", "--timeout", f"{TIMEOUT_SECONDS}s", url]
        self._environment = os.environ | {"PAUSE_MS": str(pause_ms)}

    def __enter__(self) -> "Load":
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, env=self._environment, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGINT)
        output, _ = self._process.communicate(timeout=TIMEOUT_SECONDS)
        if self._process.returncode:
            raise RuntimeError(f"wrk ended with the exit status {self._process.returncode}: {output}")
        self.answers = msgspec.json.decode(output.splitlines()[-1], type=Answers)


def total(measured: Sequence[Answers]) -> tuple[int, int]:
    """The total numbers of requests and of failures of several loads."""
    return sum(each.requests for each in measured), sum(each.failed for each in measured)
