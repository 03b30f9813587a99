"""Measures deployments while DynamoDB refuses calls, and in an account with a quota of ten concurrent executions."""

import time
from collections.abc import Iterator

from bench.calls import war
from bench.figure import Figure
from bench.scale import create
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table

SPEED = 60
REFUSED, FEW, MANY = 0.05, 5, 20
FAULTS = ("cancelled", "table-refuses")
DEAD_LETTERS = ("DropsDead", "BeanstalkEventsDead", "MailboxDead", "TicksDead", "AlertsDead", "SlackPostsDead")
LONGEST_SECONDS = 240
RULES = "bake: 1s, bad_for: 1s, approval: none"


def figures() -> Iterator[Figure]:
    usual, _ = _live(FEW, [])
    refused, _ = _live(FEW, [{"fault": fault, "rate": REFUSED, "seed": n} for n, fault in enumerate(FAULTS)])
    yield Figure(f"{FEW} drops to {FEW} environments are live", usual, 60, "s")
    yield Figure(f"  while DynamoDB refuses {REFUSED:.0%} of all calls and of all transactions", refused, 60, "s")
    seconds, dead = _live(MANY, [{"fault": "concurrency", "limit": 10}, {"fault": "ticks-overlap"}])
    yield Figure(f"{MANY} drops to {MANY} environments are live, 10 concurrent executions", seconds, 120, "s")
    yield Figure("  messages in dead-letter queues", dead, 0, "")


def _live(environments: int, faults: list[dict[str, object]]) -> tuple[float, int]:
    """Returns the seconds until each environment runs its drop, and the number of messages in dead-letter queues."""
    names = [f"scale-{number:03}" for number in range(environments)]
    with Cloud(speed=SPEED) as cloud:
        stages = ", ".join(f"{{name: {name}, {RULES}}}" for name in names)
        document = f"environments: [{stages}]"
        cloud.client("ssm").put_parameter(Name="/wardrop/applications/shop", Value=document, Type="String")
        create(cloud.client("elasticbeanstalk"), names)
        for fault in faults:
            cloud.control("POST", "/faults", fault)
        started = time.monotonic()
        for number, name in enumerate(names):
            key = f"shop/{name}/shop-{number + 1}.war"
            cloud.client("s3").put_object(Bucket=cloud.outputs["DropBucket"], Key=key, Body=war(number + 1))
        ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
        cloud.eventually(
            lambda: all(past and past[0].state == "succeeded" for past in map(ledger.environments.history, names)),
            LONGEST_SECONDS,
        )
        seconds = time.monotonic() - started
        struck = [fault for fault in cloud.control("GET", "/faults") if fault["struck"] or "overlap" in fault["fault"]]
        assert len(struck) == len(faults), struck
        return seconds, sum(_messages(cloud, queue) for queue in DEAD_LETTERS)


def _messages(cloud: Cloud, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = cloud.client("sqs").get_queue_attributes(QueueUrl=cloud.resources[queue]["ref"], AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)
