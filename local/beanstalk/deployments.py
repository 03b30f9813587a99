"""Application deployments: one generator of steps for each policy, and what they have in common.

The times are those of public logs: 79 s for three instances all at once, about 2 min 40 s for each batch of
a rolling deployment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import health
from .environments import Deployment, batches
from .options import HEALTH, definition
from .updates import Aborted, Steps, Update

if TYPE_CHECKING:
    from .models import ApplicationVersion

CHECKS = 12
"""So many health checks in a row must pass in a web tier (AWS developer guide, "Enhanced health rules")."""

ADDED_TIMEOUT = 240
"""The service adds so many seconds to the command timeout (AWS developer guide, general options, Timeout)."""


class Unsuccessful(Exception):
    """The deployment fails: by which event, and on which instances."""


@dataclass(kw_only=True)
class ApplicationDeployment(Update):
    """A version on its way to the instances of an environment.

    Settings in the same call are taken as well. With launch or VPC settings among them, changed or not, the
    policy was seen to be ignored and all instances done at once (aws-sdk-ruby issue 1394).
    """

    noun = "Application update"

    version: ApplicationVersion

    @property
    def timeout(self) -> int:
        return int(self.environment.option("Timeout")) + ADDED_TIMEOUT

    def steps(self) -> Steps:
        environment = self.environment
        replaced = any(definition(*option)["ChangeSeverity"] == "RestartEnvironment" for option in self.changes)
        self.say("update-starting")
        try:
            yield 8
            self.say("deploying")
            environment.settings |= self.changes
            environment.deployment_id += 1
            policy = all_at_once if replaced else POLICIES[environment.option("DeploymentPolicy")]
            yield from policy(self)
            self.abortable = False
            yield 2
        except Unsuccessful as failure:
            event, instances = failure.args
            self.say(event, instances=",".join(each.id for each in instances))
            self.say("deployment-failed")
            self.say("mixed-fleet")
        except Aborted:
            # It "simply stops the deployment" (AWS developer guide, "Canceling ... deployments"). What becomes of
            # the batch at hand and whether there is another event is unknown: here its instances
            # finish the command and serve again.
            yield 10
            self._finish_command()
            for instance in self.batch:
                instance.in_service = True
            self.say("mixed-fleet")
        else:
            self.successful = True
            environment.deployed(self.version)
            self.say("deployed")
            self.say("update-completed")

    def execute(self, seconds: float) -> Steps:
        """The command that puts the version on each instance at hand; it cannot without the source bundle."""
        for instance in self.batch:
            instance.deployment = self._on_instance("In Progress", started=self.environment.now())
        yield seconds
        if not self._finish_command():
            for instance in self.batch:
                self.say("instance-failed")
                self.say("command-failed", instance=instance.id)
            self.say("commands-summed-up", failed=len(self.batch))
            raise Unsuccessful("command-unsuccessful", self.batch)
        for _ in self.batch:
            self.say("instance-deployed")
        self.completed += len(self.batch)

    def _finish_command(self) -> bool:
        answers = self.version.answers()
        for instance in self.batch:
            if instance.deployment is not None and instance.deployment.status == "In Progress":
                status = "Failed" if answers is None else "Deployed"
                instance.deployment = self._on_instance(status, instance.deployment.started)
                instance.answers = instance.answers if answers is None else answers
        return answers is not None

    def pass_health_checks(self, number: int) -> Steps:
        """A batch's gate: checks in a row, one that fails resets the count, all within the command timeout.

        IgnoreHealthCheck goes on when the time is up (AWS developer guide, general options).
        """
        self.suffer_faults(number)
        threshold = self.environment.option("HealthCheckSuccessThreshold", HEALTH)
        bad = health.BAD[health.BAD.index(threshold) + 1 :] if threshold in health.BAD else health.BAD
        passed, waited = 0, 0
        while passed < CHECKS:
            yield health.CHECK_INTERVAL
            waited += health.CHECK_INTERVAL
            failing = [each for each in self.batch if health.of_instance(self.environment, each).status in bad]
            passed = 0 if failing else passed + 1
            if waited >= self.timeout and failing:
                if self.environment.option("IgnoreHealthCheck") == "true":
                    return
                raise Unsuccessful("checks-unsuccessful", failing)

    def suffer_faults(self, number: int) -> bool:
        faults = self.environment.backend.service.faults
        struck = faults.strikes("deploy-fails-health", self.environment.name, batch=number) is not None
        for instance in self.batch if struck else ():
            instance.answers = False
        return struck

    def _on_instance(self, status: str, started: datetime | None) -> Deployment:
        label, environment = self.version.version_label, self.environment
        return Deployment(label, environment.deployment_id, status, environment.now(), started)


def all_at_once(deployment: ApplicationDeployment) -> Steps:
    """Every instance at the same time, and no health gate: a log of 79 s has no room for one.

    So an application that does not answer is deployed with success, and Severe.
    """
    deployment.batch = deployment.environment.instances
    yield from deployment.execute(seconds=60)
    for instance in deployment.batch:
        instance.in_service = True
    if deployment.suffer_faults(number=1):
        yield deployment.timeout - 60
        raise Unsuccessful("checks-unsuccessful", deployment.batch)


def rolling(deployment: ApplicationDeployment) -> Steps:
    environment, say = deployment.environment, deployment.say
    size, total = int(environment.option("BatchSize")), len(environment.instances)
    split = batches(environment.instances, environment.option("BatchSizeType"), size)
    for number, batch in enumerate(split, start=1):
        deployment.batch = batch
        say("batch-starting", number=number, instances=", ".join(each.id for each in batch))
        say("batch-leaving", number=number)
        for instance in batch:
            instance.in_service = False
        yield 28
        say("batch-executing", number=number)
        yield from deployment.execute(seconds=10)
        say("batch-executed", number=number)
        say("instances-executed", done=deployment.completed, total=total)
        say("batch-joining", number=number)
        yield from deployment.pass_health_checks(number)
        for instance in batch:
            instance.in_service = True
        say("batch-completed", number=number)


POLICIES: dict[str, Callable[[ApplicationDeployment], Steps]] = {"AllAtOnce": all_at_once, "Rolling": rolling}
"""DeploymentPolicy's values. `options.json` names the same, so that another one is refused when it is set."""
