"""Operations that an environment goes through: their common course, creation, and configuration updates."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from .options import BALANCER, ENVIRONMENT, ROLLING_UPDATE, Settings, definition, replaces

if TYPE_CHECKING:
    from .environments import Environment, Instance
    from .models import ApplicationVersion

Steps = Generator[float, None, None]
"""It changes the environment and yields AWS's seconds until its next step.

The steps run under the service's lock, the waits do not.
"""


class Aborted(Exception):
    """AbortEnvironmentUpdate was called; thrown into the steps where they wait."""


@dataclass(kw_only=True)
class Update:
    """One operation; its first step is taken when it is asked for."""

    noun: ClassVar[str]
    """What the causes of health call it."""
    status: ClassVar[str] = "Updating"

    environment: Environment
    request_id: str
    changes: Settings = field(default_factory=dict)
    abortable: bool = True
    batch: Sequence[Instance] = ()
    """The instances at hand."""
    completed: int = 0
    """How many instances are done."""
    ended: datetime | None = None
    over: str = "Ready"
    """The environment's status afterwards."""

    successful: bool = False

    def __post_init__(self) -> None:
        self.started = self.environment.now()
        self._aborted = asyncio.Event()

    def steps(self) -> Steps:
        raise NotImplementedError

    def say(self, event: str, **values: object) -> None:
        self.environment.say(event, request_id=self.request_id, **values)

    def start(self) -> None:
        steps = self.steps()
        self.environment.backend.service.run(self._carry_out(steps, pause=next(steps)))

    def abort(self) -> None:
        self.environment.status = "Aborting"
        self.environment.backend.service.loop.call_soon_threadsafe(self._aborted.set)

    async def _carry_out(self, steps: Steps, pause: float) -> None:
        service = self.environment.backend.service
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
                    self.environment.finish(self.over)


@dataclass(kw_only=True)
class Creation(Update):
    """Events and times after a load-balanced environment's public log: about six and a half minutes."""

    noun = "Initialization"
    status = "Launching"

    version: ApplicationVersion | None
    abortable: bool = False
    """Unknown; the guide speaks of updates only."""

    def steps(self) -> Steps:
        environment = self.environment
        self.say("creation-starting")
        yield 1
        self.say("storage", bucket=environment.backend.bucket)
        yield 20
        group = f"awseb-{environment.id}-stack-AWSEBAutoScalingGroup-{environment.id[2:].upper()}"
        self.say("group-created", group=group)
        self.say("instances-awaited")
        yield 60
        environment.resize()
        yield 120
        if environment.option("EnvironmentType", ENVIRONMENT) == "LoadBalanced":
            self.say("balancer-created", balancer=environment.load_balancer_name)
        yield 180
        environment.deployed(self.version)
        for instance in environment.instances:
            instance.deployment, instance.answers = environment.expected, environment.answers
        self.successful = True
        self.say("launched" if environment.answers else "launched-with-issues", name=environment.name)


@dataclass(kw_only=True)
class Occupation(Update):
    """Somebody else's update, of which nothing is seen but that it lasts."""

    noun = "Configuration update"

    seconds: float

    def steps(self) -> Steps:
        self.say("update-starting")
        yield self.seconds
        self.successful = True
        self.say("update-completed")


@dataclass(kw_only=True)
class ConfigurationUpdate(Update):
    """An update without a version: instances in place, replaced, or with another load balancer; made up are its times.

    What replaces what: AWS developer guide, "Environment configuration changes"; that VPC, scheme and type
    also take the load balancer is inferred from CloudFormation's replacement rules.
    """

    noun = "Configuration update"

    solution_stack_name: str

    def steps(self) -> Steps:
        environment, before = self.environment, dict(self.environment.settings)
        changed = [option for option, value in self.changes.items() if before.get(option) != value]
        environment.draft = ("pending", before | self.changes)
        self.say("update-starting")
        try:
            yield 5
            self.say("configuring", name=environment.name)
            self.batch = environment.instances
            yield 40
            if environment.backend.service.faults.strikes("deploy-fails-command", environment.name):
                self.say("configuration-failed")
                environment.draft = ("failed", before | self.changes)
                yield 30
                self.say("configuration-reverted")
                return
            environment.settings |= self.changes
            if any(option in BALANCER for option in changed):
                self.say("balancer-deleted", balancer=environment.load_balancer_name)
                environment.load_balancer_name = f"{environment.load_balancer_name[:18]}{self.request_id[:6].upper()}"
                self.say("balancer-created", balancer=environment.load_balancer_name)
            if any(replaces(*option) for option in changed):
                yield from self._replace()
        except Aborted:
            # It is rolled back (AWS developer guide, "Canceling environment configuration updates"); events but
            # for the last are unknown.
            environment.settings = before
            environment.draft = None
            yield 40
            self.say("configuration-reverted")
            return
        environment.solution_stack_name = self.solution_stack_name
        if any(definition(*option)["ChangeSeverity"] == "RestartApplicationServer" for option in changed):
            environment.redeploy_configuration()
        environment.resize()
        environment.draft = None
        self.abortable = False
        yield 5
        self.successful = True
        self.say("configured")
        self.say("update-completed")

    def _replace(self) -> Steps:
        """All at once, in batches, or beside the old ones, as the rolling update options say."""
        environment = self.environment
        old = list(environment.instances)
        enabled = environment.option("RollingUpdateEnabled", ROLLING_UPDATE) == "true"
        kind = environment.settings.get((ROLLING_UPDATE, "RollingUpdateType"), "Time") if enabled else "Disabled"
        size = max(1, len(old))
        if kind in ("Time", "Health"):
            size = int(environment.settings.get((ROLLING_UPDATE, "MaxBatchSize"), math.ceil(len(old) / 3)) or 1)
        for start in range(0, len(old), size):
            batch = old[start : start + size]
            if kind != "Immutable":
                environment.remove(batch)
            new = environment.launched(len(batch))
            for instance in new:
                instance.in_service = False
            environment.add(new)
            self.batch = new
            yield 100 if kind == "Time" else 220
            for instance in new:
                instance.in_service = True
            self.completed += len(batch)
        if kind == "Immutable":
            environment.remove(old)
