"""The name of a deployment log, and a part of the log as it was read from S3."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

GROWS_FOR = timedelta(seconds=15)
"""Beanstalk uploads the log again and again while the deployment writes it.

Last written at 12:00:00: at 12:00:14 the log may still grow. At 12:00:15 it does not.
"""


class LogName(NamedTuple):
    environment_id: str
    request_id: str
    """Of the call that started the update."""


@dataclass(frozen=True)
class LogPart:
    content: bytes
    is_whole: bool
    etag: str
    modified_at: datetime

    def is_growing(self, now: datetime) -> bool:
        return now - self.modified_at < GROWS_FOR
