"""Functions that the API or a schedule invokes."""

import asyncio
import json
import uuid
from types import SimpleNamespace
from typing import Any

from local.aws import schedules
from local.clock import Clock

from .conftest import SmallStack


def test_a_long_answer_is_returned_whole(small_stack: SmallStack) -> None:
    """Without the stand-in's correction, the emulator would answer in chunks from 2,000 bytes on."""
    event = {"tag": uuid.uuid4().hex, "text": "é" * 5000}
    answer = small_stack.cloud.client("lambda").invoke(
        FunctionName=small_stack.ref("Worker"), Payload=json.dumps(event)
    )
    assert "FunctionError" not in answer
    assert json.loads(answer["Payload"].read()) == event


def test_a_slow_start_does_not_count_towards_the_timeout_of_a_function(small_stack: SmallStack) -> None:
    def invoked(event: dict[str, Any]) -> Any:
        client = small_stack.cloud.client("lambda")
        return client.invoke(FunctionName=small_stack.ref("Slow"), Payload=json.dumps(event))

    in_time = invoked({})
    assert "FunctionError" not in in_time
    assert 0 < int(in_time["Payload"].read()) <= 1000
    late = invoked({"seconds": 5})
    assert late["FunctionError"]
    text = "Task timed out after 1.00 seconds"
    assert text in late["Payload"].read().decode()
    group = f"/aws/lambda/{small_stack.ref('Slow')}"
    logs = small_stack.cloud.client("logs")
    small_stack.cloud.eventually(
        lambda: text in "".join(event["message"] for event in logs.filter_log_events(logGroupName=group)["events"])
    )


def schedule(state: str = "ENABLED") -> Any:
    return SimpleNamespace(schedule_expression="rate(1 minute)", arn="arn", target={}, state=state)


def test_a_schedule_does_not_invoke_before_its_last_invocation_has_ended() -> None:
    fired, running, most = 0, 0, 0

    async def invocation() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1

    def fire(_: str) -> asyncio.Task[None]:
        nonlocal fired
        fired += 1
        return asyncio.get_running_loop().create_task(invocation())

    async def run() -> None:
        ticking = asyncio.create_task(schedules.run(schedule(), Clock(6000.0), fire))
        while fired < 4:
            await asyncio.sleep(0.01)
        ticking.cancel()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert most == 1


def test_a_schedule_that_is_disabled_does_not_invoke_until_it_is_enabled_again() -> None:
    fired: list[str] = []
    disabled = schedule("DISABLED")

    async def run() -> None:
        ticking = asyncio.create_task(schedules.run(disabled, Clock(6000.0), fired.append))
        await asyncio.sleep(0.1)
        assert fired == []
        disabled.state = "ENABLED"
        while not fired:
            await asyncio.sleep(0.01)
        ticking.cancel()

    asyncio.run(asyncio.wait_for(run(), 10))
