"""Everything goes wrong that may go wrong, and all of it comes to its end."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from tests.integration.shop import COMMAND, QUEUES, Dropped, Shop, archive
from wardrop.configuration.rules import OnFailure
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

SPEED, SEED = 120, 20261125
DROPS, BAD, UNRECEIVED = 60, 0.2, 5
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
class Place:
    """An environment to create."""

    application: str
    name: str
    instances: int
    options: dict[tuple[str, str], str] = field(default_factory=dict)
    tier: dict[str, str] | None = None


PLACES = [
    Place("mall", "mall-web", 2, ROLLING),
    Place("mall", "mall-worker", 1, SINGLE, WORKER),
    Place("mall", "mall-prod", 3, ROLLING),
    Place("cafe", "cafe-one", 2),  # AllAtOnce: Wardrop prepares it
    Place("cafe", "cafe-two", 2, policy("Immutable")),
    Place("docs", "docs-added", 2, ROLLING | policy("RollingWithAdditionalBatch")),
    Place("docs", "docs-basic", 2, ROLLING | {(HEALTH, "SystemType"): "basic"}),
    Place("docs", "docs-alone", 1, SINGLE),
    Place("jobs", "jobs-held", 2, ROLLING),
    Place("jobs", "jobs-other", 1, ROLLING),
]
QUICK = "bake: 1s, bad_for: 1s, approval: none"
CONFIGURED = {
    "shop": [f"{{name: shop-staging, {QUICK}}}", f"{{name: shop-prod, {QUICK}}}"],
    "mall": [f"[{{name: mall-web, {QUICK}}}, {{name: mall-worker, {QUICK}}}]", f"{{name: mall-prod, {QUICK}}}"],
    "cafe": [f"{{name: cafe-one, {QUICK}}}", f"{{name: cafe-two, {QUICK}}}"],
    "docs": [f"{{name: {name}, {QUICK}}}" for name in ("docs-added", "docs-basic", "docs-alone")],
    "jobs": [f"{{name: jobs-held, on_failure: hold, {QUICK}}}", f"{{name: jobs-other, {QUICK}}}"],
}
TARGETS = [
    *("shop", "mall"),  # these are promoted
    *("cafe/cafe-one", "cafe/cafe-two", "docs/docs-added", "docs/docs-basic", "docs/docs-alone"),
    *("jobs/jobs-held", "jobs/jobs-other"),
]
FAULTS: list[dict[str, Any]] = [
    {"fault": "events-lost", "rate": 0.3},
    {"fault": "events-doubled", "rate": 0.1},
    {"fault": "throttle", "rate": 0.1},
    {"fault": "fails-after-effect", "action": "UpdateEnvironment", "rate": 0.1},
    *({"fault": "kill-function", "function": name, "rate": 0.05} for name in ("ReceiveDrop", "AdvanceDeployment")),
    {"fault": "kill-function", "function": "WatchEnvironments", "rate": 0.05},
]


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Five applications, twelve environments, all Ready; a killed function's message comes back soon."""
    with Cloud(speed=SPEED) as cloud:
        shop = Shop(cloud)
        stack = shop.environment("shop-staging")["SolutionStackName"]
        for application in sorted({place.application for place in PLACES}):
            shop.beanstalk.create_application(ApplicationName=application)
            key = f"theirs/{application}-0.war"
            shop.s3.put_object(Bucket=shop.releases, Key=key, Body=sound_war(application))
            shop.beanstalk.create_application_version(
                ApplicationName=application,
                VersionLabel=f"{application}-0",
                SourceBundle={"S3Bucket": shop.releases, "S3Key": key},
            )
        for place in PLACES:
            size = {(ASG, name): str(place.instances) for name in ("MinSize", "MaxSize")}
            shop.beanstalk.create_environment(
                ApplicationName=place.application,
                EnvironmentName=place.name,
                SolutionStackName=stack,
                VersionLabel=f"{place.application}-0",
                OptionSettings=[
                    {"Namespace": namespace, "OptionName": name, "Value": value}
                    for (namespace, name), value in (size | place.options).items()
                ],
                **({"Tier": place.tier} if place.tier else {}),
            )
        for application, entries in CONFIGURED.items():
            shop.configure(application, "environments:\n" + "\n".join(f"  - {entry}" for entry in entries))
        for queue in QUEUES:
            url = cloud.resources[queue]["ref"]
            shop.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": RETRY_SECONDS})
        shop.await_ready()
        yield shop


