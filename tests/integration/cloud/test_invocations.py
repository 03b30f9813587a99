"""Functions invoked by API, and by schedules."""

import asyncio
import json
import uuid

from local.aws.schedules import schedule
from local.clock import Clock

from .conftest import Mechanics


def test_a_long_answer_comes_back_whole(mechanics: Mechanics) -> None:
    """From two thousand bytes on the emulator would answer in chunks."""
    told = {"tag": uuid.uuid4().hex, "text": "é" * 5000}
    answer = mechanics.cloud.client("lambda").invoke(FunctionName=mechanics.ref("Worker"), Payload=json.dumps(told))
    assert "FunctionError" not in answer
    assert json.loads(answer["Payload"].read()) == told


def test_a_schedule_does_not_meet_itself() -> None:
    """However fast the clock is, a tick ends before the next one begins."""
    fired, most = 0, 0

    async def tick() -> None:
        nonlocal most
        going.append(1)
        most = max(most, len(going))
        await asyncio.sleep(0.05)
        going.pop()

    going: list[int] = []

    def fire(_: str) -> asyncio.Task[None]:
        nonlocal fired
        fired += 1
        return asyncio.get_running_loop().create_task(tick())

    async def run() -> None:
        ticking = asyncio.create_task(schedule("rate(1 minute)", Clock(6000.0), "arn", "{}", fire))
        while fired < 4:
            await asyncio.sleep(0.01)
        ticking.cancel()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert most == 1
