"""The clock and the random generator of the simulation."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


class Clock:
    """Beanstalk's time is `now`. A function's own clock, `ours`, may differ by `skew`."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.skew = timedelta()

    @property
    def ours(self) -> datetime:
        return self.now + self.skew

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Chance:
    """Makes every random choice of a history from one seed. `trouble` is the probability of faults."""

    dice: random.Random
    trouble: float

    def strikes(self, share: float = 1.0) -> bool:
        return self.dice.random() < self.trouble * share
