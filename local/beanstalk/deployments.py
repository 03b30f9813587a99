"""Application deployments: one generator of steps for each policy, and what they have in common.

The times are those of public logs: 79 s for three instances all at once, about 2 min 40 s for each batch of
a rolling deployment. Texts are verbatim from the same logs, trailing spaces and double dots included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import health
from .fleet import Deployment, Instance, batches
from .options import COMMAND, HEALTH, Settings, definition
from .updates import Aborted, Steps, Update

if TYPE_CHECKING:
    from .versions import ApplicationVersion

CHECKS = 12
"""So many health checks in a row must pass in a web tier (AWS developer guide, "Enhanced health rules")."""

MIXED_FLEET = (
    "During an aborted deployment, some instances may have deployed the new application version. "
    "To ensure all instances are running the same version, re-deploy the appropriate application version."
)


class Unsuccessful(Exception):
    """The deployment fails; the message is the event that says why."""


@dataclass
class Rollout:
    """A version on its way to the instances of an environment."""

    update: Update
    version: ApplicationVersion
    deployment_id: int
    batch: Sequence[Instance] = ()

    @property
    def instances(self) -> list[Instance]:
        return self.update.environment.instances

    def option(self, name: str, namespace: str = COMMAND) -> str:
        return self.update.environment.settings[namespace, name]

    def take(self, batch: Sequence[Instance]) -> None:
        self.batch, self.update.batch = batch, len(batch)

    def execute(self, batch: Sequence[Instance], seconds: float) -> Steps:
        """The command that puts the version on each instance; it cannot without the source bundle."""
        say, started = self.update.say, self.update.environment.now()
        for instance in batch:
            instance.deployment = self._deployment("In Progress", started)
        yield seconds
        answers = self.version.answers()
        for instance in batch:
            instance.deployment = self._deployment("Deployed" if answers is not None else "Failed", started)
            if answers is not None:
                instance.answers = answers
                say("Instance deployment completed successfully.")
            else:
                say("Instance deployment failed. For details, see 'eb-engine.log'.", "ERROR")
                failed = f"[Instance: {instance.id}] Command failed on instance. Return code: 1"
                say(f"{failed} Output: Engine execution has encountered an error..", "ERROR")
        if answers is None:
            summary = f"Summary: [Successful: 0, Failed: {len(batch)}]"
            say(f"Command execution completed on all instances. {summary}.")
            instances = f"instance id(s) '{_ids(batch)}'"
            raise Unsuccessful(f"Unsuccessful command execution on {instances}. Aborting the operation.")
        self.update.completed += len(batch)

    def pass_health_checks(self, batch: Sequence[Instance], number: int) -> Steps:
        """A batch's gate: checks in a row, one that fails resets the count, all within the command timeout.

        IgnoreHealthCheck goes on when the time is up (AWS developer guide, general options).
        """
        self.suffer_faults(batch, number)
        passed, waited = 0, 0
        while passed < CHECKS:
            yield health.CHECK_INTERVAL
            waited += health.CHECK_INTERVAL
            failing = self.failing(batch)
            passed = 0 if failing else passed + 1
            if waited >= self.update.command_timeout and failing:
                if self.option("IgnoreHealthCheck") == "true":
                    return
                raise self.did_not_pass(failing)

    def let_go(self) -> None:
        answers = self.version.answers()
        for instance in self.batch:
            instance.in_service = True
            if instance.deployment is not None and instance.deployment.status == "In Progress":
                instance.deployment = self._deployment("Failed" if answers is None else "Deployed")
                instance.answers = instance.answers if answers is None else answers

    def suffer_faults(self, batch: Sequence[Instance], number: int) -> bool:
        environment = self.update.environment
        struck = environment.backend.service.faults.strikes("deploy-fails-health", environment.name, batch=number)
        for instance in batch if struck else ():
            instance.answers = False
        return struck is not None

    def failing(self, batch: Sequence[Instance]) -> list[Instance]:
        threshold = self.option("HealthCheckSuccessThreshold", HEALTH)
        tolerated = health.BAD[: health.BAD.index(threshold) + 1] if threshold in health.BAD else ()
        expected, clock = self._deployment("Deployed"), self.update.environment.backend.service.clock
        seen = [(instance, health.of_instance(instance, expected, clock).status) for instance in batch]
        return [instance for instance, status in seen if status in health.BAD and status not in tolerated]

    def did_not_pass(self, failing: Sequence[Instance]) -> Unsuccessful:
        check = "health check after command execution"
        return Unsuccessful(f"Instance id(s) '{_ids(failing)}' did not pass {check}. Aborting the operation.")

    def _deployment(self, status: str, started: datetime | None = None) -> Deployment:
        now = self.update.environment.now()
        return Deployment(self.version.version_label, self.deployment_id, status, now, started)


def all_at_once(rollout: Rollout) -> Steps:
    """Every instance at the same time, and no health gate: a log of 79 s has no room for one.

    So an application that does not answer is deployed with success, and Severe.
    """
    rollout.take(rollout.instances)
    yield from rollout.execute(rollout.instances, seconds=60)
    for instance in rollout.instances:
        instance.in_service = True
    if rollout.suffer_faults(rollout.instances, number=1):
        yield rollout.update.command_timeout - 60
        raise rollout.did_not_pass(rollout.instances)


def rolling(rollout: Rollout) -> Steps:
    total, size = len(rollout.instances), int(rollout.option("BatchSize"))
    for number, batch in enumerate(batches(rollout.instances, rollout.option("BatchSizeType"), size), start=1):

        def say(message: str, number: int = number) -> None:
            rollout.update.say(f"Batch {number}: {message}")

        say(f"Starting application deployment on instance(s) [{', '.join(each.id for each in batch)}].")
        say("De-registering instance(s) from the load balancer and waiting for them to go out of service.")
        rollout.take(batch)
        for instance in batch:
            instance.in_service = False
        yield 28
        say("Starting application deployment command execution.")
        yield from rollout.execute(batch, seconds=10)
        say("Completed application deployment command execution.")
        done = f"{rollout.update.completed} of {total} instances"
        rollout.update.say(f"Command execution completed on {done} in environment.")
        say("Registering instance(s) with the load balancer and waiting for them to be healthy. ")
        yield from rollout.pass_health_checks(batch, number)
        for instance in batch:
            instance.in_service = True
        say("Completed application deployment.")


POLICIES: dict[str, Callable[[Rollout], Steps]] = {"AllAtOnce": all_at_once, "Rolling": rolling}
"""DeploymentPolicy's values. `options.json` names the same, so that another one is refused when it is set."""


