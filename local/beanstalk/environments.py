"""Environments, with their configuration, instances and health, and updates of environments."""

from __future__ import annotations

import asyncio
import copy
import secrets
import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from local.faults import Fault

from . import logs, options
from .exceptions import ConfigurationValidationException
from .fleet import Fleet, Outcome
from .instances import Deployment, Health, Instance
from .options import Configuration, Given, Settings
from .platforms import platform
from .service import Region
from .tables import table
from .versions import ApplicationVersion

SAMPLE_APPLICATION = "Sample Application"
REMEMBERED = 8
"""The number of earlier states that are kept. Outdated responses show these states."""

POLL_SECONDS = 0.05
"""The interval in real seconds at which the state of a running command is checked."""

BOOT_SECONDS = 100
"""The time from an instance's launch to the end of its first command, from public logs of immutable deployments."""

READY_AFTER = 1
"""The time from the last event of a successful operation to the new status.

The time is from a public log of an immutable deployment. That other operations take the same time is an assumption.
"""

Steps = Generator[float, None, None]
"""The steps of an update. Each step changes the environment, and yields the time to wait before the next step.

The time is in simulated seconds. The lock of the service is held during a step and released during a wait.
"""


class Environment:
    """An environment. The public fields are named after the members of AWS's responses."""

    status = "Launching"
    version_label: str | None = None
    """The version of the last successful deployment."""
    version: ApplicationVersion | None = None
    """The application version with this label. None: the environment runs AWS's sample application."""
    expected: Deployment | None = None
    """The last successful deployment, which every instance should run."""
    deployment_id = 1
    """The number of deployments so far, including the deployment at creation.

    Changing settings on the instances counts as a deployment.
    """
    answers = True
    """Whether the version on new instances can answer a request for `/`."""
    update: Update | None = None
    last_update: Update | None = None
    reported: Health | None = None
    announced: Health | None = None
    """The health in the last health event."""
    unserved_at: datetime | None = None
    """The time of the last check that found no instance in service."""
    health_fault: Fault | None = None
    draft: tuple[str, Settings] | None = None
    """Settings that differ from the deployed settings, with their status, `pending` or `failed`."""
    differs_since: datetime | None = None
    """The time of the first check that found the current status.

    None: a health event has already reported this status.
    """
    environment_links: Sequence[object] = ()

    def __init__(self, region: Region, given: Given, solution_stack: str) -> None:
        self.configuration = Configuration().changed(given)
        self.region = region
        self.id = "e-" + "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(10))
        suffix = self.id[2:].upper()
        self.load_balancer_name = f"awseb--AWSEB-{suffix}"
        self.group_name = f"awseb-{self.id}-stack-AWSEBAutoScalingGroup-{suffix}"
        self.name: str = given["EnvironmentName"]
        self.application_name: str = given["ApplicationName"]
        self.arn = region.arn("environment", self.application_name, self.name)
        self.description: str | None = given.get("Description")
        prefix = given.get("CNAMEPrefix") or f"{self.name}.{secrets.token_hex(4)}"
        self.cname = f"{prefix}.{region.region_name}.elasticbeanstalk.com"
        self.solution_stack_name = solution_stack
        self.tier: dict[str, str] = table("defaults")["tier"] | {
            key: value for key, value in given.get("Tier", {}).items() if value
        }
        self.date_created = self.date_updated = self.now()
        self.instances: list[Instance] = []
        self.managed_updates: list[Any] = []
        self.printed = ""
        self.tails: list[tuple[str, str, datetime]] = []
        self.reports: dict[tuple[str, ...], tuple[datetime, object]] = {}
        """The last report of each kind about health, with its time."""
        self._earlier: deque[tuple[float, Environment]] = deque(maxlen=REMEMBERED)
        """Earlier states, the oldest first, each with the time at which it was replaced."""

    @property
    def platform_arn(self) -> str:
        return f"arn:aws:elasticbeanstalk:{self.region.region_name}::platform/{platform(self.solution_stack_name)}"

    @property
    def endpoint_url(self) -> str | None:
        if address := self.fleet.address(self):
            return address
        host = f"{self.load_balancer_name}-{int(self.id[2:], 36) % 10**9}.{self.region.region_name}"
        return None if self.status == "Launching" else f"{host}.elb.amazonaws.com"

    @property
    def abortable_operation_in_progress(self) -> bool:
        return self.update is not None and self.update.abortable and self.status != "Aborting"

    @property
    def health(self) -> str:
        """The colour of the environment's health.

        Grey: the environment is terminated, or is being updated with basic health.
        """
        is_grey = self.status == "Terminated" or (self.update is not None and not self.enhanced)
        return self.reported.color if self.reported is not None and not is_grey else "Grey"

    @property
    def health_status(self) -> str | None:
        return self.reported.status if self.reported is not None and self.enhanced else None

    @property
    def enhanced(self) -> bool:
        return self.option("SystemType", options.HEALTH) == "enhanced"

    @property
    def single(self) -> bool:
        return self.option("EnvironmentType", options.ENVIRONMENT) == "SingleInstance"

    @property
    def settings(self) -> Settings:
        return self.configuration.settings

    @property
    def deployed_settings(self) -> Settings:
        """The settings in force. During an update of settings, these are the settings before the update."""
        return self.settings if self.update is None else self.update.settings_before

    def option(self, name: str, namespace: str = options.COMMAND) -> str:
        return self.settings[namespace, name]

    @property
    def fleet(self) -> Fleet:
        return self.region.service.fleet

    def saved(self) -> tuple[str, Settings]:
        """Returns the platform and the settings for a configuration template that is created from this environment."""
        return self.solution_stack_name, self.configuration.bundled | self.configuration.explicit

    def now(self) -> datetime:
        return self.region.service.now()

    def add_event(self, event: str, request_id: str | None = None, **values: object) -> None:
        """Adds an event. Events about health or instances have no request id."""
        about = {"environment_name": self.name, "environment_id": self.id, "request_id": request_id}
        self.region.report(event, values, application_name=self.application_name, **about)

    def start(self, update: Update) -> None:
        """Begins an update."""
        self._remember()
        self.update, self.status, self.date_updated = update, update.status, self.now()
        update.start()

    def visible(self) -> Environment:
        """Returns the state that DescribeEnvironments shows.

        If the fault `stale-describe` is active, it is an earlier state.
        """
        service = self.region.service
        stale = service.faults.strikes("stale-describe", self.name)
        lag = stale.parameters["seconds"] / service.clock.speed if stale else 0.0
        now = time.monotonic()
        return next((was for until, was in self._earlier if until > now - lag), self)

    def _remember(self) -> None:
        before = copy.copy(self)
        before._earlier = deque()
        self._earlier.append((time.monotonic(), before))

    def requested(self, label: str | None) -> Environment:
        """Returns the response to the API call that begins an update.

        It has the health Grey and the requested version.
        """
        answer = copy.copy(self)
        answer.version_label, answer.reported = label, None
        return answer

    def finish(self, status: str) -> None:
        """Ends the update. The status is Ready, even after a failed update, or Terminated."""
        if self.region.service.faults.standing("stale-describe", self.name):
            self._remember()
        self.last_update, self.update = self.update, None
        self.status, self.date_updated = status, self.now()

    def deployed(self, version: ApplicationVersion | None) -> None:
        """Records a successful deployment. Every instance should run this version.

        `version` is None for AWS's sample application.
        """
        self.version = version
        self.version_label = SAMPLE_APPLICATION if version is None else version.version_label
        self.answers = version is None or bool(version.answers())
        self.expected = Deployment(self.version_label, self.deployment_id, "Deployed", self.now())

    def redeploy_configuration(self) -> None:
        """Counts a change of settings on the instances as another deployment of the running version."""
        before, self.deployment_id = self.expected, self.deployment_id + 1
        if before is not None:
            self.expected = replace(before, deployment_id=self.deployment_id, time=self.now())
            for instance in self.instances:
                if instance.deployment and instance.deployment.deployment_id == before.deployment_id:
                    instance.deployment = replace(self.expected, status=instance.deployment.status)

    def resize(self) -> None:
        """Launches or removes instances until their number is within MinSize and MaxSize."""
        low, high = (int(self.option(name, options.ASG)) for name in ("MinSize", "MaxSize"))
        size = 1 if self.single else min(max(len(self.instances), low), high)
        self.remove(self.instances[size:])
        added = self.launched(size - len(self.instances))
        self.add(added)
        if added and self.status != "Launching":
            steps = self._scale_out(added)
            self.region.service.run(self._carry_out(steps, pause=next(steps)))

    async def _carry_out(self, steps: Steps, pause: float | None) -> None:
        service = self.region.service
        while pause is not None:
            await service.clock.sleep(pause)
            with service.lock:
                pause = next(steps, None)

    def _scale_out(self, some: Sequence[Instance]) -> Steps:
        """Runs the version on instances that Auto Scaling has launched.

        A deployment that starts in the meantime replaces the first command of an instance.
        """
        yield from self.boot(some)
        for instance in some:
            if instance.deployment == self.expected:
                instance.in_service = True

    def boot(self, some: Sequence[Instance]) -> Steps:
        """Runs the last successfully deployed version on launched instances, which are not in service yet.

        If an instance cannot read the bundle, its deployment is `Failed`. This is an assumption.
        """
        self.run(some)
        yield BOOT_SECONDS
        while any(map(self.fleet.is_running, some)):
            yield POLL_SECONDS * self.region.service.clock.speed
        for instance in some:
            if instance.deployment is None and instance in self.instances:
                instance.deployment = self.expected
                if self.expected is not None and not self._has_booted(instance):
                    instance.deployment = replace(self.expected, status="Failed", time=self.now())

    def _has_booted(self, instance: Instance) -> bool:
        faults = self.region.service.faults
        unreadable = faults.strikes("bundle-unreadable", self.name, label=self.version_label)
        return unreadable is None and self.fleet.finish(instance) is Outcome.SUCCEEDED

    def run(self, some: Sequence[Instance]) -> None:
        """Starts the commands that run the environment's version on the instances."""
        for instance in some:
            self.fleet.start(self, instance, self.version)

    def add(self, some: Sequence[Instance], reported_after: float = 0.0) -> None:
        self.fleet.launch(self, some)
        self.instances = [*self.instances, *some]
        if reported_after:
            self.region.service.run(self._report_added(some, reported_after))
        else:
            self._report_instances("instances-added", some)

    async def _report_added(self, some: Sequence[Instance], after: float) -> None:
        service = self.region.service
        await service.clock.sleep(after)
        with service.lock:
            self._report_instances("instances-added", [each for each in some if each in self.instances])

    def remove(self, some: Sequence[Instance]) -> None:
        self.fleet.terminate(self, some)
        self._report_instances("instances-removed", some)
        self.instances = [each for each in self.instances if each not in some]

    def _report_instances(self, event: str, some: Sequence[Instance]) -> None:
        if some:
            listed = ", ".join(each.id for each in some)
            self.add_event(event, instances=f"instance{'s' if len(some) > 1 else ''} [{listed}]")

    def launched(self, number: int) -> list[Instance]:
        """Creates instances that run no version and are not in service."""
        zones, kind = [f"{self.region.region_name}{zone}" for zone in "abc"], self.configuration.instance_type
        return [Instance(self.now(), zones[n % 3], kind, answers=self.answers, in_service=False) for n in range(number)]


