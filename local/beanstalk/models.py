"""The state of one region, and the operations on it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS
from moto.s3.exceptions import BucketAlreadyExists

from . import bundles, options
from .deployments import deploy
from .environments import Environment
from .events import Event, EventLog
from .exceptions import (
    ConfigurationValidationException,
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidRequestException,
    MissingRequiredParameter,
    SourceBundleDeletionFailure,
    TooManyApplicationVersionsException,
    invalid_state,
    no_environment,
)
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
"""Of each account and region (AWS General Reference, "Elastic Beanstalk quotas"; the last two are unverified)."""

WEB_SERVER = {"Name": "WebServer", "Type": "Standard", "Version": "1.0"}

PROCESSING_SECONDS = 10


class ElasticBeanstalkBackend(BaseBackend):  # type: ignore[misc]
    """One account's Elastic Beanstalk in one region."""

    service: Beanstalk

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.applications: dict[str, Application] = {}
        self.environments: dict[str, Environment] = {}
        self.quotas = dict(QUOTAS)
        self.events = EventLog(lambda event: self.service.publish(event, account_id, region_name))
        with self.service.lock:
            self.service.backends[account_id, region_name] = self

    # Applications and versions

    def create_application(self, name: str, description: str | None = None) -> Application:
        if name in self.applications:
            raise InvalidParameterValue(f"Application {name} already exists.")
        application = Application(self.arn("application", name), name, description, self.service.now())
        self.applications[name] = application
        return application

    def application(self, name: str) -> Application:
        if name not in self.applications:
            raise InvalidParameterValue(f"No Application named '{name}' found.")
        return self.applications[name]

    def version(self, application: str, label: str) -> ApplicationVersion:
        found = self.application(application).versions.get(label)
        if found is None:
            raise InvalidParameterValue(f"No Application Version named '{label}' found.")
        return found

    def versions(self) -> list[ApplicationVersion]:
        """All of the region, newest first. The order that AWS answers in is not dependable."""
        every = [
            version for application in self.applications.values() for version in application.versions.values()
        ]
        return sorted(every, key=lambda version: version.created, reverse=True)

    def create_application_version(
        self,
        application_name: str,
        label: str,
        request_id: str,
        *,
        description: str | None = None,
        source: Mapping[str, str] | None = None,
        process: bool = False,
        create_application: bool = False,
    ) -> ApplicationVersion:
        if create_application and application_name not in self.applications:
            self.create_application(application_name)
        application = self.application(application_name)
        if label in application.versions:
            raise InvalidParameterValue(f"Application Version {label} already exists.")
        bucket, key = (source.get("S3Bucket"), source.get("S3Key")) if source else (None, None)
        if source is not None:
            if bucket is None or key is None:
                raise MissingRequiredParameter("SourceBundle needs both S3Bucket and S3Key.")
            reason = bundles.unreadable(self.account_id, self.region_name, bucket, key)
            if reason is not None:
                raise InvalidParameterCombination(
                    f"Unable to download from S3 location (Bucket: {bucket}  Key: {key}). Reason: {reason}"
                )
        if len(self.versions()) >= self.quotas["ApplicationVersionQuota"]:
            raise TooManyApplicationVersionsException(self.quotas["ApplicationVersionQuota"])
        now = self.service.now()
        arn = self.arn("applicationversion", f"{application_name}/{label}")
        status = "PROCESSING" if process else "UNPROCESSED"
        version = ApplicationVersion(
            self.account_id, arn, application_name, label, description, bucket, key, status, now, now
        )
        application.versions[label] = version

        def say(message: str) -> None:
            self.events.add(
                Event(
                    self.service.now(),
                    message,
                    "INFO",
                    application_name,
                    version_label=label,
                    request_id=request_id,
                )
            )

        def processed() -> None:
            version.status, version.updated = "PROCESSED", self.service.now()
            say(f"Finished processing application version {label}. Status: PROCESSED.")

        say("createApplicationVersion is starting.")
        say(f"Created new Application Version: {label}")
        say("createApplicationVersion completed successfully.")
        if process:
            self.service.later(PROCESSING_SECONDS, processed)
        return version

    def delete_application_version(self, application_name: str, label: str, *, with_bundle: bool) -> None:
        """Also one that an environment runs: the API reference denies it, the service does it."""
        version = self.version(application_name, label)
        del self.applications[application_name].versions[label]
        if with_bundle and version.bucket and version.key:
            if not bundles.delete(self.account_id, version.bucket, version.key):
                raise SourceBundleDeletionFailure(
                    f"Unable to delete the source bundle of application version {label} "
                    f"(Bucket: {version.bucket}  Key: {version.key})."
                )

    # Environments

    def environment(
        self, name: str | None = None, environment_id: str | None = None, application: str | None = None
    ) -> Environment:
        if name is None and environment_id is None:
            raise MissingRequiredParameter("Either EnvironmentId or EnvironmentName is required.")
        for environment in self.environments.values():
            if name not in (None, environment.name) or environment_id not in (None, environment.id):
                continue
            if application in (None, environment.application_name):
                return environment
        raise no_environment(name=name, environment_id=environment_id)

    def enhanced_environment(self, name: str | None, environment_id: str | None, action: str) -> Environment:
        environment = self.environment(name, environment_id)
        if not environment.enhanced:
            raise InvalidRequestException(f"{action} is not supported.")
        return environment

    def create_environment(
        self,
        application: str,
        name: str,
        request_id: str,
        *,
        platform: str | None,
        label: str | None = None,
        description: str | None = None,
        cname_prefix: str | None = None,
        tier: dict[str, str] | None = None,
        settings: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Any]:
        self.application(application)
        if name in self.environments:
            raise InvalidParameterValue(f"Environment {name} already exists.")
        version = self.version(application, label) if label is not None else None
        environment = self.add_environment(
            application,
            name,
            platform=platform,
            description=description,
            cname_prefix=cname_prefix,
            tier=tier,
            settings=settings,
        )
        update = Update(environment, "creation", request_id, self.service.now())
        environment.start(update, create(update, version), "Launching")
        return environment.requested(label)

    def add_environment(
        self,
        application: str,
        name: str,
        *,
        platform: str | None,
        description: str | None = None,
        cname_prefix: str | None = None,
        tier: dict[str, str] | None = None,
        settings: Sequence[Mapping[str, str]] = (),
    ) -> Environment:
        """An environment that nothing was done with yet."""
        cname = f"{cname_prefix or f'{name}.{secrets.token_hex(4)}'}.{self.region_name}.elasticbeanstalk.com"
        if any(environment.cname == cname for environment in self.environments.values()):
            raise InvalidParameterValue(f"DNS name ({cname}) is not available.")
        defaults = options.defaults()
        chosen = options.validated(settings, defaults)
        environment = Environment(
            self,
            application,
            name,
            description,
            cname,
            self.known_platform(platform),
            tier or WEB_SERVER,
            defaults | chosen,
            self.service.now(),
        )
        self.environments[name] = environment
        return environment

    def known_platform(self, platform: str | None) -> str:
        if platform is None:
            raise MissingRequiredParameter("A SolutionStackName, PlatformArn or TemplateName is required.")
        for details in SOLUTION_STACK_DETAILS:
            stack = str(details["SolutionStackName"])
            system, _, software = stack.partition(" running ")
            if platform == stack or platform.endswith(f"/{software} running on {system.replace(' v', '/')}"):
                return stack
        raise InvalidParameterValue(f"No Solution Stack named '{platform}' found.")

    def update_environment(
        self,
        environment: Environment,
        request_id: str,
        *,
        label: str | None = None,
        platform: str | None = None,
        description: str | None = None,
        tier: dict[str, str] | None = None,
        settings: Sequence[Mapping[str, str]] = (),
        removed: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Any]:
        version = self.version(environment.application_name, label) if label is not None else None
        if environment.status != "Ready":
            raise invalid_state(environment.name, "Ready")
        if tier is not None and tier.get("Name", environment.tier["Name"]) != environment.tier["Name"]:
            raise InvalidParameterValue("The tier of an environment cannot be changed.")
        defaults = options.defaults()
        reset = [(option.get("Namespace", ""), option.get("OptionName", "")) for option in removed]
        changes = {option: defaults[option] for option in reset if option in defaults}
        changes |= options.validated(settings, environment.settings | changes)
        load_balancer = (options.ENVIRONMENT, "LoadBalancerType")
        if (
            changes.get(load_balancer, environment.settings[load_balancer])
            != environment.settings[load_balancer]
        ):
            raise ConfigurationValidationException("LoadBalancer type option cannot be changed.")
        new_platform = self.known_platform(platform) if platform is not None else environment.platform
        if description is not None:
            environment.description = description
        environment.draft = changes if changes else None
        kind = "deployment" if version is not None else "configuration"
        update = Update(environment, kind, request_id, self.service.now())
        steps = deploy(update, version, changes) if version else configure(update, changes, new_platform)
        environment.start(update, steps, "Updating")
        return environment.requested(label or environment.version_label)

    def abort_environment_update(self, environment: Environment) -> None:
        update = environment.update
        if update is None or not environment.abortable:
            raise invalid_state(environment.name, "pending deployment")
        update.aborting, environment.status = True, "Aborting"
        self.service.wake(update)

    # The account

    def create_storage_location(self) -> str:
        bucket = f"elasticbeanstalk-{self.region_name}-{self.account_id}"
        storage = bundles.storage(self.account_id)
        if bucket not in storage.buckets:
            storage.create_bucket(bucket, self.region_name)
        return bucket

    def arn(self, kind: str, path: str) -> str:
        return f"arn:aws:elasticbeanstalk:{self.region_name}:{self.account_id}:{kind}/{path}"

    def find_events(
        self,
        wanted: dict[str, str],
        severity: str,
        start: datetime | None,
        end: datetime | None,
        most: int,
        before: int | None,
    ) -> tuple[list[Event], int | None]:
        """A page of events, and the place where the next one begins."""
        page: list[Event] = []
        for place, event in self.events.find(wanted, severity, start, end, before):
            if len(page) == most:
                return page, place + 1
            page.append(event)
        return page, None


def backend_of(service: Beanstalk) -> type[ElasticBeanstalkBackend]:
    """The class that moto makes regional backends from; moto looks for `urls` beside the module that it is in."""

    class InstalledBackend(ElasticBeanstalkBackend):
        pass

    InstalledBackend.service = service
    return InstalledBackend
