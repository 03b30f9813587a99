"""The history of a deployment, with an entry for each change of its state or its reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest

import msgspec

from wardrop.deployments.state import UPDATING, State
from wardrop.foreign_text import clean

MOST_MOMENTS = 200
MOST_HISTORY_BYTES = 150_000
"""The limits of a history.

These limits and the limits of all other fields keep the deployment's item below 300 KB. DynamoDB allows 400 KB for an
item.
"""

CLOCK_SKEW = timedelta(seconds=30)
"""The tolerance for late evaluations, and for the difference between Beanstalk's clock and Lambda's clock.

Example: according to Lambda's clock, the update begins at 12:00:00 and the bake time at 12:05:00. A health event with
Beanstalk's time 11:59:40 or 12:05:20 belongs to the update. An event with the time 12:05:40 does not.
"""


class Moment(msgspec.Struct, frozen=True):
    at: datetime
    state: State
    reason: str

    def __post_init__(self) -> None:
        clean(self, "reason")

    @property
    def size(self) -> int:
        """The approximate size in the ledger, in bytes."""
        return len(self.reason.encode()) + 100


def was_updating_at(history: Sequence[Moment], at: datetime) -> bool:
    """Whether an update of the deployment was in progress at `at`, a time from Beanstalk's clock."""
    ends = [moment.at for moment in history[1:]]
    return any(
        moment.state in UPDATING and moment.at - CLOCK_SKEW <= at and (end is None or at <= end + CLOCK_SKEW)
        for moment, end in zip_longest(history, ends)
    )


def newest(history: list[Moment]) -> list[Moment]:
    """Returns as many of the newest entries as the limits of a history allow."""
    first, size = max(0, len(history) - MOST_MOMENTS), 0
    for number in range(len(history) - 1, first - 1, -1):
        size += history[number].size
        if size > MOST_HISTORY_BYTES:
            return history[number + 1 :]
    return history[first:]
