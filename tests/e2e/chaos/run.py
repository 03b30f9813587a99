"""Causes many faults while versions are dropped, and compares the result with Wardrop's promises."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from tests.e2e.chaos.applications import Application, create
from tests.e2e.chaos.faults import CONDITIONS, FAULTS
from tests.integration.activity import report
from tests.integration.shop import QUEUES, Dropped, Shop, archive
from tests.integration.test_run_command import ask
from wardrop.configuration.rules import OnFailure
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Hold
from wardrop.deployments.state import State

SPEED, DROPS = 120, 60
BAD_SHARE, MOST_UNRECEIVED = 0.2, 5
PATIENCE_SECONDS = 300.0
RETRY_SECONDS = "12"
"""The seconds after which a message of a killed function is received again. In the template they are minutes."""


@dataclass(frozen=True)
class Chaos:
    """A shop under faults. The seed makes all random choices, but timing depends on the machine."""

    shop: Shop
    seed: int
    applications: list[Application]
    drops: int
    repaired: set[tuple[str, Hold]] = field(default_factory=set)
    """The environments that got a new instance after they were held, each with its hold."""

    struck: Counter[str] = field(default_factory=Counter)
    """How often each fault struck."""

    @property
    def environments(self) -> list[str]:
        return ["shop-staging", "shop-prod", *(each.name for app in self.applications for each in app.environments)]

    @property
    def targets(self) -> list[str]:
        return [target for application in self.applications for target in application.targets]

    def break_things(self) -> None:
        """Starts all faults. Each fault strikes its first opportunity, and later opportunities by chance."""
        for number, fault in enumerate(FAULTS):
            self.shop.cloud.control("POST", "/faults", {**fault, "rate": 1, "times": 1})
            self.shop.cloud.control("POST", "/faults", {**fault, "seed": self.seed + number})
        for condition in CONDITIONS:
            self.shop.cloud.control("POST", "/faults", condition)

    def end_faults(self) -> None:
        faults = self.shop.cloud.control("GET", "/faults")
        self.shop.cloud.control("DELETE", "/faults")
        for fault in faults:
            self.struck[fault["fault"]] += fault["struck"]

    def drop_all(self) -> list[Dropped]:
        """Drops the versions. Waits while many are not received, because only the newest of them would be deployed.

        The first drop of each target is sound. The last drop cannot run, and no newer drop supersedes it.
        """
        chance = random.Random(self.seed)  # noqa: S311 - chance, not a secret
        dropped: list[Dropped] = []
        for number in range(self.drops):
            is_first, is_last = number < len(self.targets), number == self.drops - 1
            target = self.targets[number] if is_first else self.targets[0] if is_last else chance.choice(self.targets)
            text = f"{target} {number}"
            is_bad = is_last or (chance.random() < BAD_SHARE and not is_first)
            body = archive({"WEB-INF/web.xml": "<web-app/>", "text": text}) if is_bad else sound_war(text)
            dropped.append(self.shop.drop(f"{target}/{target.partition('/')[0]}-{number + 1}.war", body))
            self.eventually(lambda: self._unreceived(dropped[-MOST_UNRECEIVED - 1 :]) < MOST_UNRECEIVED)
        return dropped

    def _unreceived(self, dropped: list[Dropped]) -> int:
        return sum(self.shop.ledger.receipts.find(each.id) is None for each in dropped)

    def eventually(self, is_true: Callable[[], object]) -> None:
        """Waits until the condition is true. Fails with a report of everything that is still active."""

        def is_true_after_repairs() -> object:
            self._repair()
            return is_true()

        try:
            self.shop.cloud.eventually(is_true_after_repairs, PATIENCE_SECONDS)
        except TimeoutError as error:
            raise AssertionError(
                f"with seed {self.seed}, something stays active: {error}\n{report(self.shop)}"
            ) from error

    def _repair(self) -> None:
        """Acts as the alerts advise: replaces an instance whose commands hang, and then resumes the deployments."""
        for name in self.environments:
            hold = self.shop.ledger.environments.read(name).standing.hold
            if hold is None:
                continue
            if (name, hold) not in self.repaired:
                self.repaired.add((name, hold))
                self.shop.fault("instance-terminated", environment=name)
            elif self.shop.environment(name)["Status"] == "Ready":
                ask(self.shop, command="resume", environment=name)


@contextmanager
def chaos(seed: int, applications: list[Application], drops: int) -> Iterator[Chaos]:
    """A stand-in with these applications, whose environments are Ready. A killed function's message returns soon."""
    with Cloud(speed=SPEED) as cloud:
        shop = Shop(cloud)
        for application in applications:
            create(shop, application)
        for queue in QUEUES:
            url = cloud.resources[queue]["ref"]
            shop.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": RETRY_SECONDS})
        shop.await_ready()
        yield Chaos(shop, seed, applications, drops)


