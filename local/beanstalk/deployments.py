"""Application deployments: the steps that all policies have in common. `policies` has the steps of each policy."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from . import options
from .environments import BOOT_SECONDS, Aborted, Steps
from .exceptions import ConfigurationValidationException
from .fleet import Outcome
from .instances import Deployment, Instance
from .options import BALANCER_TYPE, COMMAND, Given, Option
from .replacement import Replacement, Unsuccessful, refusal
from .versions import ApplicationVersion


@dataclass(kw_only=True)
class ApplicationDeployment(Replacement):
    """The deployment of a version. It also applies the settings in the version's bundle and in the API call."""

    operation = "Application update"

    version: ApplicationVersion
    bundled: Sequence[Given]
    """The settings of the bundle's `.ebextensions`."""
    sent: Collection[Option]
    """The options in the API call, including options whose values do not change."""
    roll_out: Callable[["ApplicationDeployment"], Steps]

    def steps(self) -> Steps:
        environment = self.environment
        self.add_event("update-starting")
        try:
            yield 1
            self._take_bundled()
            # AWS does not document which settings create a draft. The assumption is that settings in the API call
            # create one, and settings in files do not.
            if self.configuration.explicit != self.before.explicit:
                environment.draft = ("pending", self.configuration.settings)
            yield 7
            if self.configuration.settings[COMMAND, "DeploymentPolicy"] != "Immutable":
                self.add_event("deploying")
            environment.deployment_id += 1
            yield from self.roll_out(self)
            self.abortable = False
            yield 2
        except Unsuccessful as failure:
            event, instances = failure.args
            self.add_event(event, instances=",".join(each.id for each in instances))
            if fault := environment.region.service.faults.strikes("failure-lingers", environment.name):
                yield fault.parameters["seconds"]
            yield from self._revert()
            self.add_event("deployment-failed")
            self._advise()
        except ConfigurationValidationException as error:
            self.add_invalid_events(error)
            self.add_event("deployment-failed")
        except Aborted:
            # The AWS developer guide ("Canceling ... deployments") states that AWS "simply stops the deployment". It
            # does not document the events, or the effect on the current batch. Here, the instances of the batch finish
            # the command and return to service.
            yield 10
            yield from self.await_commands()
            self._finish_command([each for each in self.batch if each.is_stuck])
            for instance in self.batch:
                instance.in_service = True
            yield from self._revert()
            self._advise()
        else:
            environment.solution_stack_name = self.solution_stack_name
            self.add_event("deployed")
            yield from self.complete("update-completed")
            environment.deployed(self.version)
            environment.resize()
        environment.draft = None

    def _take_bundled(self) -> None:
        """Applies the settings of the bundle.

        AWS does not document whether the settings of a bundle already apply to the deployment of the bundle. The
        assumption is that they do.
        """
        self.configuration = replace(self.configuration, bundled=options.bundled(self.bundled)).checked()
        if BALANCER_TYPE in self.changed:
            raise ConfigurationValidationException("LoadBalancer type option cannot be changed.")
        if event := refusal(self, deploys=True):
            raise Unsuccessful(event, ())

    def _revert(self) -> Steps:
        try:
            yield from self.undo()
        except Unsuccessful:
            pass  # after the abort, the instances run different versions
        else:
            if self.undoing:
                self.add_event("configuration-reverted")

    def _advise(self) -> None:
        """Adds the event that recommends another deployment, if an instance does not run the expected deployment."""
        expected = self.environment.expected
        deployed = (each.deployment for each in self.environment.instances)
        if expected and any(each and each.deployment_id != expected.deployment_id for each in deployed):
            self.add_event("mixed-fleet")

    def boot(self, number: int) -> Steps:
        """Deploys the new version to launched instances.

        If `undoing` is set, deploys the last successful version instead.
        """
        if self.undoing:
            yield from super().boot(number)
            return
        yield BOOT_SECONDS
        for instance in self.batch:
            instance.deployment = self._on_instance("In Progress", started=self.environment.now())
        yield from self.execute(seconds=0.1, number=number)

    def execute(self, seconds: float, number: int = 1) -> Steps:
        """Deploys the version to each instance of the batch.

        Raises Unsuccessful, for example if the bundle does not exist.
        """
        faults, name = self.environment.region.service.faults, self.environment.name
        late = faults.strikes("deploy-finishes-late", name, batch=number)
        hanging = self._start_commands(number, all_hang=late is not None)
        yield self.timeout if hanging else seconds
        yield from self.await_commands()
        if late is not None:
            self.environment.region.service.run(self._finish_late(hanging, late.parameters["seconds"]))
        struck = faults.strikes("deploy-fails-command", name, batch=number) is not None
        outcomes = self._finish_command(hanging, failed=struck)
        if timed_out := [instance for instance in self.batch if outcomes[instance.id] is Outcome.TIMED_OUT]:
            raise self._timed_out(timed_out)
        if failed := [instance for instance in self.batch if outcomes[instance.id] is Outcome.FAILED]:
            for instance in failed:
                self.add_event("instance-failed")
                self.add_event("command-failed", instance=instance.id)
            self.add_event("commands-summed-up", succeeded=len(self.batch) - len(failed), failed=len(failed))
            raise Unsuccessful("command-unsuccessful", failed)
        for _ in self.batch:
            self.add_event("instance-deployed")
        self.completed += len(self.batch)

    def _timed_out(self, late: Sequence[Instance]) -> Unsuccessful:
        self.add_event("not-responded", instances=", ".join(each.id for each in late))
        self.add_event("commands-timed-out", succeeded=len(self.batch) - len(late), late=len(late))
        return Unsuccessful("command-unsuccessful", late)

    def _start_commands(self, number: int, *, all_hang: bool) -> Sequence[Instance]:
        """Starts the commands of the batch. Returns the instances whose commands hang."""
        faults, name = self.environment.region.service.faults, self.environment.name
        if faults.strikes("instance-stuck", name, batch=number):
            self.batch[0].is_stuck = True
        had_another = [instance for instance in self.batch if not self._is_first_command_of(instance)]
        lying = had_another[:1] if had_another and faults.strikes("instance-lies", name, batch=number) else ()
        all_hang = all_hang or faults.strikes("deploy-times-out", name, batch=number) is not None
        hanging = [instance for instance in self.batch if all_hang or instance.is_stuck]
        for instance in self.batch:
            instance.runs = (instance.runs or instance.deployment) if instance in lying else None
            instance.deployment = self._on_instance("In Progress", started=self.environment.now())
            if instance not in hanging and instance not in lying:
                self.environment.fleet.start(self.environment, instance, self.version)
        return hanging

    def _is_first_command_of(self, instance: Instance) -> bool:
        """Whether the instance was launched for this deployment and has never run another version."""
        return instance.deployment is None or instance.deployment.deployment_id == self.environment.deployment_id

    async def _finish_late(self, hanging: Sequence[Instance], seconds: float) -> None:
        """Finishes hanging commands after they were reported as timed out.

        An instance that has received another command in the meantime is skipped.
        """
        service, deployment_id = self.environment.region.service, self.environment.deployment_id
        await service.clock.sleep(seconds)
        with service.lock:
            for instance in hanging:
                if instance.deployment is not None and instance.deployment.deployment_id == deployment_id:
                    self.environment.fleet.start(self.environment, instance, self.version)
                    self.environment.fleet.finish(instance)
                    instance.deployment = replace(instance.deployment, status="Deployed", time=self.environment.now())

    def _finish_command(self, hanging: Sequence[Instance], *, failed: bool = False) -> dict[str, Outcome]:
        """Ends the commands of the batch. Returns the result of each command, keyed by the id of the instance."""
        faults, name = self.environment.region.service.faults, self.environment.name
        failed = failed or faults.strikes("bundle-unreadable", name, label=self.version.version_label) is not None
        outcomes = {}
        for instance in self.batch:
            if instance.deployment is not None and instance.deployment.status == "In Progress":
                fails = Outcome.TIMED_OUT if instance in hanging else Outcome.FAILED if failed else None
                outcome = fails or self.environment.fleet.finish(instance)
                status = {Outcome.SUCCEEDED: "Deployed", Outcome.FAILED: "Failed"}.get(outcome, "In Progress")
                instance.deployment = self._on_instance(status, instance.deployment.started)
                outcomes[instance.id] = outcome
        return outcomes

    def _on_instance(self, status: str, started: datetime | None) -> Deployment:
        label, environment = self.version.version_label, self.environment
        return Deployment(label, environment.deployment_id, status, environment.now(), started)
