"""The name of a deployment log, and a part of the log that was read from S3."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

FOLDER = "resources/environments/logs/deployments"

GROWS_FOR = timedelta(seconds=15)
"""Beanstalk uploads a log repeatedly. After this time without an upload, the log counts as complete."""


class LogName(NamedTuple):
    environment_id: str
    request_id: str
    """The RequestId of the call that started the update."""

    started_at: datetime | None = None
    """The start of the update. Each instance that was launched after this time has its own log.

    None: the logs of launched instances are not read.
    """

    @property
    def key(self) -> str:
        """The key in Beanstalk's bucket (AWS Elastic Beanstalk developer guide, "Deployment logs")."""
        return f"{FOLDER}/{self.environment_id}/eb-deployment-{self.request_id}.log"


@dataclass(frozen=True)
class LogPart:
    content: bytes
    is_whole: bool
    etag: str
    modified_at: datetime

    def is_growing(self, now: datetime) -> bool:
        return now - self.modified_at < GROWS_FOR
