"""Application deployments: what all policies have in common; `policies` has one generator of steps for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import health
from .environments import Deployment, Instance
from .options import HEALTH, replaces
from .policies import POLICIES
from .updates import Aborted, Steps, Update

if TYPE_CHECKING:
    from .models import ApplicationVersion

CHECKS = {"WebServer": 12, "Worker": 18}
"""So many health checks in a row must pass, by tier (AWS developer guide, "Enhanced health rules")."""

ADDED_TIMEOUT = 240
"""The service adds so many seconds to the command timeout (AWS developer guide, general options, Timeout)."""


BOOT_SECONDS = 100
"""From the launch of an instance to the end of its first command (public logs of immutable deployments)."""


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
    new: Sequence[Instance] = ()
    """Those beside the fleet that the policy has launched; they go again if it fails."""

    @property
    def timeout(self) -> int:
        return int(self.environment.option("Timeout")) + ADDED_TIMEOUT

    def steps(self) -> Steps:
        environment = self.environment
        replaced = any(replaces(*option) for option in self.changes)
        self.say("update-starting")
        try:
            yield 8
            self.say("deploying")
            environment.settings |= self.changes
            environment.deployment_id += 1
            # Which policies a single instance cannot have is documented, what becomes of them is not.
            name = environment.option("DeploymentPolicy") if not replaced else "AllAtOnce"
            yield from POLICIES["AllAtOnce" if environment.single and name != "Immutable" else name](self)
            self.abortable = False
            yield 2
        except Unsuccessful as failure:
            event, instances = failure.args
            self.say(event, instances=",".join(each.id for each in instances))
            self.retire(self.new)
            self.say("deployment-failed")
            self._advise()
        except Aborted:
            # It "simply stops the deployment" (AWS developer guide, "Canceling ... deployments"). What becomes of
            # the batch at hand and whether there is another event is unknown: here its instances
            # finish the command and serve again.
            yield 10
            self._finish_command()
            for instance in self.batch:
                instance.in_service = True
            self.retire(self.new)
            self._advise()
        else:
            self.successful = True
            environment.deployed(self.version)
            self.say("deployed")
            self.say("update-completed")

    def _advise(self) -> None:
        """Where only new instances had the version, nothing is left of it, and nothing to be told."""
        deployed = (each.deployment for each in self.environment.instances)
        if any(one is not None and one.deployment_id == self.environment.deployment_id for one in deployed):
            self.say("mixed-fleet")

    def launch(self, number: int, said: int) -> Steps:
        """New instances boot straight into the version and are at hand then; they serve when they are well."""
        launched = self.environment.launched(number)
        for instance in launched:
            instance.deployment, instance.in_service = None, False
        self.batch = launched
        self.new = [*self.new, *launched]
        self.environment.add(launched)
        yield BOOT_SECONDS
        for instance in launched:
            instance.deployment = self._on_instance("In Progress", started=self.environment.now())
        yield from self.execute(seconds=0.1, number=said)

    def retire(self, instances: Sequence[Instance]) -> None:
        self.environment.remove(instances)
        self.new = [each for each in self.new if each not in instances]

    def execute(self, seconds: float, number: int = 1) -> Steps:
        """The command that puts the version on each instance at hand; it cannot without the source bundle."""
        for instance in self.batch:
            instance.deployment = self._on_instance("In Progress", started=self.environment.now())
        faults, name = self.environment.backend.service.faults, self.environment.name
        if faults.strikes("deploy-times-out", name, batch=number):
            yield self.timeout
            self.say("not-responded", instances=", ".join(each.id for each in self.batch))
            self.say("commands-timed-out", late=len(self.batch))
            raise Unsuccessful("command-unsuccessful", self.batch)
        yield seconds
        struck = faults.strikes("deploy-fails-command", name, batch=number) is not None
        if not self._finish_command(failed=struck):
            for instance in self.batch:
                self.say("instance-failed")
                self.say("command-failed", instance=instance.id)
            self.say("commands-summed-up", failed=len(self.batch))
            raise Unsuccessful("command-unsuccessful", self.batch)
        for _ in self.batch:
            self.say("instance-deployed")
        self.completed += len(self.batch)

    def _finish_command(self, *, failed: bool = False) -> bool:
        faults, name = self.environment.backend.service.faults, self.environment.name
        failed = failed or faults.strikes("bundle-unreadable", name, label=self.version.version_label) is not None
        answers = None if failed else self.version.answers()
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
        while passed < CHECKS.get(self.environment.tier["Name"], 12):
            yield health.CHECK_INTERVAL
            waited += health.CHECK_INTERVAL
            failing = [each for each in self.batch if health.of_instance(self.environment, each).status in bad]
            passed = 0 if failing else passed + 1
            if waited >= self.timeout and failing:
                if self.environment.option("IgnoreHealthCheck") == "true":
                    return
                raise Unsuccessful("checks-unsuccessful", failing)
        for instance in self.batch:
            instance.in_service = True

    def unwell(self) -> Unsuccessful:
        return Unsuccessful("checks-unsuccessful", self.batch)

    def suffer_faults(self, number: int) -> bool:
        faults = self.environment.backend.service.faults
        struck = faults.strikes("deploy-fails-health", self.environment.name, batch=number) is not None
        for instance in self.batch if struck else ():
            instance.answers = False
        return struck

    def _on_instance(self, status: str, started: datetime | None) -> Deployment:
        label, environment = self.version.version_label, self.environment
        return Deployment(label, environment.deployment_id, status, environment.now(), started)
