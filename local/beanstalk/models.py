"""The state of one region, and the operations that change it; `given` is a request, checked."""

from __future__ import annotations

import secrets

from moto.core.base_backend import BaseBackend
from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from . import bundles, options
from .deployments import deploy
from .environments import Environment
from .events import Event, EventLog
from .exceptions import (
    BeanstalkError,
    ConfigurationValidationException,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingRequiredParameter,
)
from .options import Given
from .service import Beanstalk
from .updates import Update, configure, create
from .versions import Application, ApplicationVersion

QUOTAS = {
    "ApplicationQuota": 75,
    "ApplicationVersionQuota": 1000,
    "EnvironmentQuota": 200,
    "ConfigurationTemplateQuota": 2000,
    "CustomPlatformQuota": 50,
}
"""Of an account in a region (AWS General Reference, "Elastic Beanstalk"); the last two are unverified."""

PROCESSING_SECONDS = 10
WEB_SERVER = {"Name": "WebServer", "Type": "Standard", "Version": "1.0"}


class ElasticBeanstalkBackend(BaseBackend):  # type: ignore[misc]
    service: Beanstalk

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.applications: dict[str, Application] = {}
        self.environments: dict[str, Environment] = {}
        self.quotas = dict(QUOTAS)
        self.events = EventLog(lambda event: self.service.publish(event, account_id, region_name))
        # Not under the service's lock: moto holds one of its own here, which requests take the other way round.
        self.service.backends[account_id, region_name] = self

    def arn(self, kind: str, *path: str) -> str:
        return f"arn:aws:elasticbeanstalk:{self.region_name}:{self.account_id}:{kind}/{'/'.join(path)}"

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
            if (
                name in (None, found.name)
                and its_id in (None, found.id)
                and application in (None, found.application_name)
            ):
                return found
        wanted = f"EnvironmentName = '{name}'" if name is not None else f"EnvironmentId = '{its_id}'"
        raise InvalidParameterValue(f"No Environment found for {wanted}.")

    def enhanced_environment(self, given: Given, action: str) -> Environment:
        environment = self.environment(given)
        if not environment.enhanced:
            raise BeanstalkError("InvalidRequestException", f"{action} is not supported.")
        return environment

    def create_application(self, given: Given) -> Application:
        name, now = given["ApplicationName"], self.service.now()
        if name in self.applications:
            raise InvalidParameterValue(f"Application {name} already exists.")
        arn = self.arn("application", name)
        self.applications[name] = Application(arn, name, given.get("Description"), now, now)
        return self.applications[name]

    def create_application_version(self, given: Given, request_id: str) -> ApplicationVersion:
        name, label, source = given["ApplicationName"], given["VersionLabel"], given.get("SourceBundle")
        if given.get("AutoCreateApplication") and name not in self.applications:
            self.create_application({"ApplicationName": name})
        if label in self.application(name).labelled:
            raise InvalidParameterValue(f"Application Version {label} already exists.")
        if "SourceBuildInformation" in given:
            raise InvalidParameterCombination("SourceBuildInformation is not there in this stand-in.")
        if source is not None:
            self._must_be_readable(source)
        quota = self.quotas["ApplicationVersionQuota"]
        if len(self.versions()) >= quota:  # the wording is unverified
            text = f"You cannot have more than {quota} Application Versions. Either remove some of them"
            raise BeanstalkError("TooManyApplicationVersionsException", f"{text} or request a limit increase.")
        version = self.add_version(given)
        self._say_of(version, "createApplicationVersion is starting.", request_id)
        self._say_of(version, f"Created new Application Version: {label}", request_id)
        self._say_of(version, "createApplicationVersion completed successfully.", request_id)
        if given.get("Process"):
            version.status = "PROCESSING"
            self.service.run(self.service.later(PROCESSING_SECONDS, lambda: self._process(version, request_id)))
        return version

    def _must_be_readable(self, source: Given) -> None:
        if "S3Bucket" not in source or "S3Key" not in source:
            raise MissingRequiredParameter("SourceBundle needs S3Bucket and S3Key.")
        bucket, key = source["S3Bucket"], source["S3Key"]
        reason = bundles.unreadable(self.account_id, self.region_name, bucket, key)
        if reason is not None:
            where = f"S3 location (Bucket: {bucket}  Key: {key})"
            raise InvalidParameterCombination(f"Unable to download from {where}. Reason: {reason}")

    def add_version(self, given: Given) -> ApplicationVersion:
        """A version that nothing tells of."""
        name, label, now = given["ApplicationName"], given["VersionLabel"], self.service.now()
        version = ApplicationVersion(
            account=self.account_id,
            arn=self.arn("applicationversion", name, label),
            application_name=name,
            version_label=label,
            description=given.get("Description"),
            source_bundle=given.get("SourceBundle"),
            status="UNPROCESSED",
            date_created=now,
            date_updated=now,
        )
        self.applications[name].labelled[label] = version
        return version

    def _process(self, version: ApplicationVersion, request_id: str) -> None:
        version.status, version.date_updated = "PROCESSED", self.service.now()
        text = f"Finished processing application version {version.version_label}. Status: PROCESSED."
        self._say_of(version, text, request_id)

    def _say_of(self, version: ApplicationVersion, message: str, request_id: str) -> None:
        label = version.version_label
        about = Event(self.service.now(), message, "INFO", version.application_name, label, request_id=request_id)
        self.events.add(about)

    def delete_application_version(self, given: Given) -> None:
        """Also one that an environment runs: the API reference denies it, the service does it."""
        version = self.version(given["ApplicationName"], given["VersionLabel"])
        del self.applications[version.application_name].labelled[version.version_label]
        if given.get("DeleteSourceBundle") and version.source_bundle:
            bucket, key = version.source_bundle["S3Bucket"], version.source_bundle["S3Key"]
            if bundles.find(self.account_id, bucket, key) is None:  # the wording is unverified
                text = f"Unable to delete the source bundle (Bucket: {bucket}  Key: {key})."
                raise BeanstalkError("SourceBundleDeletionFailure", text)
            bundles.storage(self.account_id).delete_object(bucket, key)

    def create_environment(self, given: Given, request_id: str) -> Environment:
        application, label = self.application(given["ApplicationName"]), given.get("VersionLabel")
        version = self.version(application.name, label) if label is not None else None
        environment = self.add_environment(given)
        update = Update(environment, "creation", request_id, self.service.now())
        environment.start(update, create(update, version), "Launching")
        return environment.requested(label)

    def add_environment(self, given: Given) -> Environment:
        """An environment that nothing was done with yet."""
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
            tier=given.get("Tier", WEB_SERVER),
            settings=defaults | options.validated(given.get("OptionSettings", ()), defaults),
            date_created=now,
            date_updated=now,
        )
        return self.environments[name]

    def solution_stack(self, given: Given, current: str | None = None) -> str:
        """The platform that a request names by its stack or its ARN."""
        if "TemplateName" in given:
            raise InvalidParameterValue(f"No Configuration Template named '{given['TemplateName']}' found.")
        wanted = given.get("SolutionStackName", given.get("PlatformArn", current))
        if wanted is None:
            raise MissingRequiredParameter("SolutionStackName or PlatformArn is required.")
        for stack in (details["SolutionStackName"] for details in SOLUTION_STACK_DETAILS):
            system, _, software = stack.partition(" running ")
            if wanted == stack or wanted.endswith(f"/{software} running on {system.replace(' v', '/')}"):
                return str(stack)
        raise InvalidParameterValue(f"No Solution Stack named '{wanted}' found.")

    def update_environment(self, given: Given, request_id: str) -> Environment:
        environment, label = self.environment(given), given.get("VersionLabel")
        version = self.version(environment.application_name, label) if label is not None else None
        stack = self.solution_stack(given, environment.solution_stack_name)
        self._must_be(environment.status == "Ready", environment, "Ready")
        if given.get("Tier", environment.tier).get("Name") != environment.tier["Name"]:
            raise InvalidParameterValue("The tier of an environment cannot be changed.")  # the wording is unknown
        changes = options.changes(given, environment.settings)
        balancer = (options.ENVIRONMENT, "LoadBalancerType")
        if changes.get(balancer, environment.settings[balancer]) != environment.settings[balancer]:
            raise ConfigurationValidationException("LoadBalancer type option cannot be changed.")
        environment.description = given.get("Description", environment.description)
        update = Update(environment, "deployment" if version else "configuration", request_id, self.service.now())
        steps = deploy(update, version, changes) if version else configure(update, changes, stack)
        environment.start(update, steps, "Updating")
        environment.draft = changes or None
        return environment.requested(label or environment.version_label)

    def abort_environment_update(self, given: Given) -> None:
        environment = self.environment(given)
        self._must_be(environment.abortable_operation_in_progress, environment, "pending deployment")
        environment.status = "Aborting"
        if environment.update is not None:
            environment.update.aborting = True
            self.service.wake(environment.update)

    @staticmethod
    def _must_be(state: bool, environment: Environment, needed: str) -> None:
        if not state:
            text = f"Environment named {environment.name} is in an invalid state for this operation."
            raise InvalidParameterValue(f"{text} Must be {needed}.")

    def create_storage_location(self) -> str:
        bucket = f"elasticbeanstalk-{self.region_name}-{self.account_id}"
        if bucket not in bundles.storage(self.account_id).buckets:
            bundles.storage(self.account_id).create_bucket(bucket, self.region_name)
        return bucket


def backend_of(service: Beanstalk) -> type[ElasticBeanstalkBackend]:
    """The class that moto makes backends from; it has to live in this module, for `urls` to be found."""
    return type("InstalledBackend", (ElasticBeanstalkBackend,), {"service": service, "__module__": __name__})
