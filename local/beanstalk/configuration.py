"""Configuration updates: in place, with new instances, or with a new load balancer. The durations are assumptions."""

from dataclasses import dataclass

from .environments import Aborted, Steps
from .options import Settings, severity
from .replacement import Replacement, Unsuccessful, immutable, replace

REPLACING_STARTS_AFTER = 180
"""The time that CloudFormation needs before it replaces instances. The number is invented.

In this time, CloudFormation updates the launch template and the Auto Scaling group.
"""


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
                yield from self.renew()
        except Unsuccessful:
            environment.draft = ("failed", self.configuration.settings)
            self.add_event("stack-failed", id=environment.id)
            self.add_event("configuration-failed")
            yield from self._revert(30)
            return
        except Aborted:
            # AWS documents only the last event of an aborted update.
            environment.draft = None
            yield from self._revert(40)
            return
        environment.solution_stack_name = self.solution_stack_name
        if any(severity(option) == "RestartApplicationServer" for option in changed):
            environment.redeploy_configuration()
            if not replaces:
                self.batch = environment.instances
                environment.run(self.batch)
                yield from self.await_commands()
        environment.resize()
        environment.draft = None
        self.abortable = False
        yield 5
        self.add_event("configured")
        yield from self.complete("update-completed")

    def renew(self) -> Steps:
        yield from replace(self, self.environment.instances)

    @property
    def settings_before(self) -> Settings:
        """The settings in force during the update. The draft takes effect when the update has ended.

        AWS does not document when a draft takes effect. It describes the status `pending` as a draft that is being
        deployed, and `deployed` as the settings in force.
        """
        return self.before.settings

    def boot(self, number: int) -> Steps:
        if self.environment.region.service.faults.strikes("deploy-times-out", self.environment.name, batch=number):
            yield self.timeout
            raise self.failed_checks()
        yield from super().boot(number)

    def _revert(self, seconds: float) -> Steps:
        """Restores the previous settings. If this fails, the update ends, and the instances have different settings."""
        self.abortable = False
        yield seconds
        try:
            yield from self.undo()
        except Unsuccessful:
            return
        self.add_event("configuration-reverted")


@dataclass(kw_only=True)
class ManagedUpdate(ConfigurationUpdate):
    """A managed platform update.

    It is always an immutable update, whatever the update policy is (developer guide, "Managed platform updates").
    """

    action_id: str

    def steps(self) -> Steps:
        self.add_event("managed-update-running")
        yield from super().steps()
        if not self.successful and self.environment.status != "Aborting":
            self.add_event("managed-update-failed", minutes=60)  # the number is an assumption

    def renew(self) -> Steps:
        yield from immutable(self, self.environment.instances)
