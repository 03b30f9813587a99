"""The state of one region. The fields of what is in it have the names that AWS's answers give them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from . import bundles, options
from .environments import Environment, platform
from .events import Event
from .exceptions import InvalidParameterValue, MissingRequiredParameter
from .options import Given
from .service import Beanstalk
from .tables import table


@dataclass
class ApplicationVersion:
    """A label for a bundle: bucket and key are remembered, the bytes are not."""

    account: str
    arn: str
    application_name: str
    version_label: str
    description: str | None
    source_bundle: dict[str, str] | None
    date_created: datetime
    date_updated: datetime
    status: str = "UNPROCESSED"

    def answers(self) -> bool | None:
        """Whether what now lies under the key can answer at `/`; None when it cannot be read.

        A version made without a source bundle is AWS's sample application.
        """
        if self.source_bundle is None:
            return True
        bundle = bundles.find(self.account, self.source_bundle)
        return None if bundle is None else bundles.answers(bundle.value)


@dataclass
class Application:
    arn: str
    name: str
    description: str | None
    date_created: datetime
    date_updated: datetime
    labelled: dict[str, ApplicationVersion] = field(default_factory=dict)

    @property
    def versions(self) -> list[str]:
        return list(reversed(self.labelled))

    @property
    def resource_lifecycle_config(self) -> Any:
        return table("defaults")["lifecycle"]


class ElasticBeanstalkBackend(BaseBackend):  # type: ignore[misc]
    """What is there, and how it is found and added; nothing here tells of it by an event."""

    service: Beanstalk

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.applications: dict[str, Application] = {}
        self.environments: dict[str, Environment] = {}
        self.events: list[Event] = []
        self.quotas = dict(table("defaults")["quotas"])
        self.bucket = f"elasticbeanstalk-{region_name}-{account_id}"

    def create_bucket(self) -> str:
        s3 = bundles.storage(self.account_id)
        if self.bucket not in s3.buckets:
            s3.create_bucket(self.bucket, self.region_name)
        return self.bucket

    def arn(self, kind: str, *path: str) -> str:
        return f"arn:aws:elasticbeanstalk:{self.region_name}:{self.account_id}:{kind}/{'/'.join(path)}"

    def tell(self, event: str, values: Mapping[str, object], **about: Any) -> None:
        told, service = table("events")[event], self.service
        message, severity = told["message"].format(**values), told.get("severity", "INFO")
        self.events.append(Event(service.now(), message, severity, **about))
        if "status" in told and (service.failed_deployment_event or "optional" not in told):
            envelope = self.events[-1].envelope(told, self.account_id, self.region_name)
            service.loop.call_soon_threadsafe(service.emit, envelope)

    def application(self, name: str) -> Application:
        if name not in self.applications:
            raise InvalidParameterValue(f"No Application named '{name}' found.")
        return self.applications[name]

    def version(self, application: str, label: str) -> ApplicationVersion:
        if label not in self.application(application).labelled:
            raise InvalidParameterValue(f"No Application Version named '{label}' found.")
        return self.applications[application].labelled[label]

    def versions(self) -> list[ApplicationVersion]:
        """All of the region, newest first. AWS's own order is not dependable."""
        every = [version for application in self.applications.values() for version in application.labelled.values()]
        return sorted(every, key=lambda version: version.date_created, reverse=True)

    def environment(self, given: Given) -> Environment:
        """The one that a request names, by name or by id."""
        name, its_id, application = map(given.get, ("EnvironmentName", "EnvironmentId", "ApplicationName"))
        if name is None and its_id is None:
            raise MissingRequiredParameter("EnvironmentName or EnvironmentId is required.")
        for found in self.environments.values():
            named = name in (None, found.name) and its_id in (None, found.id)
            if named and application in (None, found.application_name):
                return found
        wanted = f"EnvironmentName = '{name}'" if name is not None else f"EnvironmentId = '{its_id}'"
        raise InvalidParameterValue(f"No Environment found for {wanted}.")

    def solution_stack(self, given: Given, current: str | None = None) -> str:
        """The platform that a request names by its stack or its ARN."""
        if "TemplateName" in given:
            raise InvalidParameterValue(f"No Configuration Template named '{given['TemplateName']}' found.")
        wanted = given.get("SolutionStackName", given.get("PlatformArn", current))
        if wanted is None:
            raise MissingRequiredParameter("SolutionStackName or PlatformArn is required.")
        for details in SOLUTION_STACK_DETAILS:
            stack: str = details["SolutionStackName"]
            if wanted == stack or wanted.endswith(f"/{platform(stack)}"):
                return stack
        raise InvalidParameterValue(f"No Solution Stack named '{wanted}' found.")

    def add_application(self, given: Given) -> Application:
        name, now = given["ApplicationName"], self.service.now()
        if name in self.applications:
            raise InvalidParameterValue(f"Application {name} already exists.")
        self.applications[name] = Application(self.arn("application", name), name, given.get("Description"), now, now)
        return self.applications[name]

    def add_version(self, given: Given) -> ApplicationVersion:
        name, label, now = given["ApplicationName"], given["VersionLabel"], self.service.now()
        arn, source = self.arn("applicationversion", name, label), given.get("SourceBundle")
        version = ApplicationVersion(self.account_id, arn, name, label, given.get("Description"), source, now, now)
        self.applications[name].labelled[label] = version
        return version

    def add_environment(self, given: Given) -> Environment:
        name, application, now = given.get("EnvironmentName"), given["ApplicationName"], self.service.now()
        if name is None:
            raise MissingRequiredParameter("EnvironmentName is required.")
        if name in self.environments:
            raise InvalidParameterValue(f"Environment {name} already exists.")
        prefix = given.get("CNAMEPrefix") or f"{name}.{secrets.token_hex(4)}"
        cname = f"{prefix}.{self.region_name}.elasticbeanstalk.com"
        if any(found.cname == cname for found in self.environments.values()):
            raise InvalidParameterValue(f"DNS name ({cname}) is not available.")
        defaults = options.defaults()
        self.environments[name] = Environment(
            backend=self,
            id="e-" + "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(10)),
            name=name,
            application_name=application,
            arn=self.arn("environment", application, name),
            description=given.get("Description"),
            cname=cname,
            solution_stack_name=self.solution_stack(given),
            tier=given.get("Tier", table("defaults")["tier"]),
            settings=defaults | options.validated(given.get("OptionSettings", ()), defaults),
            date_created=now,
            date_updated=now,
        )
        return self.environments[name]
