"""The account and the region of a run, the clients of its services, and its clock."""

import os
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PATIENT = Config(retries={"mode": "adaptive", "max_attempts": 10}, connect_timeout=10, read_timeout=60)
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60)
"""Without retries, for calls that AWS would refuse the second time, because the first attempt has had its effect."""


class CannotStart(Exception):
    """The run makes nothing. The message states the reason in one line."""


class Interrupted(Exception):
    """A person ends the run."""


@dataclass
class Clock:
    """Durations are AWS's seconds. On the stand-in, `speed` divides them."""

    speed: float = 1.0
    stopped: threading.Event = field(default_factory=threading.Event)

    def pause(self, seconds: float) -> None:
        """Raises Interrupted at once if the run is ended."""
        if self.stopped.wait(seconds / self.speed):
            raise Interrupted

    def limit(self, seconds: float) -> float:
        """The moment after these seconds, or after a real minute, because a machine may be slower than its stand-in."""
        return self.seconds() + max(seconds, 60 * self.speed)

    def seconds(self) -> float:
        """AWS's seconds since an arbitrary moment."""
        return time.monotonic() * self.speed


class Account:
    """The account of the credentials that boto3 finds."""

    def __init__(self, speed: float) -> None:
        """`speed` is that of the stand-in. It has no effect on AWS."""
        self._lock, self._clients = threading.Lock(), dict[tuple[str, Config], Any]()
        self._session: Any = boto3.session.Session(region_name=os.environ.get("AWS_REGION"))  # boto3 ignores it
        self.endpoint = os.environ.get("AWS_ENDPOINT_URL")
        self.clock = Clock(speed if self.is_stand_in else 1.0)

    @property
    def is_stand_in(self) -> bool:
        return self.endpoint is not None and urlsplit(self.endpoint).hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def source(self) -> str:
        """The mark of recordings."""
        return "stand-in" if self.is_stand_in else "AWS"

    @property
    def region(self) -> str:
        """Raises CannotStart if no region is configured."""
        if not (region := self._session.region_name):
            raise CannotStart("no region is configured: set AWS_REGION")
        return str(region)

    @cached_property
    def identity(self) -> tuple[str, str]:
        """The account id and the ARN of the caller. Raises CannotStart."""
        try:
            answer = self.client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise CannotStart(f"the account cannot be read: {error}") from error
        return str(answer["Account"]), str(answer["Arn"])

    def about(self) -> dict[str, Any]:
        return {"account": self.identity[0], "region": self.region, "endpoint": self.endpoint}

    def client(self, service: str, *, config: Config = PATIENT) -> Any:
        """Clients are shared by threads, but the session may not create two at the same time (boto3, "Session")."""
        with self._lock:
            if (service, config) not in self._clients:
                self._clients[service, config] = self._session.client(service, region_name=self.region, config=config)
            return self._clients[service, config]
