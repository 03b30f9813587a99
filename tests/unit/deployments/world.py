"""One environment with its ledger, a stand-in for Beanstalk, and a clock: the world in which looks are taken."""

from typing import Any

from msgspec.structs import replace

from tests.unit.fakes import FakeBeanstalk, FakeBundles, FakeMailbox, FakeParameters
from tests.unit.samples import NEW, NOW, OLD, SETTLE, completed, environment, event, instance, queued, seconds, started
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.load import Configurations
from wardrop.deployments.advance import AdvanceDeployment, Look
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.record import EnvironmentRecord

NAME = "shop-staging"


class Crash(BaseException):
    """The invocation dies: nothing after it runs."""


class World:
    """`calls` names the calls of the last look. `crash_after` names a call after which one look dies."""

    def __init__(self, ledger: Any) -> None:
        self.ledger, self.beanstalk, self.bundles, self.mailbox = ledger, FakeBeanstalk(), FakeBundles(), FakeMailbox()
        self.calls: list[str] = []
        self.crash_after: str | None = None
        self.stale: EnvironmentRecord | None = None
        """What a look reads of the environment, if somebody else has written to the ledger in the meantime."""

        self.now = NOW
        observed: list[Any] = [
            Observed(real, self) for real in (self.beanstalk, self.bundles, self.ledger, self.mailbox)
        ]
        self.parameters = FakeParameters()
        configurations = Configurations(self.parameters, observed[2])
        self.advance = AdvanceDeployment(*observed, configurations=configurations, settle=SETTLE)

    def drop(self, name: str = "d-1", label: str = NEW, minutes: float = 0, **differs: Any) -> None:
        self.ledger.write(Change([queued(name, label, minutes, **differs)]))

    def look(self, *wake_ups: WakeUp, after: float = 0) -> Look:
        self.now += seconds(after)
        self.calls.clear()
        return self.advance(NAME, wake_ups or [WakeUp(environment=NAME, cause="tick")], self.now)

    def shows(self, *fleet: Any, **differs: Any) -> None:
        self.beanstalk.shown[NAME] = environment(**differs)
        self.beanstalk.fleet = fleet

    def done(self, label: str = NEW) -> None:
        """Beanstalk has finished our update."""
        self.shows(instance(1, label), version_label=label, updated_at=self.now)
        self.beanstalk.told = [started(self.now), completed(self.now)]

    def fail(self) -> None:
        """Beanstalk gave up half-way: the environment keeps its label, and the fleet is mixed."""
        self.shows(instance(1, NEW, "Failed"), instance(2, OLD), version_label=OLD, updated_at=self.now)
        failure = event("Unsuccessful command execution on instance id(s) 'i-1'.", severity="ERROR")
        end = event("Failed to deploy application.", self.now, severity="ERROR")
        self.beanstalk.told = [started(self.now), replace(failure, at=self.now), end]

    def runs_the_old_version_well(self) -> None:
        self.shows(instance(1, OLD), instance(2, OLD))

    def seen(self, ago: float = 1, **differs: Any) -> WakeUp:
        seen_at = self.now - seconds(ago)
        return WakeUp(environment=NAME, cause="tick", seen=environment(**differs), seen_at=seen_at)

    @property
    def record(self) -> EnvironmentRecord:
        return self.ledger.environments.read(NAME)

    @property
    def active(self) -> list[Deployment]:
        return self.record.deployments

    @property
    def ended(self) -> list[Deployment]:
        return self.ledger.environments.history(NAME)

    @property
    def alerts(self) -> list[str]:
        items = self.ledger._table._dynamodb.scan(TableName="ledger")["Items"]
        return sorted(item["kind"]["S"] for item in items if item["pk"]["S"].startswith("alerts/"))


class Observed:
    """An adapter, or a part of one, whose calls are recorded and may be the last of an invocation."""

    def __init__(self, real: Any, world: World) -> None:
        self._real, self._world = real, world

    def __getattr__(self, name: str) -> Any:
        part, world = getattr(self._real, name), self._world
        if not callable(part):
            return Observed(part, world)

        def call(*args: Any, **kwargs: Any) -> Any:
            world.calls.append(name)
            result = part(*args, **kwargs)
            if name == world.crash_after:
                world.crash_after = None
                raise Crash
            return world.stale if name == "read" and world.stale is not None else result

        return call
