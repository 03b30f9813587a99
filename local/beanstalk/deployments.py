"""Application deployments: the steps that are common to all policies. `policies` has the steps of each policy."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from . import options
from .environments import Aborted, Steps
from .exceptions import ConfigurationValidationException
from .instances import Deployment
from .options import BALANCER_TYPE, Given, Option
from .replacement import BOOT_SECONDS, Replacement, Unsuccessful, refusal
from .versions import ApplicationVersion


@dataclass(kw_only=True)
class ApplicationDeployment(Replacement):
    """The deployment of a version, with the settings of its bundle and of the call."""

    operation = "Application update"

    version: ApplicationVersion
    bundled: Sequence[Given]
    """The settings of the bundle's `.ebextensions`."""
    sent: Collection[Option]
    """The options of the call, including options that do not change."""
    roll_out: Callable[["ApplicationDeployment"], Steps]

    def steps(self) -> Steps:
        environment = self.environment
        self.add_event("update-starting")
        try:
            yield 1
            self._take_bundled()
            # Assumption: only settings of the call create a draft. Settings from files do not.
            if self.configuration.explicit != self.before.explicit:
                environment.draft = ("pending", self.configuration.settings)
            yield 7
            self.add_event("deploying")
            environment.deployment_id += 1
            yield from self.roll_out(self)
            self.abortable = False
            yield 2
        except Unsuccessful as failure:
            event, instances = failure.args
            self.add_event(event, instances=",".join(each.id for each in instances))
            yield from self._revert()
            self.add_event("deployment-failed")
            self._advise()
        except ConfigurationValidationException as error:
            self.add_invalid_events(error)
            self.add_event("deployment-failed")
        except Aborted:
            # By the AWS developer guide ("Canceling ... deployments"), AWS "simply stops the deployment". The effect on
            # the current batch and the events are not documented. Here, the instances of the batch finish the command
            # and return to service.
            yield 10
            self._finish_command()
            for instance in self.batch:
                instance.in_service = True
            yield from self._revert()
            self._advise()
        else:
            self.successful = True
            environment.solution_stack_name = self.solution_stack_name
            environment.deployed(self.version)
            environment.resize()
            self.add_event("deployed")
            self.add_event("update-completed")
        environment.draft = None

    def _take_bundled(self) -> None:
        """Applies the bundle's settings. Assumption: they already apply to the deployment of the bundle itself."""
        self.configuration = replace(self.configuration, bundled=options.bundled(self.bundled)).checked()
        if BALANCER_TYPE in self.changed:
            raise ConfigurationValidationException("LoadBalancer type option cannot be changed.")
        if event := refusal(self, deploys=True):
            raise Unsuccessful(event, ())

    def _revert(self) -> Steps:
        try:
            yield from self.undo()
        except Unsuccessful:
            pass  # the instances keep different versions
        else:
            if self.undoing:
                self.add_event("configuration-reverted")

    def _advise(self) -> None:
        """Adds the event that advises a new deployment, if an instance runs another version."""
        expected = self.environment.expected
        deployed = (each.deployment for each in self.environment.instances)
        if expected and any(each and each.deployment_id != expected.deployment_id for each in deployed):
            self.add_event("mixed-fleet")

    def boot(self, number: int) -> Steps:
        """Starts new instances with the version of the deployment, unless the deployment is being undone."""
        if self.undoing:
            yield from super().boot(number)
            return
        yield BOOT_SECONDS
        for instance in self.batch:
            instance.deployment = self._on_instance("In Progress", started=self.environment.now())
        yield from self.execute(seconds=0.1, number=number)

    def execute(self, seconds: float, number: int = 1) -> Steps:
        """Deploys the version to each instance of the batch. Raises Unsuccessful, for example without a bundle."""
        for instance in self.batch:
            instance.deployment = self._on_instance("In Progress", started=self.environment.now())
        faults, name = self.environment.region.service.faults, self.environment.name
        if faults.strikes("deploy-times-out", name, batch=number):
            yield self.timeout
            self.add_event("not-responded", instances=", ".join(each.id for each in self.batch))
            self.add_event("commands-timed-out", late=len(self.batch))
            raise Unsuccessful("command-unsuccessful", self.batch)
        yield seconds
        struck = faults.strikes("deploy-fails-command", name, batch=number) is not None
        if not self._finish_command(failed=struck):
            for instance in self.batch:
                self.add_event("instance-failed")
                self.add_event("command-failed", instance=instance.id)
            self.add_event("commands-summed-up", failed=len(self.batch))
            raise Unsuccessful("command-unsuccessful", self.batch)
        for _ in self.batch:
            self.add_event("instance-deployed")
        self.completed += len(self.batch)

    def _finish_command(self, *, failed: bool = False) -> bool:
        faults, name = self.environment.region.service.faults, self.environment.name
        failed = failed or faults.strikes("bundle-unreadable", name, label=self.version.version_label) is not None
        answers = None if failed else self.version.answers()
        for instance in self.batch:
            if instance.deployment is not None and instance.deployment.status == "In Progress":
                status = "Failed" if answers is None else "Deployed"
                instance.deployment = self._on_instance(status, instance.deployment.started)
                instance.answers = instance.answers if answers is None else answers
        return answers is not None

    def _on_instance(self, status: str, started: datetime | None) -> Deployment:
        label, environment = self.version.version_label, self.environment
        return Deployment(label, environment.deployment_id, status, environment.now(), started)
