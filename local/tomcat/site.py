"""An environment: its load balancer and its servers."""

import asyncio
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from local.beanstalk.environments import Environment
from local.beanstalk.fleet import Outcome
from local.beanstalk.replacement import PROCESS

from .balancer import Balancer, Server
from .bundle import CannotUnpack, unpack
from .machine import LOOK_SECONDS, Machine

SHORTEST_TIMEOUT = 30.0
"""The shortest command timeout in real seconds.

A high SPEED shortens Beanstalk's timeout, but not the start of Tomcat, which is slow on a busy machine.
"""

BALANCER_AWAY = 60
"""The time that AWS needs to replace a failed load balancer, in simulated seconds. The number is invented."""


class Site:
    def __init__(self, environment: Environment, folder: Path, port: int) -> None:
        self.folder = folder
        self.machines: dict[str, Machine] = {}
        """The machines, keyed by the id of the instance."""
        self.printed = ""
        """The output of one server during the current operation.

        If a server fails, its output replaces that of the others.
        """
        self._environment = environment
        self._clock, self._lock = environment.region.service.clock, environment.region.service.lock
        path, codes = self._option("HealthCheckPath", "/"), self._option("MatcherHTTPCode", "200")
        self.balancer = Balancer(folder, port, path, codes)
        self._one_look = asyncio.Lock()
        self.deleted = False

    def _option(self, name: str, default: str) -> str:
        return self._environment.settings.get((PROCESS, name), default)

    async def watch(self) -> None:
        """Observes the servers and distributes the requests.

        Ends when the environment is deleted and its servers have ended. If haproxy ends before that, it is started
        again.
        """
        process = await self.balancer.start()
        while self.machines or not self.deleted:
            await self._look()
            await asyncio.sleep(LOOK_SECONDS)
            if process.returncode is not None:
                await self._look()
                await self._clock.sleep(BALANCER_AWAY)
                process = await self.balancer.start()
        await self.balancer.stop()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def _look(self) -> dict[str, Server]:
        """Distributes the requests and observes the servers. New servers are added before other servers are removed."""
        async with self._one_look:
            with self._lock:
                machines = sorted(self.machines.values(), key=lambda each: each.directed != "ready")
                commands = [command for machine in machines for command in machine.commands()]
                for machine in machines:
                    machine.new = False
            observed = await self.balancer.ask(*commands)
            with self._lock:
                for machine in machines:
                    machine.observe(observed.get(machine.instance.id))
            return observed

    async def carry_out(self, machine: Machine, bundle: bytes | None, properties: Mapping[str, str]) -> None:
        """Runs a version on a server. If its bundle cannot be unpacked, the previous version continues to run."""
        async with machine.one_at_a_time:
            machine.outcome, machine.failed_step = Outcome.FAILED, ""
            try:
                webapps = await asyncio.to_thread(unpack, bundle, machine.tomcat.base.with_suffix(".staging"))
                await self._take_away(machine)
                if not machine.terminated:
                    machine.outcome = await self._start(machine, webapps, properties)
            except (CannotUnpack, OSError) as error:
                step = "[app-deploy] - [StageApplication]. Stop running the command. Error:"
                began = f"{self._clock.now():%Y/%m/%d %H:%M:%S.%f} [ERROR]"
                machine.failed_step = f"{began} An error occurred during execution of command {step} {error}"
            with self._lock:
                machine.pending -= 1
                if machine.outcome is not Outcome.SUCCEEDED or not machine.instance.answers or not self.printed:
                    self.printed = machine.failed_step or machine.tomcat.output

    async def _start(self, machine: Machine, webapps: Path, properties: Mapping[str, str]) -> Outcome:
        """Starts Tomcat and waits for the first health check. Returns the result of the command.

        The first check takes a long time if a page has to be compiled.
        """
        outcome, started = Outcome.TIMED_OUT, await machine.tomcat.start(webapps, properties)
        within = int(self._environment.option("Timeout")) / self._clock.speed
        with suppress(TimeoutError):
            async with asyncio.timeout(max(within, SHORTEST_TIMEOUT)):
                outcome = Outcome.SUCCEEDED if await started else Outcome.FAILED
                machine.state = "ready"
                while outcome is Outcome.SUCCEEDED and not machine.checked:
                    await asyncio.sleep(LOOK_SECONDS / 2)
        machine.state = "ready"  # even after a timeout, because Tomcat may still complete its start
        return outcome

    async def _take_away(self, machine: Machine) -> None:
        """Waits until the server has answered its current requests, and then ends it.

        The wait is limited to DeregistrationDelay, in real time.
        """
        if machine.state == "ready":
            machine.state = "drain"
        until = time.monotonic() + float(self._option("DeregistrationDelay", "20"))
        while (server := (await self._look()).get(machine.instance.id)) and server.sessions:
            if time.monotonic() > until:
                break
            await asyncio.sleep(LOOK_SECONDS / 5)
        machine.state = "maint"
        await self._look()
        await machine.tomcat.stop()

    async def terminate(self, machine: Machine) -> None:
        """Ends the server, and removes its files."""
        await self._look()  # first adds servers that have just passed their health checks
        await self._take_away(machine)  # ends a command that is waiting for the start of this server
        async with machine.one_at_a_time:
            await self._take_away(machine)
        self.machines.pop(machine.instance.id, None)
        for folder in (machine.tomcat.base, machine.tomcat.base.with_suffix(".staging")):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
