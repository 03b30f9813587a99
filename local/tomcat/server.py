"""A Tomcat 10 with its own CATALINA_BASE."""

import asyncio
import shlex
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path

from .processes import HOME, Program, command

FIRST_BYTES, LAST_BYTES = 512 * 1024, 64 * 1024
"""The size of the output that is kept. Longer output is cut in the middle. At most LAST_BYTES are read at once."""

_CUT = b"\n[...]\n"
_STARTED = b"org.apache.catalina.startup.Catalina.start Server startup in ["


class Tomcat(Program):
    def __init__(self, base: Path, port: int) -> None:
        super().__init__()
        self.base = base
        self.port = port
        self._output = b""
        self._reading: asyncio.Task[None] | None = None

    @property
    def output(self) -> str:
        """The output of Tomcat since its start."""
        return self._output.decode(errors="replace").rstrip()

    async def start(self, webapps: Path, properties: Mapping[str, str]) -> asyncio.Future[bool]:
        """Replaces Tomcat's applications by the folder `webapps`, and starts Tomcat.

        The properties become system properties of Java. The future's result is True when Tomcat has started. It is
        False if the process has ended without starting.
        """
        await asyncio.to_thread(self._write, webapps)
        variables = {
            "JRE_HOME": str(Path(command("java")).resolve().parents[1]),
            "CATALINA_HOME": str(HOME),
            "CATALINA_BASE": str(self.base),
            "JAVA_OPTS": shlex.join(f"-D{name}={value}" for name, value in properties.items()),
            "PORT_OPTION": f"-Dwardrop.port={self.port}",
        }
        if self._reading is not None:
            self._reading.cancel()
        self._output, started = b"", asyncio.get_running_loop().create_future()
        process = await self.run(command("catalina.sh"), "run", variables=variables, stdout=PIPE)
        self._reading = asyncio.create_task(self._read(process, started))
        return started

    def _write(self, webapps: Path) -> None:
        shutil.rmtree(self.base, ignore_errors=True)
        shutil.copytree(Path(__file__).with_name("base"), self.base)
        (self.base / "temp").mkdir()
        for name in ("web.xml", "catalina.properties"):
            shutil.copyfile(HOME / "etc" / name, self.base / "conf" / name)
        webapps.rename(self.base / "webapps")

    async def _read(self, process: Process, started: asyncio.Future[bool]) -> None:
        while process.stdout and (chunk := await process.stdout.read(LAST_BYTES)):
            self._output += chunk
            if len(self._output) > FIRST_BYTES + LAST_BYTES:
                self._output = self._output[:FIRST_BYTES] + _CUT + self._output[-LAST_BYTES:]
            if not started.done() and _STARTED in self._output:
                started.set_result(True)
        if not started.done():
            started.set_result(False)
