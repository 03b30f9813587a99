"""The state of one region. The fields of what is in it have the names that AWS's answers give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from moto.core.base_backend import BaseBackend
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from . import bundles
from .environments import Environment, platform
from .events import Event
from .exceptions import BeanstalkError, InvalidParameterValue, MissingRequiredParameter
from .options import Given
from .tables import table

if TYPE_CHECKING:
    from . import Beanstalk

T = TypeVar("T")
_member = XFormedAttributePicker()
"""Finds a member of AWS's in an object of ours, as answers do."""


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

    def is_sound(self) -> bool:
        """What processing looks at: the syntax of configuration files and of env.yaml, not the application."""
        bundle = bundles.find(self.account, self.source_bundle) if self.source_bundle else None
        return bundle is None or bundles.configuration_is_sound(bundle.value)

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
    resource_lifecycle_config: Any = field(default_factory=lambda: table("defaults")["lifecycle"])

    @property
    def versions(self) -> list[str]:
        return list(reversed(self.labelled))


def matching(things: Iterable[T], given: Given) -> list[T]:
    """Those that all of a request's filters let through: names, ids, labels and ARNs, one or several of each."""
    found = list(things)
    for parameter, value in given.items():
        if filtered := re.fullmatch(r"(\w+(?:Name|Id|Label|Arn))s?", parameter):
            allowed = value if isinstance(value, list) else [value]
            found = [each for each in found if _member(AttributePickerContext(each, filtered[1], None)) in allowed]
    return found


class ElasticBeanstalkBackend(BaseBackend):  # type: ignore[misc]
    """What is there, and how it is found and added; nothing here tells of it by an event."""

    service: Beanstalk

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.applications: dict[str, Application] = {}
        self.environments: dict[str, Environment] = {}
        self.terminated: list[Environment] = []
        self.tags: dict[str, dict[str, str]] = {}
        """By the resource's ARN."""

        self.events: list[Event] = []
        self.quotas = dict(table("defaults")["quotas"])
        # Not under the service's lock: moto holds one of its own here, which requests take the other way round.
        self.service.backends[account_id, region_name] = self
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
        names = ("EnvironmentName", "EnvironmentId", "ApplicationName")
        wanted = {name: given[name] for name in names if name in given}
        if wanted.keys() <= {"ApplicationName"}:
            raise MissingRequiredParameter("EnvironmentName or EnvironmentId is required.")
        for found in matching(self.environments.values(), wanted):
            return found
        name, value = next(iter(wanted.items()))
        raise InvalidParameterValue(f"No Environment found for {name} = '{value}'.")

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

    def bury(self, environment: Environment) -> None:
        """Its name is free again; for an hour it can still be seen."""
        del self.environments[environment.name]
        self.terminated.append(environment)

    def resource(self, arn: str) -> Any:
        """An application, version or environment."""
        known: list[Any] = [*self.applications.values(), *self.versions(), *self.environments.values()]
        for found in known:
            if found.arn == arn:
                return found
        raise BeanstalkError("ResourceNotFoundException", f"Resource not found for arn '{arn}'.")

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
        name = given.get("EnvironmentName")
        if name is None:
            raise MissingRequiredParameter("EnvironmentName is required.")
        if name in self.environments:
            raise InvalidParameterValue(f"Environment {name} already exists.")
        environment = Environment(self, given, self.solution_stack(given))
        if any(found.cname == environment.cname for found in self.environments.values()):
            raise InvalidParameterValue(f"DNS name ({environment.cname}) is not available.")
        self.environments[name] = environment
        return self.environments[name]
