"""Finds the installed programs, and runs them as processes that end with the stand-in."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from local.settings import FLEETS, CannotStart

HOME = Path("/usr/share/tomcat10")
APT = "sudo apt-get install --no-install-recommends tomcat10 openjdk-17-jre-headless haproxy unzip"
STOP_SECONDS = 3.0
"""If a process has not ended this time after SIGTERM, it is killed."""

PLAIN = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
"""The programs' only environment variables. The stand-in's own variables may contain credentials."""


def command(name: str) -> str:
    """Returns the path of a program. If several versions of Java are installed, prefers Java 17. Raises CannotStart."""
    folders = [
        *sorted(Path("/usr/lib/jvm").glob("java-17-*/bin")),
        os.environ.get("PATH", ""),
        "/usr/sbin",
        HOME / "bin",
    ]
    path = shutil.which(name, path=os.pathsep.join(map(str, folders)))
    if path is None:
        raise CannotStart(f"FLEET=tomcat needs {name}; install it with: {APT}")
    return path


def checked_fleet(fleet: str) -> str:
    """Checks the value of FLEET.

    Raises CannotStart if there is no such fleet, or if a program that it needs is not installed.
    """
    if fleet not in FLEETS:
        raise CannotStart(f"FLEET={fleet} is not one of {', '.join(FLEETS)}")
    if fleet == "tomcat":
        for name in ("catalina.sh", "java", "haproxy", "unzip", "setpriv"):
            command(name)
    return fleet


class Program:
    """A process in its own session, so that Ctrl-C does not reach it. The kernel kills it if the stand-in dies."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def run(self, *arguments: str, variables: Mapping[str, str], stdout: int = DEVNULL) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            command("setpriv"),
            *("--pdeathsig", "KILL", *arguments),
            stdin=DEVNULL,
            stdout=stdout,
            stderr=STDOUT if stdout == PIPE else DEVNULL,
            env={**PLAIN, **variables},
            start_new_session=True,
        )
        return self._process

    async def stop(self) -> None:
        """Sends SIGTERM. If the process has not ended after STOP_SECONDS, sends SIGKILL."""
        self.send(signal.SIGTERM)
        if self._process is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            self.send(signal.SIGKILL)
            await self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the process and to its children."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):  # it has just ended
                os.killpg(self._process.pid, number)
