"""The stand-in's clock. Beanstalk and schedules run SPEED times faster than in AWS, but timestamps are real."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """All durations are in simulated seconds. At a speed of 60, one real second has 60 simulated seconds."""

    speed: float = 60.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)

    def seconds_since(self, moment: datetime) -> float:
        """Returns the simulated seconds since the real time `moment`.

        Beanstalk's messages contain such durations ("running for 31 seconds").
        """
        return (self.now() - moment).total_seconds() * self.speed


def timestamp(moment: datetime) -> str:
    """Formats the time in ISO 8601 with milliseconds, such as `2026-01-02T03:04:05.678Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
