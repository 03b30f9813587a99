"""The fleet of real Tomcats. Any thread may call its methods. The work itself is done on the event loop."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from local.beanstalk.environments import Environment
from local.beanstalk.fleet import Fleet, Outcome, Traffic
from local.beanstalk.instances import Instance
from local.beanstalk.options import PROPERTIES
from local.beanstalk.seed import sound_war
from local.beanstalk.versions import ApplicationVersion
from local.settings import free_port

from .machine import Machine
from .server import Tomcat
from .site import Site

PREFIX = "wardrop-tomcat-"


class Tomcats(Fleet):
    def __init__(self) -> None:
        super().__init__()
        _remove_leftovers(Path(tempfile.gettempdir()))
        self._folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self._sites: dict[str, Site] = {}
        """The sites, keyed by the id of the environment."""
        self._machines: dict[str, Machine] = {}
        """The machines, keyed by the id of the instance.

        Terminated instances are kept, because an update may still read their results.
        """
        self._ports: set[int] = set()

    def _port(self) -> int:
        """Returns a port that no other server gets.

        A server opens its port only when it starts. Until then, other code would regard the port as free.
        """
        while (port := free_port()) in self._ports:
            pass
        self._ports.add(port)
        return port

    def launch(self, environment: Environment, instances: Sequence[Instance]) -> None:
        service = environment.region.service
        if environment.id not in self._sites:
            folder = Path(tempfile.mkdtemp(prefix=f"{environment.id}-", dir=self._folder))
            self._sites[environment.id] = Site(environment, folder, self._port())
            service.run(self._sites[environment.id].watch())
        site = self._sites[environment.id]
        for instance in instances:
            machine = Machine(instance, Tomcat(site.folder / instance.id, self._port()), service.clock)
            machine.observe(None)
            site.machines[instance.id] = self._machines[instance.id] = machine

    def terminate(self, environment: Environment, instances: Sequence[Instance]) -> None:
        for machine in (self._machines[instance.id] for instance in instances):
            machine.terminated = True
            environment.region.service.run(self._sites[environment.id].terminate(machine))

    def delete(self, environment: Environment) -> None:
        if site := self._sites.pop(environment.id, None):
            site.deleted = True

    def start(self, environment: Environment, instance: Instance, version: ApplicationVersion | None) -> None:
        machine = self._machines[instance.id]
        if not machine.terminated:
            settings = environment.settings.items()
            properties = {name: value for (namespace, name), value in settings if namespace == PROPERTIES}
            bundle = sound_war("Sample Application") if version is None else version.bundle
            machine.pending += 1
            site = self._sites[environment.id]
            environment.region.service.run(site.carry_out(machine, bundle, properties))

    def is_running(self, instance: Instance) -> bool:
        machine = self._machines[instance.id]
        return machine.pending > 0 and not machine.terminated

    def finish(self, instance: Instance) -> Outcome:
        return self._machines[instance.id].outcome

    def fail(self, instance: Instance) -> None:
        self._machines[instance.id].tomcat.send(signal.SIGKILL)

    def traffic(self, instance: Instance) -> Traffic:
        return self._machines[instance.id].traffic

    def printed(self, instance: Instance) -> str:
        machine = self._machines[instance.id]
        return f"{machine.failed_step}\n{machine.tomcat.output}".strip()

    def log(self, environment: Environment) -> str:
        site = self._sites.get(environment.id)
        if site is None:
            return ""
        printed, site.printed = site.printed, ""
        return printed

    def address(self, environment: Environment) -> str | None:
        site = self._sites.get(environment.id)
        return None if site is None else f"127.0.0.1:{site.balancer.port}"

    async def ready(self) -> None:
        while not self._machines or any(machine.pending for machine in self._machines.values()):
            await asyncio.sleep(0.05)
        for site in self._sites.values():
            site.printed = ""

    def close(self) -> None:
        """Ends all processes at once, and removes all files."""
        for site in self._sites.values():
            for program in (site.balancer, *(machine.tomcat for machine in site.machines.values())):
                program.send(signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)


def _remove_leftovers(folder: Path) -> None:
    """Removes the files of stand-ins that were killed."""
    for leftover in folder.glob(f"{PREFIX}*"):
        if not Path("/proc", leftover.name.removeprefix(PREFIX).partition("-")[0]).exists():
            shutil.rmtree(leftover, ignore_errors=True)