class Aborted(Exception):
    """A caller aborted the update. The exception is raised at the current `yield` of the method `steps`."""


@dataclass(kw_only=True)
class Update:
    """One operation on an environment. The first step runs during the API call that requests the operation."""

    operation: ClassVar[str] = "Configuration update"
    """The operation's name in the field `Causes` of DescribeEnvironmentHealth."""
    status: ClassVar[str] = "Updating"

    environment: Environment
    request_id: str
    abortable: bool = False
    batch: Sequence[Instance] = ()
    """The instances of the current batch."""
    completed: int = 0
    """The number of instances that the update has finished."""
    ended: datetime | None = None
    final_status: str = "Ready"
    """The status of the environment after the update."""
    successful: bool = False

    def __post_init__(self) -> None:
        self.started = self.environment.now()
        self._aborted = asyncio.Event()

    @property
    def settings_before(self) -> Settings:
        return self.environment.settings

    def steps(self) -> Steps:
        raise NotImplementedError

    def add_event(self, event: str, **values: object) -> None:
        self.environment.add_event(event, request_id=self.request_id, **values)

    def await_commands(self) -> Steps:
        """Waits until no instance of the batch is executing a command."""
        service = self.environment.region.service
        while any(map(service.fleet.is_running, self.batch)):
            yield POLL_SECONDS * service.clock.speed

    def complete(self, event: str, **values: object) -> Steps:
        """Adds the last event of a successful update. The status changes a moment later."""
        self.add_event(event, **values)
        self.successful = True
        yield READY_AFTER

    def add_invalid_events(self, error: ConfigurationValidationException) -> None:
        """Adds the events that report invalid option settings in a bundle."""
        self.add_event("files-invalid")
        self.add_event("files-invalid-because", reason=error.reason)

    def start(self) -> None:
        steps = self.steps()
        self.environment.region.service.run(self._carry_out(steps, pause=next(steps)))

    def abort(self) -> None:
        self.environment.status = "Aborting"
        self.environment.region.service.loop.call_soon_threadsafe(self._aborted.set)

    async def _carry_out(self, steps: Steps, pause: float) -> None:
        service = self.environment.region.service
        while self.ended is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._aborted.wait(), pause / service.clock.speed)
            with service.lock:
                try:
                    if self.abortable and self.environment.status == "Aborting":
                        self.abortable = False
                        self._aborted.clear()
                        pause = steps.throw(Aborted())
                    else:
                        pause = next(steps)
                except StopIteration:
                    self.ended = self.environment.now()
                    logs.write(self)
                    self.environment.finish(self.final_status)
