"""A delivery of a drop's event. SQS repeats the delivery while the drop waits, and after an error."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.drops.drop import Drop


@dataclass(frozen=True)
class Delivery:
    drop: Drop
    now: datetime
    first_at: datetime
    """The time of the first delivery. It may be much later than the upload, if S3 sent the event late or a sweep found
    the file.
    """

    is_first: bool

    @property
    def waited(self) -> timedelta:
        """The time for which Wardrop has tried to process the drop."""
        return self.now - self.first_at