def test_whatever_goes_wrong_each_drop_comes_to_its_end_and_the_newest_runs(shop: Shop) -> None:
    dice = random.Random(SEED)  # noqa: S311 - chance, not a secret
    for number, fault in enumerate(FAULTS):
        shop.cloud.door("POST", "/faults", fault | {"seed": SEED + number})
    dropped = drop_all(shop, dice)
    shop.cloud.eventually(lambda: all(shop.ledger.receipt(one.id) for one in dropped), PATIENCE_SECONDS)
    shop.cloud.eventually(lambda: not shop.ledger.active(), PATIENCE_SECONDS)
    struck = Counter[str]()
    for fault in shop.cloud.door("GET", "/faults"):
        struck[fault["fault"]] += fault["struck"]
    shop.cloud.door("DELETE", "/faults")
    assert all(struck[fault["fault"]] for fault in FAULTS), struck
    shop.cloud.eventually(lambda: not any(map(shop.queued, QUEUES)), PATIENCE_SECONDS)
    # A tick whose function was killed is told, and the next one comes.
    assert shop.dead().keys() <= {"TicksDead"}
    assert shop.forbidden() == []
    names = ["shop-staging", "shop-prod", *(place.name for place in PLACES)]
    ended = {name: shop.ledger.history(name, 1000) for name in names}
    over = [one for past in ended.values() for one in past]
    assert {State.SUCCEEDED, State.ROLLED_BACK, State.SUPERSEDED} <= {one.state for one in over}
    each_in_exactly_one_terminal_state(shop, dropped, over)
    for name, past in ended.items():
        if past:  # nothing may have been good enough to be promoted
            the_newest_runs(shop, name, max(past, key=lambda one: one.arrival))


def drop_all(shop: Shop, dice: random.Random) -> list[Dropped]:
    """Some at once, but not all: what waits would only supersede what waits."""
    dropped: list[Dropped] = []
    for number in range(DROPS):
        target = TARGETS[number] if number < len(TARGETS) else dice.choice(TARGETS)
        text = f"{target} {number}"
        bad = archive({"WEB-INF/web.xml": "<web-app/>", "text": text})
        body = bad if dice.random() < BAD else sound_war(text)
        dropped.append(shop.drop(f"{target}/{target.partition('/')[0]}-{number + 1}.war", body))

        def received() -> bool:
            return sum(shop.ledger.receipt(one.id) is None for one in dropped[-UNRECEIVED - 1 :]) < UNRECEIVED

        shop.cloud.eventually(received, PATIENCE_SECONDS)
    return dropped


def each_in_exactly_one_terminal_state(shop: Shop, dropped: list[Dropped], past: list[Deployment]) -> None:
    count = Counter(one.id for one in past)
    for one in dropped:
        receipt = shop.receipt(one)
        assert receipt.status == "accepted", receipt.reason
        assert receipt.deployments
        assert [count[its_id] for its_id in receipt.deployments] == [1] * len(receipt.deployments)
    assert not [one for one in past if one.is_active]
    assert {one.drop for one in past} == {one.id for one in dropped}


def the_newest_runs(shop: Shop, name: str, newest: Deployment) -> None:
    told = f"{name}: {newest.label} is {newest.state}: {newest.reason}"
    standing = shop.ledger.now(name).standing
    assert newest.state in (State.SUCCEEDED, State.ROLLED_BACK, State.FAILED), told
    if newest.state is State.FAILED:
        held = newest.rules.on_failure is OnFailure.HOLD
        assert held or "no version has been good here" in newest.reason, told
        return
    good = newest.label if newest.state is State.SUCCEEDED else standing.good[0].label
    assert shop.environment(name)["VersionLabel"] == good, told
    if name != "docs-basic":
        assert set(shop.instances(name)) == {good}, told
