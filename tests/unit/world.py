"""Everything outside Wardrop's verbs, in memory: Beanstalk, S3, SQS, Parameter Store, the ledger and the time."""

import dataclasses
import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

import msgspec

from tests.unit.fakes import (
    FakeAlarms,
    FakeBeanstalk,
    FakeBundles,
    FakeChecks,
    FakeCleanUps,
    FakeDeadLetters,
    FakeEvidence,
    FakeGuardRequests,
    FakeInstanceLogs,
    FakeMailbox,
    FakeOptionSettings,
    FakeParameters,
    FakeQueue,
)
from tests.unit.memory_table import MemoryTable
from tests.unit.samples import NOW, environment
from wardrop.alerts.model import Alert
from wardrop.aws.ledger.ledger import Ledger
from wardrop.configuration.load import Configurations
from wardrop.deployments.change import Change, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment

Verb = TypeVar("Verb")


class Crash(BaseException):
    """The invocation is killed."""


class Recorded:
    """An adapter whose calls are recorded, and may be disturbed before or after they take effect."""

    def __init__(self, real: Any, name: str, world: "World") -> None:
        self._real, self._name, self._world = real, name, world

    def __getattr__(self, name: str) -> Any:
        attribute, full_name = getattr(self._real, name), f"{self._name}.{name}"
        if not inspect.ismethod(attribute):
            is_adapter = type(attribute).__module__.startswith("wardrop.aws.")
            return Recorded(attribute, full_name, self._world) if is_adapter else attribute

        def call(*args: Any, **kwargs: Any) -> Any:
            self._world.calls.append(full_name)
            self._world.before.get(full_name, _nothing)()
            answer = attribute(*args, **kwargs)
            self._world.after.get(full_name, _nothing)()
            return answer

        return call


def _nothing() -> None:
    pass


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def once(action: Callable[[], None]) -> Callable[[], None]:
    """Only the first call is disturbed."""
    actions = [action]

    def act() -> None:
        if actions:
            actions.pop()()

    return act


class World:
    """`calls` names each call of a verb, such as "beanstalk.update" or "ledger.environments.read".

    A function in `before` or `after`, under such a name, is called around the call and may raise.
    """

    def __init__(self, *environments: Environment) -> None:
        self.now = NOW
        self.calls: list[str] = []
        self.before: dict[str, Callable[[], None]] = {}
        self.after: dict[str, Callable[[], None]] = {}
        self.beanstalk = FakeBeanstalk(*environments or (environment(), environment(name="shop-prod", id="e-2")))
        self.bundles, self.mailbox, self.guard = FakeBundles(), FakeMailbox(), FakeGuardRequests()
        self.evidence, self.alarms, self.checks = FakeEvidence(), FakeAlarms(), FakeChecks()
        self.instance_logs = FakeInstanceLogs()
        self.parameters, self.clean_ups = FakeParameters(), FakeCleanUps()
        self.dead_letters, self.drops_queue = FakeDeadLetters(), FakeQueue()
        self.option_settings = FakeOptionSettings()
        self.table = MemoryTable()
        self.ledger = Ledger(self.table)

    # The adapters for the verbs

    def recorded(self, name: str) -> Any:
        """The adapters by the names of their attributes, such as "beanstalk"."""
        return Recorded(getattr(self, name), name, self)

    @property
    def configurations(self) -> Configurations:
        return self.verb(Configurations)

    def verb(self, kind: type[Verb], **given: Any) -> Verb:
        """Makes a verb, such as AdvanceDeployment. The recorded adapters of this world are its default arguments."""
        fields = dataclasses.fields(cast("Any", kind))
        required = [one for one in fields if one.default is one.default_factory is dataclasses.MISSING]
        needed = [field.name for field in required if field.name not in given]
        return kind(**{name: self.recorded(name) for name in needed}, **given)

    # Changes from outside

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def record(self, *deployments: Deployment) -> None:
        """Puts new deployments into the ledger."""
        self.ledger.write(Change(deployments))

    def show(self, name: str = "shop-staging", **differs: Any) -> None:
        """Sets the answer of DescribeEnvironments about an environment."""
        self.beanstalk.described[name] = environment(name=name, **differs)

    # The results

    def environment(self, name: str = "shop-staging") -> EnvironmentRecord:
        return self.ledger.environments.read(name)

    def finished(self, name: str = "shop-staging") -> list[Deployment]:
        return self.ledger.environments.history(name)

    @property
    def alerts(self) -> list[Alert]:
        """The alerts in the order of their first write."""
        items = [item for key, item in self.table.items.items() if key.pk.startswith("alerts/")]
        return [msgspec.convert(item, Alert) for item in items]

    @property
    def alert_kinds(self) -> list[str]:
        return [str(alert.kind) for alert in self.alerts]

    @property
    def woken(self) -> list[tuple[str, str]]:
        """The environments that were woken, each with the reason."""
        return [(wake_up.environment, wake_up.cause) for wake_up in self.mailbox.woken]
