"""Operations on applications and their versions."""

from functools import partial

from local.beanstalk import bundles
from local.beanstalk.environments import Environment
from local.beanstalk.exceptions import (
    BeanstalkError,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingRequiredParameter,
)
from local.beanstalk.maintenance import Termination
from local.beanstalk.models import matching
from local.beanstalk.versions import ApplicationVersion

from .request import Request

PROCESSING_SECONDS = 10


class Applications(Request):
    def create_application(self) -> object:
        return {"Application": self.backend.add_application(self.given)}

    def describe_applications(self) -> object:
        return {"Applications": matching(self.backend.applications.values(), self.given)}

    def update_application(self) -> object:
        application = self.backend.application(self.given["ApplicationName"])
        application.description, application.date_updated = self.given.get("Description"), self.backend.service.now()
        return {"Application": application}

    def update_application_resource_lifecycle(self) -> object:
        """Stores the version lifecycle. The first request must contain a service role (API reference)."""
        application = self.backend.application(self.given["ApplicationName"])
        config = application.resource_lifecycle_config | self.given["ResourceLifecycleConfig"]
        if "ServiceRole" not in config:  # AWS's wording is not known
            raise MissingRequiredParameter("ServiceRole is required.")
        application.resource_lifecycle_config = config
        return {"ApplicationName": application.name, "ResourceLifecycleConfig": config}

    def delete_application(self) -> None:
        """Deletes an application. If TerminateEnvByForce is set, first terminates its environments.

        Deleting an application that does not exist succeeds, because moto's own tests expect this.
        """
        backend, application = self.backend, self.backend.applications.get(self.given["ApplicationName"])
        if application is None:
            return
        running = [each for each in backend.environments.values() if each.application_name == application.name]
        if running and not self.given.get("TerminateEnvByForce"):
            text = "it has a version that is deployed to a running environment"
            raise InvalidParameterValue(f"Unable to delete application {application.name} because {text}.")
        for environment in running:
            self.ready(environment)

        def archive(environment: Environment) -> None:
            backend.archive(environment)
            if all(each.application_name != application.name for each in backend.environments.values()):
                del backend.applications[application.name]

        for environment in running:
            ends = partial(archive, environment)
            environment.start(Termination(environment=environment, request_id=self.request_id, archive=ends))
        if not running:
            del backend.applications[application.name]

    def create_application_version(self) -> object:
        given, backend = self.given, self.backend
        name, label = given["ApplicationName"], given["VersionLabel"]
        if given.get("AutoCreateApplication") and name not in backend.applications:
            backend.add_application({"ApplicationName": name})
        if label in backend.application(name).labelled:
            raise InvalidParameterValue(f"Application Version {label} already exists.")
        if "SourceBuildInformation" in given:
            raise InvalidParameterCombination("SourceBuildInformation is not there in this stand-in.")
        if "SourceBundle" in given:
            bundles.must_be_readable(backend.account_id, backend.region_name, given["SourceBundle"])
        quota = self._version_quota()
        if len(backend.versions()) >= quota:  # the wording is unverified
            text = f"You cannot have more than {quota} Application Versions. Either remove some of them"
            raise BeanstalkError("TooManyApplicationVersionsException", f"{text} or request a limit increase.")
        version = backend.add_version(given)
        for event in ("version-starting", "version-created", "version-completed"):
            self._say(event, version)
        if given.get("Process"):
            version.status = "PROCESSING"
            backend.service.run(self._process(version))
        return {"ApplicationVersion": version}

    async def _process(self, version: ApplicationVersion) -> None:
        service = self.backend.service
        await service.clock.sleep(PROCESSING_SECONDS)
        with service.lock:
            sound = version.is_sound()
            version.status, version.date_updated = "PROCESSED" if sound else "FAILED", service.now()
            self._say("version-processed" if sound else "version-failed", version)

    def _say(self, event: str, version: ApplicationVersion) -> None:
        about = {"application_name": version.application_name, "version_label": version.version_label}
        self.backend.report(event, {"label": version.version_label}, **about, request_id=self.request_id)

    def describe_application_versions(self) -> object:
        return self.page("ApplicationVersions", matching(self.backend.versions(), self.given))

    def update_application_version(self) -> object:
        version = self.backend.version(self.given["ApplicationName"], self.given["VersionLabel"])
        version.description, version.date_updated = self.given.get("Description"), self.backend.service.now()
        return {"ApplicationVersion": version}

    def delete_application_version(self) -> None:
        """Deletes a version, even if an environment runs it, unless `keeps_versions_in_use` is set."""
        version = self.backend.version(self.given["ApplicationName"], self.given["VersionLabel"])
        busy = version.status == "PROCESSING"
        for environment in self.backend.environments.values():
            busy |= getattr(environment.update, "version", None) is version
            if self.backend.service.keeps_versions_in_use and environment.version_label == version.version_label:
                busy |= environment.application_name == version.application_name
        if busy:
            text = f"Unable to delete application version: {version.version_label}."
            reason = "An operation is already in progress, please retry again shortly."
            raise BeanstalkError("OperationInProgressFailure", f"{text} {reason}")
        if self.backend.service.faults.strikes("deletion-ignored", label=version.version_label):
            return
        self.backend.tags.pop(version.arn, None)
        del self.backend.applications[version.application_name].labelled[version.version_label]
        if self.given.get("DeleteSourceBundle") and version.source_bundle:
            account, bucket, key = self.backend.account_id, *map(version.source_bundle.get, ("S3Bucket", "S3Key"))
            if bundles.find(account, version.source_bundle) is None:  # the wording is unverified
                failure = f"Unable to delete the source bundle (Bucket: {bucket}  Key: {key})."
                raise BeanstalkError("SourceBundleDeletionFailure", failure)
            bundles.storage(account).delete_object(bucket, key)

    def describe_account_attributes(self) -> object:
        quotas = self.backend.quotas | {"ApplicationVersionQuota": self._version_quota()}
        return {"ResourceQuotas": {name: {"Maximum": most} for name, most in quotas.items()}}

    def _version_quota(self) -> int:
        """Returns the quota for versions.

        If the fault `quota-full` is active, the quota equals the number of versions.
        """
        full = self.backend.service.faults.strikes("quota-full") is not None
        return len(self.backend.versions()) if full else self.backend.quotas["ApplicationVersionQuota"]

    def create_storage_location(self) -> object:
        return {"S3Bucket": self.backend.create_bucket()}
