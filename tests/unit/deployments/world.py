"""The world in which looks at one environment are taken."""

from typing import Any

from msgspec.structs import replace

from tests.unit.samples import (
    NEW,
    OLD,
    SETTLE,
    completed,
    environment,
    event,
    instance,
    queued,
    release,
    reserve,
    seconds,
    standing,
    started,
    version,
)
from tests.unit.world import World
from wardrop.aws.mailbox import WakeUp
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.steps import Look

NAME = "shop-staging"


class DeploymentWorld(World):
    """`calls` names the calls of the last look."""

    def __init__(self) -> None:
        super().__init__(environment())
        for label in (OLD, NEW):
            reserve(self.ledger, version(label, release=release(key=f"shop/{label}", sha256=label)))
        self.advance = self.verb(AdvanceDeployment, settle=SETTLE)

    def has_proven(self) -> None:
        """Records that a deployment was proven, so that the settings in force are known."""
        self.ledger.write(Change(standing=standing()))

    def drop(self, name: str = "d-1", label: str = NEW, minutes: float = 0, **differs: Any) -> None:
        self.record(queued(name, label, minutes, **differs))

    def look(self, *wake_ups: WakeUp, after: float = 0) -> Look:
        self.wait(after)
        self.calls.clear()
        return self.advance(NAME, wake_ups or [WakeUp(environment=NAME, cause="tick")], self.now)

    def shows(self, *fleet: Any, **differs: Any) -> None:
        self.beanstalk.described[NAME] = environment(**differs)
        self.beanstalk.fleet = fleet

    def done(self, label: str = NEW) -> None:
        """Lets our update end."""
        latest = max((each.deployment_id for each in self.beanstalk.fleet), default=7) + 1
        self.shows(instance(1, label, deployment_id=latest), version_label=label, updated_at=self.now)
        self.beanstalk.event_log = [started(self.now), completed(self.now)]

    def fail(self) -> None:
        """Lets our update fail in the middle: the environment keeps its label, and the fleet is mixed."""
        self.shows(instance(1, NEW, "Failed"), instance(2, OLD), version_label=OLD, updated_at=self.now)
        failure = event("Unsuccessful command execution on instance id(s) 'i-1'.", severity="ERROR")
        end = event("Failed to deploy application.", self.now, severity="ERROR")
        self.beanstalk.event_log = [started(self.now), replace(failure, at=self.now), end]

    def runs_the_old_version_well(self) -> None:
        self.shows(instance(1, OLD), instance(2, OLD))

    def snapshot(self, ago: float = 1, **differs: Any) -> WakeUp:
        snapshot_at = self.now - seconds(ago)
        return WakeUp(environment=NAME, cause="tick", snapshot=environment(**differs), snapshot_at=snapshot_at)

    @property
    def active(self) -> list[Deployment]:
        return self.environment(NAME).deployments

    @property
    def ended(self) -> list[Deployment]:
        return self.finished(NAME)
