"""Functions die, calls are throttled, answers and events are lost: every deployment still comes to its end."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from tests.integration.activity import report
from tests.integration.shop import COMMAND, QUEUES, Dropped, Shop, archive
from wardrop.configuration.rules import OnFailure
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

SPEED = 120
BAD_SHARE, MOST_UNRECEIVED = 0.2, 5
PATIENCE_SECONDS = 300.0
RETRY_SECONDS = "12"
"""How long a message of a killed function stays hidden; in the template it is minutes."""

ASG, ENVIRONMENT, HEALTH = (
    "aws:autoscaling:asg",
    "aws:elasticbeanstalk:environment",
    "aws:elasticbeanstalk:healthreporting:system",
)
ROLLING = {(COMMAND, "DeploymentPolicy"): "Rolling", (COMMAND, "BatchSizeType"): "Fixed", (COMMAND, "BatchSize"): "1"}
SINGLE = {(ENVIRONMENT, "EnvironmentType"): "SingleInstance"}
WORKER = {"Name": "Worker", "Type": "SQS/HTTP"}


def policy(name: str) -> dict[tuple[str, str], str]:
    return {(COMMAND, "DeploymentPolicy"): name}


@dataclass(frozen=True)
class Environment:
    """An environment to create."""

    name: str
    instances: int
    options: dict[tuple[str, str], str] = field(default_factory=dict)
    tier: dict[str, str] | None = None


@dataclass(frozen=True)
class Application:
    name: str
    environments: list[Environment]
    stages: list[str]
    """The entries of its configuration."""

    targets: list[str]
    """The folders of the drop bucket that versions are dropped into."""


RULES = "bake: 1s, bad_for: 1s, approval: none"
SHOP = Application("shop", [], [f"{{name: shop-staging, {RULES}}}", f"{{name: shop-prod, {RULES}}}"], ["shop"])
MALL = Application(
    "mall",
    [
        Environment("mall-web", 2, ROLLING),
        Environment("mall-worker", 1, SINGLE, WORKER),
        Environment("mall-prod", 3, ROLLING),
    ],
    [f"[{{name: mall-web, {RULES}}}, {{name: mall-worker, {RULES}}}]", f"{{name: mall-prod, {RULES}}}"],
    ["mall"],
)
CAFE = Application(
    "cafe",
    [Environment("cafe-one", 2), Environment("cafe-two", 2, policy("Immutable"))],  # the first is AllAtOnce
    [f"{{name: cafe-one, {RULES}}}", f"{{name: cafe-two, {RULES}}}"],
    ["cafe/cafe-one", "cafe/cafe-two"],
)
DOCS = Application(
    "docs",
    [
        Environment("docs-added", 2, ROLLING | policy("RollingWithAdditionalBatch")),
        Environment("docs-basic", 2, ROLLING | {(HEALTH, "SystemType"): "basic"}),
        Environment("docs-alone", 1, SINGLE),
    ],
    [f"{{name: {name}, {RULES}}}" for name in ("docs-added", "docs-basic", "docs-alone")],
    ["docs/docs-added", "docs/docs-basic", "docs/docs-alone"],
)
JOBS = Application(
    "jobs",
    [Environment("jobs-held", 2, ROLLING), Environment("jobs-other", 1, ROLLING)],
    [f"{{name: jobs-held, on_failure: hold, {RULES}}}", f"{{name: jobs-other, {RULES}}}"],
    ["jobs/jobs-held", "jobs/jobs-other"],
)
FAULTS: list[dict[str, Any]] = [
    {"fault": "events-lost", "rate": 0.3},
    {"fault": "events-doubled", "rate": 0.1},
    {"fault": "throttle", "rate": 0.1},
    {"fault": "fails-after-effect", "action": "UpdateEnvironment", "rate": 0.1},
    {"fault": "kill-function", "function": "ReceiveDrop", "rate": 0.05},
    {"fault": "kill-function", "function": "AdvanceDeployment", "rate": 0.05},
    {"fault": "kill-function", "function": "WatchEnvironments", "rate": 0.05},
]


@dataclass(frozen=True)
class Chaos:
    """A shop under faults; all chance comes out of the seed, except for what the machine's own speed decides."""

    shop: Shop
    seed: int
    applications: list[Application]
    drops: int

    @property
    def environments(self) -> list[str]:
        return ["shop-staging", "shop-prod", *(each.name for app in self.applications for each in app.environments)]

    @property
    def targets(self) -> list[str]:
        return [target for application in self.applications for target in application.targets]

    def break_things(self) -> None:
        """Each fault strikes its first occasion, and then by chance."""
        for number, fault in enumerate(FAULTS):
            self.shop.cloud.control("POST", "/faults", {**fault, "rate": 1, "times": 1})
            self.shop.cloud.control("POST", "/faults", {**fault, "seed": self.seed + number})

    def drop_all(self) -> list[Dropped]:
        """A few at a time: of drops that wait for the same environment only the newest would be deployed.

        The first drop of each target is sound. The last drop cannot run, and nothing newer supersedes it.
        """
        dice = random.Random(self.seed)  # noqa: S311 - chance, not a secret
        dropped: list[Dropped] = []
        for number in range(self.drops):
            is_first, is_last = number < len(self.targets), number == self.drops - 1
            target = self.targets[number] if is_first else self.targets[0] if is_last else dice.choice(self.targets)
            text = f"{target} {number}"
            is_bad = is_last or (dice.random() < BAD_SHARE and not is_first)
            body = archive({"WEB-INF/web.xml": "<web-app/>", "text": text}) if is_bad else sound_war(text)
            dropped.append(self.shop.drop(f"{target}/{target.partition('/')[0]}-{number + 1}.war", body))
            self.eventually(lambda: self._unreceived(dropped[-MOST_UNRECEIVED - 1 :]) < MOST_UNRECEIVED)
        return dropped

    def _unreceived(self, dropped: list[Dropped]) -> int:
        return sum(self.shop.ledger.receipts.find(each.id) is None for each in dropped)

    def eventually(self, is_so: Callable[[], object]) -> None:
        """Fails with a report of everything that is still active."""
        try:
            self.shop.cloud.eventually(is_so, PATIENCE_SECONDS)
        except TimeoutError as error:
            raise AssertionError(f"no rest with seed {self.seed}: {error}\n{report(self.shop)}") from error


