"""Faults between the parts of a stack: of deliveries, calls and invocations."""

import asyncio
import contextlib
import random
import uuid
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws.functions import Account
from local.aws.invocations import Asynchronous
from local.aws.processes import THROTTLED, Outcome
from local.aws.schedules import run
from local.aws.streams import _reordered
from local.clock import Clock
from local.faults import Faults
from local.settings import REGION

from .conftest import SmallStack
from .test_events import beanstalk_event


@pytest.fixture(autouse=True)
def no_faults_afterwards(small_stack: SmallStack) -> Any:
    yield
    small_stack.cloud.control("DELETE", "/faults")


def post_event(small_stack: SmallStack, environment: str = "shop-prod") -> str:
    event_id: str = small_stack.cloud.control("POST", "/events", beanstalk_event(environment))["id"]
    return event_id


def event_ids(small_stack: SmallStack) -> list[str]:
    return [event["id"] for event in small_stack.cloud.control("GET", "/events")]


def test_an_event_may_be_late(small_stack: SmallStack) -> None:
    small_stack.cloud.control("POST", "/faults", {"fault": "events-late", "environment": "shop-prod", "seconds": 300})
    late, prompt = post_event(small_stack), post_event(small_stack, "shop-staging")
    small_stack.cloud.eventually(lambda: prompt in event_ids(small_stack))
    assert late not in event_ids(small_stack)
    small_stack.cloud.eventually(lambda: late in event_ids(small_stack))


def test_events_may_arrive_in_another_order_and_none_is_lost(small_stack: SmallStack) -> None:
    small_stack.cloud.control("POST", "/faults", {"fault": "events-reordered", "seconds": 300, "seed": 3})
    sent = [post_event(small_stack) for _ in range(10)]
    small_stack.cloud.eventually(lambda: set(sent) <= set(event_ids(small_stack)))
    arrived = [event_id for event_id in event_ids(small_stack) if event_id in sent]
    assert sorted(arrived) == sorted(sent)
    assert arrived != sent


def test_a_call_may_fail_after_it_took_effect(small_stack: SmallStack) -> None:
    small_stack.cloud.control("POST", "/faults", {"fault": "fails-after-effect", "action": "PutParameter", "times": 1})
    ssm = boto3.client(
        "ssm",
        endpoint_url=small_stack.cloud.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    name = f"/{uuid.uuid4().hex}"
    with pytest.raises(ClientError) as caught:
        ssm.put_parameter(Name=name, Value="v", Type="String")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "v"


def test_a_function_may_be_killed_and_its_message_is_received_again(small_stack: SmallStack) -> None:
    small_stack.cloud.control("POST", "/faults", {"fault": "kill-function", "function": "Worker", "seed": 1})
    tag = small_stack.send("Jobs", do="sleep", seconds=1)
    dead = small_stack.await_message("Dead", tag)  # after two receives, the queue's maximum
    assert dead["Attributes"]["ApproximateReceiveCount"] >= "2"
    [fault] = small_stack.cloud.control("GET", "/faults")
    assert fault["struck"] >= 2


def account_with_limit(limit: int) -> Account:
    faults = Faults()
    faults.add({"fault": "concurrency", "limit": limit})
    return Account(faults)


def test_the_limit_of_the_account_is_the_number_of_simultaneous_executions() -> None:
    account = account_with_limit(1)
    with account.execution() as first, account.execution() as second:
        assert (first, second) == (True, False)
    with account.execution() as third:
        assert third


def test_a_throttled_asynchronous_invocation_is_sent_again_although_retries_are_0() -> None:
    outcomes = [
        Outcome.failure(THROTTLED, "Rate Exceeded."),
        Outcome.failure(THROTTLED, "Rate Exceeded."),
        Outcome(b""),
    ]
    failed: list[str] = []

    class Throttled:
        async def invoke(self, _: bytes) -> Outcome:
            return outcomes.pop(0)

    asyncio.run(Asynchronous(Throttled(), Clock(600), failed.append, retries=0).invoke(b"{}"))
    assert (outcomes, failed) == ([], [])


def test_lambda_refuses_synchronous_invocations_and_a_poll_that_it_throttles_counts_as_a_receive(
    small_stack: SmallStack,
) -> None:
    small_stack.await_invocations(
        small_stack.send("Patient", do="sleep", seconds=2)
    )  # uses up the limit of the account
    small_stack.cloud.control("POST", "/faults", {"fault": "concurrency", "limit": 1})
    throttled = small_stack.send("Jobs")
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        boto3.client(
            "lambda",
            endpoint_url=small_stack.cloud.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        ).invoke(FunctionName=small_stack.ref("Worker"), Payload=b"{}")
    jobs = {"QueueUrl": small_stack.ref("Jobs"), "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"]}
    sqs = small_stack.cloud.client("sqs")
    small_stack.cloud.eventually(lambda: any(map(int, sqs.get_queue_attributes(**jobs)["Attributes"].values())))
    # The next receive is the last one before the dead-letter queue, so it must not be throttled.
    small_stack.cloud.control("DELETE", "/faults")
    small_stack.await_invocations(throttled)
    assert small_stack.receive_counts(throttled) == ["2"]


def test_a_stream_may_reorder_records_of_different_items_but_not_of_one_item() -> None:
    records = [{"dynamodb": {"Keys": {"pk": {"S": item}}, "SequenceNumber": str(n)}} for n, item in enumerate("aabbab")]
    shuffled = _reordered(records, random.Random(3))  # noqa: S311 - chance, not a secret
    assert shuffled != records
    for item in "ab":
        of_item = [record["dynamodb"]["SequenceNumber"] for record in shuffled if f"'{item}'" in str(record)]
        assert of_item == sorted(of_item)
        assert len(of_item) == 3


def test_ticks_may_overlap() -> None:
    async def fired(may_overlap: bool) -> int:
        schedule = SimpleNamespace(
            schedule_expression="rate(1 minute)", state="ENABLED", target={}, arn="arn:aws:scheduler:::tick"
        )
        running = [0]

        async def work() -> None:
            await asyncio.sleep(60)

        def fire(_: str) -> asyncio.Task[None]:
            running[0] += 1
            return asyncio.create_task(work())

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(run(schedule, Clock(600), fire, lambda: may_overlap), 1.3)
        return running[0]

    assert asyncio.run(fired(may_overlap=False)) == 1
    assert asyncio.run(fired(may_overlap=True)) == 2
