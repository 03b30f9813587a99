"""Fixtures for tests of the stand-in's Beanstalk. Each test has its own Beanstalk, and uses it through boto3."""

import asyncio
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.elasticbeanstalk.models import eb_backends
from moto.server import ThreadedMotoServer

from local.aws.patches import speed
from local.beanstalk import Beanstalk, install
from local.beanstalk.seed import seed_shop, sound_war
from local.clock import Clock
from local.faults import Faults

SPEED = 3000.0
DEADLINE = 10.0


@cache
def client(endpoint: str, service: str, region: str) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


@dataclass
class Cloud:
    endpoint: str
    beanstalk: Beanstalk
    faults: Faults
    emitted: list[dict[str, Any]]
    eb: Any = field(init=False)
    s3: Any = field(init=False)
    bucket: str = field(default_factory=lambda: f"releases-{uuid.uuid4()}")

    def __post_init__(self) -> None:
        self.eb, self.s3 = self.client("elasticbeanstalk"), self.client("s3")
        self.s3.create_bucket(Bucket=self.bucket)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        return client(self.endpoint, service, region)

    def version(self, label: str, war: bytes | None = None, **more: Any) -> dict[str, Any]:
        self.s3.put_object(Bucket=self.bucket, Key=f"{label}.war", Body=sound_war(label) if war is None else war)
        source = {"S3Bucket": self.bucket, "S3Key": f"{label}.war"}
        made = self.eb.create_application_version(
            ApplicationName="shop", VersionLabel=label, SourceBundle=source, **more
        )
        return dict(made["ApplicationVersion"])

    def environment(self, name: str = "shop-staging") -> dict[str, Any]:
        return dict(self.eb.describe_environments(EnvironmentNames=[name])["Environments"][0])

    def update(self, name: str = "shop-staging", **wanted: Any) -> str:
        """Starts an update. Returns its RequestId."""
        return str(self.eb.update_environment(EnvironmentName=name, **wanted)["ResponseMetadata"]["RequestId"])

    def settle(self, name: str = "shop-staging") -> dict[str, Any]:
        """Waits until the environment is Ready, and returns its description."""
        wait_until(lambda: self.environment(name)["Status"] == "Ready", f"{name} is Ready")
        return self.environment(name)

    def deploy(self, label: str, name: str = "shop-staging") -> str:
        request_id = self.update(name, VersionLabel=label)
        self.settle(name)
        return request_id

    def configure(self, name: str = "shop-staging", **options: str) -> None:
        """Sets options of `aws:elasticbeanstalk:command`."""
        command = "aws:elasticbeanstalk:command"
        self.update(
            name,
            OptionSettings=[{"Namespace": command, "OptionName": o, "Value": options[o]} for o in options],
        )
        self.settle(name)

    def messages(self, request_id: str | None = None, **wanted: Any) -> list[tuple[str, str]]:
        """The severity and the text of each event, oldest first."""
        if request_id is not None:
            wanted["RequestId"] = request_id
        return [(e["Severity"], e["Message"]) for e in reversed(self.eb.describe_events(**wanted)["Events"])]

    def instances(self, name: str = "shop-staging") -> list[dict[str, Any]]:
        return list(
            self.eb.describe_instances_health(EnvironmentName=name, AttributeNames=["All"])["InstanceHealthList"]
        )

    def health(self, name: str = "shop-staging") -> dict[str, Any]:
        return dict(self.eb.describe_environment_health(EnvironmentName=name, AttributeNames=["All"]))


def wait_until(is_true: Callable[[], object], condition: str) -> None:
    end = time.monotonic() + DEADLINE
    while not is_true():
        assert time.monotonic() < end, f"not within {DEADLINE} seconds: {condition}"
        time.sleep(0.01)


def refused(call: Callable[..., Any], **given: Any) -> tuple[str, str, int]:
    """The code, the text and the HTTP status of the error of a call."""
    with pytest.raises(ClientError) as caught:
        call(**given)
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return error["Code"], error["Message"], metadata["HTTPStatusCode"]


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    speed.cache_lookups()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield f"http://localhost:{server.get_host_and_port()[1]}"
    server.stop()


@pytest.fixture
def make_cloud(loop: asyncio.AbstractEventLoop, endpoint: str) -> Iterator[Callable[..., Cloud]]:
    before = eb_backends.backend, dict(eb_backends)
    installed: list[Beanstalk] = []

    def make(speed: float = SPEED, **options: Any) -> Cloud:
        faults, emitted = Faults(), list[dict[str, Any]]()
        beanstalk = install(clock=Clock(speed), faults=faults, emit=emitted.append, loop=loop, **options)
        installed.append(beanstalk)
        seed_shop()
        return Cloud(endpoint, beanstalk, faults, emitted)

    yield make
    for beanstalk in installed:
        asyncio.run_coroutine_threadsafe(beanstalk.close(), loop).result(DEADLINE)
    eb_backends.backend = before[0]
    eb_backends.clear()
    eb_backends.update(before[1])


@pytest.fixture
def cloud(make_cloud: Callable[..., Cloud]) -> Cloud:
    return make_cloud()