@contextmanager
def chaos(seed: int, applications: list[Application], drops: int) -> Iterator[Chaos]:
    """The applications' environments, all Ready; a killed function's message comes back soon."""
    with Cloud(speed=SPEED) as cloud:
        shop = Shop(cloud)
        for application in applications:
            create(shop, application)
        for queue in QUEUES:
            url = cloud.resources[queue]["ref"]
            shop.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": RETRY_SECONDS})
        shop.await_ready()
        yield Chaos(shop, seed, applications, drops)


def create(shop: Shop, application: Application) -> None:
    shop.configure(application.name, "environments:\n" + "\n".join(f"  - {stage}" for stage in application.stages))
    if not application.environments:
        return
    first = f"{application.name}-0"
    shop.beanstalk.create_application(ApplicationName=application.name)
    bundle = {"Bucket": shop.releases, "Key": f"theirs/{first}.war", "Body": sound_war(application.name)}
    shop.s3.put_object(**bundle, IfNoneMatch="*")
    shop.beanstalk.create_application_version(
        ApplicationName=application.name,
        VersionLabel=first,
        SourceBundle={"S3Bucket": shop.releases, "S3Key": f"theirs/{first}.war"},
    )
    for environment in application.environments:
        size = {(ASG, name): str(environment.instances) for name in ("MinSize", "MaxSize")}
        shop.beanstalk.create_environment(
            ApplicationName=application.name,
            EnvironmentName=environment.name,
            SolutionStackName=shop.environment("shop-staging")["SolutionStackName"],
            VersionLabel=first,
            OptionSettings=[
                {"Namespace": namespace, "OptionName": name, "Value": value}
                for (namespace, name), value in (size | environment.options).items()
            ],
            **({"Tier": environment.tier} if environment.tier else {}),
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Two seeds that stay, and one that is new each day; or the one of the command line."""
    if "seed" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--seed")
        metafunc.parametrize("seed", [7, 26, int(f"{datetime.now(UTC):%Y%m%d}")] if chosen is None else [chosen])


@pytest.mark.real
def test_whatever_goes_wrong_each_drop_comes_to_its_end_and_the_newest_runs(seed: int) -> None:
    with chaos(seed, [SHOP, MALL, CAFE, DOCS, JOBS], drops=60) as everything:
        run(everything)


def test_a_few_environments_come_to_rest_whatever_goes_wrong() -> None:
    with chaos(20261125, [SHOP, CAFE], drops=16) as little:
        run(little)


def run(chaos: Chaos) -> None:
    shop = chaos.shop
    chaos.break_things()
    dropped = chaos.drop_all()
    chaos.eventually(lambda: all(shop.ledger.receipts.find(each.id) for each in dropped))
    chaos.eventually(lambda: not shop.ledger.environments.active().deploying)
    faults = shop.cloud.control("GET", "/faults")
    shop.cloud.control("DELETE", "/faults")
    assert [fault for fault in faults if "times" in fault and not fault["struck"]] == []
    chaos.eventually(lambda: not any(map(shop.message_count, QUEUES)))
    # A tick whose function was killed is reported, and the next tick comes.
    assert shop.dead_letters().keys() <= {"TicksDead"}
    assert shop.forbidden_calls() == []
    ended = {name: shop.ledger.environments.history(name, 1000) for name in chaos.environments}
    over = [deployment for past in ended.values() for deployment in past]
    assert {State.SUCCEEDED, State.ROLLED_BACK} <= {deployment.state for deployment in over}
    each_drop_has_ended_once(shop, dropped, over)
    for name, past in ended.items():
        if past:  # nothing may have been good enough to be promoted
            the_newest_runs(shop, name, max(past, key=lambda deployment: deployment.arrival))


def each_drop_has_ended_once(shop: Shop, dropped: list[Dropped], past: list[Deployment]) -> None:
    count = Counter(deployment.id for deployment in past)
    for drop in dropped:
        receipt = shop.receipt(drop)
        assert receipt.status == "accepted", receipt.reason
        assert receipt.deployments
        assert [count[its_id] for its_id in receipt.deployments] == [1] * len(receipt.deployments)
    assert not [deployment for deployment in past if deployment.is_active]
    assert {deployment.drop for deployment in past} == {drop.id for drop in dropped}


def the_newest_runs(shop: Shop, name: str, newest: Deployment) -> None:
    said = f"{name}: {newest.label} is {newest.state}: {newest.reason}"
    standing = shop.ledger.environments.read(name).standing
    assert newest.state in (State.SUCCEEDED, State.ROLLED_BACK, State.FAILED), said
    if newest.state is State.FAILED:
        is_held = newest.rules.on_failure is OnFailure.HOLD
        assert is_held or "no good version" in newest.reason, said
        return
    good = newest.label if newest.state is State.SUCCEEDED else standing.good[0].label
    assert shop.environment(name)["VersionLabel"] == good, said
    if name != "docs-basic":
        assert set(shop.instances(name)) == {good}, said
