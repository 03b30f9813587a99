"""What the stand-in starts with: application `shop` and its two environments, running and well."""

import io
import zipfile

from moto.elasticbeanstalk.models import eb_backends

from . import bundles
from .environments import Environment
from .fleet import Deployment
from .health import Health
from .models import ElasticBeanstalkBackend
from .options import ASG, COMMAND

ACCOUNT = "123456789012"
REGION = "us-east-1"
PLATFORM = "64bit Amazon Linux 2023 v5.7.0 running Tomcat 11 Corretto 21"


def seed_shop(*, account: str = ACCOUNT, region: str = REGION) -> None:
    """`shop-staging` with two instances and `shop-prod` with four, load-balanced, Rolling by one, running `shop-0`.

    Nothing of this leaves an event.
    """
    backend: ElasticBeanstalkBackend = eb_backends[account][region]
    with backend.service.lock:
        bucket, key = backend.create_storage_location(), "shop/shop-0.war"
        bundles.storage(account).put_object(bucket, key, sound_war("shop-0"))
        backend.create_application("shop")
        source = {"S3Bucket": bucket, "S3Key": key}
        backend.create_application_version("shop", "shop-0", "seed", source=source)
        for name, instances in (("shop-staging", 2), ("shop-prod", 4)):
            _ready(backend, name, instances)


def sound_war(text: str) -> bytes:
    """A WAR that answers at `/`."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("index.html", f"<h1>{text}</h1>\n")
        archive.writestr(
            "WEB-INF/web.xml", '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"/>\n'
        )
    return written.getvalue()


def _ready(backend: ElasticBeanstalkBackend, name: str, instances: int) -> Environment:
    settings = (
        (ASG, "MinSize", str(instances)),
        (COMMAND, "DeploymentPolicy", "Rolling"),
        (COMMAND, "BatchSizeType", "Fixed"),
        (COMMAND, "BatchSize", "1"),
    )
    environment = backend.add_environment(
        "shop",
        name,
        platform=PLATFORM,
        cname_prefix=name,
        settings=[{"Namespace": n, "OptionName": o, "Value": v} for n, o, v in settings],
    )
    environment.status, environment.health = "Ready", Health("Ok")
    environment.deployed(backend.version("shop", "shop-0"), 1)
    environment.resize()
    return environment
