"""Creates the application `shop` and its two environments when the stand-in starts."""

import io
import zipfile
from collections.abc import Mapping

from moto.elasticbeanstalk.models import eb_backends

from . import bundles, options
from .instances import Health
from .models import ElasticBeanstalkBackend

PLATFORM = "64bit Amazon Linux 2023 v5.7.0 running Tomcat 11 Corretto 21"
ROLLING_BY_ONE = {"DeploymentPolicy": "Rolling", "BatchSizeType": "Fixed", "BatchSize": "1"}


SIZES = {"shop-staging": 2, "shop-prod": 4}
TOMCATS = {"shop-staging": 1, "shop-prod": 3}
"""The number of instances in each environment if the instances are real Tomcats.

These numbers are lower than those in SIZES, because each Tomcat needs memory.
"""


def seed_shop(*, account: str = "123456789012", region: str = "us-east-1", sizes: Mapping[str, int] = SIZES) -> None:
    """Creates environments with these numbers of instances.

    The environments run `shop-0`, and their deployment policy is Rolling with a batch size of 1. Creating them adds no
    events.
    """
    backend: ElasticBeanstalkBackend = eb_backends[account][region]
    with backend.service.lock:
        source = {"S3Bucket": backend.create_bucket(), "S3Key": "shop/shop-0.war"}
        bundles.storage(account).put_object(source["S3Bucket"], source["S3Key"], sound_war("shop-0"))
        backend.add_application({"ApplicationName": "shop"})
        backend.add_version({"ApplicationName": "shop", "VersionLabel": "shop-0", "SourceBundle": source})
        for name, instances in sizes.items():
            _ready(backend, name, instances)


def sound_war(text: str) -> bytes:
    """Makes a WAR that answers requests for `/`. The same text always results in the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.html"), f"<h1>{text}</h1>\n")
        web = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"/>\n'
        archive.writestr(zipfile.ZipInfo("WEB-INF/web.xml"), web)
    return written.getvalue()


def _ready(backend: ElasticBeanstalkBackend, name: str, instances: int) -> None:
    asked = {"ApplicationName": "shop", "EnvironmentName": name, "CNAMEPrefix": name, "SolutionStackName": PLATFORM}
    explicit = {(options.COMMAND, option): value for option, value in ROLLING_BY_ONE.items()}
    explicit |= {(options.ASG, "MinSize"): str(instances), options.BALANCER_TYPE: "application"}
    environment = backend.add_environment(asked)
    environment.configuration = options.Configuration(explicit)
    environment.status, environment.reported, environment.announced = "Ready", Health("Ok"), Health("Ok")
    environment.deployed(backend.version("shop", "shop-0"))
    environment.instances = environment.launched(instances)
    for instance in environment.instances:
        instance.deployment, instance.in_service = environment.expected, True
    environment.fleet.launch(environment, environment.instances)
    environment.run(environment.instances)
