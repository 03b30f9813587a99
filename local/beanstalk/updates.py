"""Operations that an environment goes through: their common course, creation, and configuration updates.

The steps of an update are a generator. It changes the environment and yields AWS's seconds until its next
step: the steps run under the service's lock, the waits do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from local.clock import Clock

from .options import COMMAND, ENVIRONMENT, Settings, definition

if TYPE_CHECKING:
    from .environments import Environment
    from .versions import ApplicationVersion

Steps = Generator[float, None, None]

ADDED_TIMEOUT = 240
"""The service adds so many seconds to the command timeout (AWS developer guide, general options, Timeout)."""


class Aborted(Exception):
    """AbortEnvironmentUpdate was called; thrown into the steps where they wait."""


@dataclass
class Update:
    """One operation; the first step is taken when it is asked for."""

    environment: Environment
    kind: Literal["creation", "deployment", "configuration"]
    request_id: str
    started: datetime
    abortable: bool = True
    aborting: bool = False
    batch: int = 0
    """How many instances are in the batch at hand."""
    completed: int = 0
    """How many instances are done."""
    ended: datetime | None = None
    successful: bool = False
    _steps: Steps = field(init=False)
    _pause: float | None = None
    _waiting: asyncio.Future[None] | None = None

    @property
    def command_timeout(self) -> int:
        return int(self.environment.settings[COMMAND, "Timeout"]) + ADDED_TIMEOUT

    def say(self, message: str, severity: str = "INFO") -> None:
        self.environment.say(message, severity, request_id=self.request_id)

    def begin(self, steps: Steps) -> None:
        self._steps = steps
        self._pause = next(steps)

    async def carry_out(self, clock: Clock, lock: AbstractContextManager[object]) -> None:
        while self._pause is not None:
            self._waiting = asyncio.ensure_future(clock.sleep(0 if self.aborting and self.abortable else self._pause))
            try:
                await asyncio.wait([self._waiting])
            finally:
                self._waiting.cancel()
            with lock:
                self._step()

    def end_wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()

    def _step(self) -> None:
        try:
            if self.aborting and self.abortable:
                self.abortable = False
                self._pause = self._steps.throw(Aborted())
            else:
                self._pause = next(self._steps)
        except StopIteration:
            self._pause = None
            self.environment.finish(self)


def create(update: Update, version: ApplicationVersion | None) -> Steps:
    """Events and times after a load-balanced environment's public log: about six and a half minutes."""
    environment = update.environment
    update.abortable = False  # unknown; the guide speaks of updates only
    update.say("createEnvironment is starting.")
    yield 1
    bucket = f"elasticbeanstalk-{environment.backend.region_name}-{environment.backend.account_id}"
    update.say(f"Using {bucket} as Amazon S3 storage bucket for environment data.")
    yield 20
    group = f"awseb-{environment.id}-stack-AWSEBAutoScalingGroup-{environment.id[2:].upper()}"
    update.say(f"Created Auto Scaling group named: {group}")
    update.say("Waiting for EC2 instances to launch. This may take a few minutes.")
    yield 60
    environment.resize()
    yield 120
    if environment.settings[ENVIRONMENT, "EnvironmentType"] == "LoadBalanced":
        update.say(f"Created load balancer named: {environment.load_balancer_name}")
    yield 180
    environment.deployed(version, 1)
    for instance in environment.instances:
        instance.deployment, instance.answers = environment.expected, environment.answers
    update.successful = True
    issues = f"Launched environment: {environment.name}. However, there were issues during launch. See event log"
    sound = f"Successfully launched environment: {environment.name}"
    update.say(sound if environment.answers else f"{issues} for details.")


def configure(update: Update, changes: Settings, stack: str) -> Steps:
    """A configuration update without a version. Its time is made up, and it replaces no instances yet."""
    environment = update.environment
    update.say("Environment update is starting.")
    try:
        yield 5
        update.say(f"Updating environment {environment.name}'s configuration settings.")
        update.batch = len(environment.instances)
        yield 40
    except Aborted:
        # It is rolled back (AWS developer guide, "Canceling environment configuration updates"); events but
        # for the last are unknown.
        yield 40
        update.say("The environment was reverted to the previous configuration setting.")
        return
    environment.settings |= changes
    environment.solution_stack_name = stack
    if any(definition(*option)["ChangeSeverity"] == "RestartApplicationServer" for option in changes):
        environment.redeploy_configuration()
    environment.resize()
    update.abortable = False
    yield 5
    update.successful = True
    update.say("Successfully deployed new configuration to environment.")
    update.say("Environment update completed successfully.")
