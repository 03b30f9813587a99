"""Configuration updates: in place, with new instances, or with a new load balancer. The durations are assumptions."""

from dataclasses import dataclass

from .environments import Aborted, Steps
from .options import Settings, severity
from .replacement import Replacement, Unsuccessful, replace

REPLACING_STARTS_AFTER = 180
"""Invented. Before the first instance is replaced, CloudFormation updates the launch template and the group."""


@dataclass(kw_only=True)
class ConfigurationUpdate(Replacement):
    """An update of settings or of the platform, without a new version."""

    def steps(self) -> Steps:
        environment, changed, replaces = self.environment, self.changed, self.replaces
        environment.draft = ("pending", self.configuration.settings)
        self.add_event("update-starting")
        try:
            yield 5
            self.add_event("configuring", name=environment.name)
            self.batch = environment.instances
            yield REPLACING_STARTS_AFTER if replaces else 40
            if environment.region.service.faults.strikes("deploy-fails-command", environment.name):
                raise self.failed_checks()
            self.configure()
            if replaces:
                yield from replace(self, environment.instances)
        except Unsuccessful:
            environment.draft = ("failed", self.configuration.settings)
            self.add_event("stack-failed", id=environment.id)
            self.add_event("configuration-failed")
            yield from self._revert(30)
            return
        except Aborted:
            # Of the events of an aborted update, only the last one is documented.
            environment.draft = None
            yield from self._revert(40)
            return
        environment.solution_stack_name = self.solution_stack_name
        if any(severity(option) == "RestartApplicationServer" for option in changed):
            environment.redeploy_configuration()
        environment.resize()
        environment.draft = None
        self.abortable = False
        yield 5
        self.successful = True
        self.add_event("configured")
        self.add_event("update-completed")

    @property
    def settings_before(self) -> Settings:
        """AWS describes the pending draft as being deployed, and the deployed settings as those that are in force.

        It is not known when they change places. Here they do so when the update has ended.
        """
        return self.before.settings

    def boot(self, number: int) -> Steps:
        if self.environment.region.service.faults.strikes("deploy-times-out", self.environment.name, batch=number):
            yield self.timeout
            raise self.failed_checks()
        yield from super().boot(number)

    def _revert(self, seconds: float) -> Steps:
        """Restores the previous settings. If this fails, the update ends and the instances keep different settings."""
        self.abortable = False
        yield seconds
        try:
            yield from self.undo()
        except Unsuccessful:
            return
        self.add_event("configuration-reverted")
