"""The haproxy of an environment. It receives runtime commands, and returns statistics."""

import asyncio
import csv
from asyncio.subprocess import Process
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .processes import Program, command

ANSWER_SECONDS = 2.0
BACKEND = "instances"


@dataclass(frozen=True)
class Server:
    """An instance, as haproxy sees it."""

    up: bool
    """Whether the instance passes the health checks. haproxy also checks an instance that gets no new requests."""
    checked: bool
    """Whether the instance's last health check has ended, either with a response or with a timeout."""
    sessions: int
    statuses: tuple[int, int, int, int]
    """The numbers of responses with a status 2xx, 3xx, 4xx and 5xx since the start of haproxy.

    A request without a response counts as 5xx. In AWS, nginx on the instance responds to such a request with 502.
    """
    milliseconds: int
    """The average response time of the last 1024 requests."""


def servers(statistics: str) -> dict[str, Server]:
    """Reads the response to `show stat`. haproxy's management guide, section 9.1, describes the columns.

    If haproxy ends while it responds, the last line is incomplete.
    """
    rows = csv.DictReader(statistics.partition("# ")[2].splitlines())
    return {row["svname"]: _server(row) for row in rows if row.get("pxname") == BACKEND}


def _server(row: dict[str, str]) -> Server:
    names = ("scur", "rtime", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "econ", "eresp")
    sessions, milliseconds, well, moved, refused, *failed = (int(row.get(name) or 0) for name in names)
    up = (row.get("status") or "").startswith(("UP", "DRAIN", "NOLB"))
    checked = up or row.get("check_status") in ("L7STS", "L7RSP", "L7TOUT")
    return Server(up, checked, sessions, (well, moved, refused, sum(failed)), milliseconds)


class Balancer(Program):
    def __init__(self, folder: Path, port: int, path: str, codes: str) -> None:
        """`path` is the path of the health checks, and `codes` are the accepted status codes."""
        super().__init__()
        self.port = port
        self.path = quote(path, safe="/?&=%+,;:@~")
        self._folder = folder
        self._variables = {"PORT": str(port), "CHECK_PATH": self.path, "CHECK_CODES": codes}

    async def start(self) -> Process:
        """Starts haproxy, and returns before haproxy accepts requests.

        If the port is in use, haproxy ends, and `ask` fails.
        """
        arguments = ("-db", "-C", str(self._folder), "-f", str(Path(__file__).with_name("haproxy.cfg")))
        return await self.run(command("haproxy"), *arguments, variables=self._variables)

    async def ask(self, *commands: str) -> dict[str, Server]:
        """Sends runtime commands to haproxy, and returns the state of its servers after the commands.

        If haproxy does not respond, the result is empty.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_unix_connection(self._folder / "haproxy.sock")
                writer.write("; ".join([*commands, f"show stat {BACKEND} 4 -1\n"]).encode())
                answer = await reader.read()
                writer.close()
                return servers(answer.decode())
        except (OSError, TimeoutError):
            return {}