def run(chaos: Chaos) -> set[State]:
    """Drops all versions under the faults, and checks the result. Returns the final states of the deployments."""
    shop = chaos.shop
    chaos.break_things()
    dropped = chaos.drop_all()
    chaos.eventually(lambda: all(shop.ledger.receipts.find(each.id) for each in dropped))
    chaos.eventually(lambda: not shop.ledger.environments.active().deploying)
    chaos.end_faults()
    assert [fault["fault"] for fault in FAULTS if not chaos.struck[fault["fault"]]] == []
    chaos.eventually(lambda: not any(map(shop.message_count, QUEUES)))
    # A tick is not repeated if its function is killed, because the next tick follows.
    assert shop.dead_letters().keys() <= {"TicksDead"}
    assert shop.forbidden_calls() == []
    ended = {name: shop.ledger.environments.history(name, 1000) for name in chaos.environments}
    finished = [deployment for past in ended.values() for deployment in past]
    check_that_each_drop_ended_once(shop, dropped, finished)
    for name, past in ended.items():
        if past:  # Possibly no version was good, so that none was promoted.
            check_that_the_newest_runs(chaos, name, max(past, key=lambda deployment: deployment.arrival))
    return {deployment.state for deployment in finished}


def check_that_each_drop_ended_once(shop: Shop, dropped: list[Dropped], past: list[Deployment]) -> None:
    count = Counter(deployment.id for deployment in past)
    for drop in dropped:
        receipt = shop.receipt(drop)
        assert receipt.status == "accepted", receipt.reason
        assert receipt.deployments
        assert [count[deployment_id] for deployment_id in receipt.deployments] == [1] * len(receipt.deployments)
    assert not [deployment for deployment in past if deployment.is_active]
    assert {deployment.drop for deployment in past} == {drop.id for drop in dropped}


def check_that_the_newest_runs(chaos: Chaos, name: str, newest: Deployment) -> None:
    shop = chaos.shop
    description = f"{name}: {newest.label} is {newest.state}: {newest.reason}"
    standing = shop.ledger.environments.read(name).standing
    if newest.state is State.ROLLBACK_FAILED:
        # The instance that failed the version may fail the rollback, too. Then the environment is held until a
        # person resumes it, which may have happened already.
        assert "; the rollback to " in newest.reason, description
        assert standing.hold is not None or name in {held for held, _ in chaos.repaired}, description
        return
    assert newest.state in (State.SUCCEEDED, State.ROLLED_BACK, State.FAILED), description
    if newest.state is State.FAILED:
        is_held = newest.rules.on_failure is OnFailure.HOLD
        assert is_held or "no good version" in newest.reason, description
        return
    good = newest.label if newest.state is State.SUCCEEDED else standing.good[0].label
    assert shop.environment(name)["VersionLabel"] == good, description
    if name != "docs-basic":
        assert set(shop.instances(name)) == {good}, description