def deploy(update: Update, version: ApplicationVersion, changes: Settings) -> Steps:
    """A deployment from its first event to its last.

    Settings in the same call are taken as well. With launch or VPC settings among them, changed or not, the
    policy was seen to be ignored and all instances done at once (aws-sdk-ruby issue 1394).
    """
    environment = update.environment
    update.say("Environment update is starting.")
    replaced = any(definition(*option)["ChangeSeverity"] == "RestartEnvironment" for option in changes)
    rollout = Rollout(update, version, environment.deployment_id + 1)
    try:
        yield 8
        update.say("Deploying new version to instance(s).")
        environment.settings |= changes
        environment.deployment_id = rollout.deployment_id
        policy = all_at_once if replaced else POLICIES[rollout.option("DeploymentPolicy")]
        yield from policy(rollout)
        update.abortable = False
        yield 2
    except Unsuccessful as failure:
        update.say(str(failure), "ERROR")
        update.say("Failed to deploy application.", "ERROR")
        update.say(MIXED_FLEET, "ERROR")
    except Aborted:
        # It "simply stops the deployment" (AWS developer guide, "Canceling ... deployments"). What becomes of
        # the batch at hand and whether there is another event is unknown: here its instances
        # finish the command and serve again.
        yield 10
        rollout.let_go()
        update.say(MIXED_FLEET, "ERROR")
    else:
        update.successful = True
        environment.deployed(version, rollout.deployment_id)
        update.say("New application version was deployed to running EC2 instances.")
        update.say("Environment update completed successfully.")


def _ids(instances: Sequence[Instance]) -> str:
    return ",".join(instance.id for instance in instances)
