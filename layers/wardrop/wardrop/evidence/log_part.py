"""The name of a deployment log, and a part of the log that was read from S3."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

GROWS_FOR = timedelta(seconds=15)
"""Beanstalk uploads a log repeatedly. After this time without an upload, the log counts as complete."""


class LogName(NamedTuple):
    environment_id: str
    request_id: str
    """The RequestId of the call that started the update."""

    started_at: datetime | None = None
    """Instances that were launched since then have logs of their own. None: these logs are not read."""


@dataclass(frozen=True)
class LogPart:
    content: bytes
    is_whole: bool
    etag: str
    modified_at: datetime

    def is_growing(self, now: datetime) -> bool:
        return now - self.modified_at < GROWS_FOR
