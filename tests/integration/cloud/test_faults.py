"""Faults of what lies between the parts: deliveries, calls, functions."""

import uuid
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.settings import REGION

from .conftest import Mechanics
from .test_events import beanstalk_event


@pytest.fixture(autouse=True)
def afterwards(mechanics: Mechanics) -> Any:
    yield
    mechanics.cloud.control("DELETE", "/faults")


def post(mechanics: Mechanics, environment: str = "shop-prod") -> str:
    its_id: str = mechanics.cloud.control("POST", "/events", beanstalk_event(environment))["id"]
    return its_id


def seen(mechanics: Mechanics) -> list[str]:
    return [event["id"] for event in mechanics.cloud.control("GET", "/events")]


def test_an_event_may_be_late(mechanics: Mechanics) -> None:
    mechanics.cloud.control("POST", "/faults", {"fault": "events-late", "environment": "shop-prod", "seconds": 300})
    late, prompt = post(mechanics), post(mechanics, "shop-staging")
    mechanics.cloud.eventually(lambda: prompt in seen(mechanics))
    assert late not in seen(mechanics)
    mechanics.cloud.eventually(lambda: late in seen(mechanics))


def test_events_may_arrive_in_another_order_and_none_is_lost(mechanics: Mechanics) -> None:
    mechanics.cloud.control("POST", "/faults", {"fault": "events-reordered", "seconds": 300, "seed": 3})
    sent = [post(mechanics) for _ in range(10)]
    mechanics.cloud.eventually(lambda: set(sent) <= set(seen(mechanics)))
    came = [each for each in seen(mechanics) if each in sent]
    assert sorted(came) == sorted(sent)
    assert came != sent


def test_a_call_may_fail_after_it_took_effect(mechanics: Mechanics) -> None:
    mechanics.cloud.control("POST", "/faults", {"fault": "fails-after-effect", "action": "PutParameter", "times": 1})
    ssm = boto3.client(
        "ssm",
        endpoint_url=mechanics.cloud.endpoint,
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


def test_a_function_may_be_killed_and_its_message_is_received_again(mechanics: Mechanics) -> None:
    mechanics.cloud.control("POST", "/faults", {"fault": "kill-function", "function": "Worker", "seed": 1})
    tag = mechanics.send("Jobs", do="sleep", seconds=1)
    dead = mechanics.await_message("Dead", tag)  # after two receptions, as the queue says
    assert dead["Attributes"]["ApproximateReceiveCount"] >= "2"
    [fault] = mechanics.cloud.control("GET", "/faults")
    assert fault["struck"] >= 2
