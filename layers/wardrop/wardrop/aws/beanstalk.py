"""Calls Elastic Beanstalk's API."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from wardrop.aws.beanstalk_answers import (
    environment_of,
    event_of,
    instance_of,
    is_description_refused,
    is_label_taken,
    is_version_gone,
    settings_of,
    translated,
    translated_final,
    translating,
    version_of,
)
from wardrop.environments.model import ENVIRONMENT_NAME, Environment, Event, Instance
from wardrop.environments.settings import COMMAND, OptionValues, SettingsAndDraft
from wardrop.environments.version import ApplicationVersion

if TYPE_CHECKING:
    from mypy_boto3_elasticbeanstalk import ElasticBeanstalkClient

MOST_WARNINGS = 50

MOST_VERSIONS = 1000
"""The value of MaxRecords in DescribeApplicationVersions. Without MaxRecords, one response contains all versions."""

DEFAULT_VERSION_QUOTA = 1000
"""AWS's default quota for the versions of all applications in a region (AWS General Reference, "Elastic Beanstalk")."""


class Beanstalk:
    """Every method raises NotNow if Beanstalk throttles the call or if another operation is in progress."""

    def __init__(self, client: "ElasticBeanstalkClient", once: "ElasticBeanstalkClient | None" = None) -> None:
        """`once` is a client without retries, for UpdateEnvironment and AbortEnvironmentUpdate."""
        self._client = client
        self._once = once or client

    # Environments

    def environments(self, names: list[str]) -> dict[str, Environment]:
        """Returns the environments with these names, keyed by name. Makes at most one call.

        Omits invalid names, and environments that are terminated or being terminated. Also omits environments that
        Wardrop's role is not allowed to read.
        """
        possible = [name for name in names if ENVIRONMENT_NAME.fullmatch(name)]
        return self._existing(EnvironmentNames=possible) if possible else {}

    def environments_of(self, application: str) -> dict[str, Environment]:
        return self._existing(ApplicationName=application)

    def all_environments(self) -> dict[str, Environment]:
        return self._existing()

    def lasting_environments(self, application: str | None = None) -> list[Environment]:
        """Returns all environments that are not terminated.

        An environment that is being terminated is included, because it still uses its version.
        """
        selection = {"ApplicationName": application} if application else {}
        return [environment for environment in self._described(**selection) if environment.status != "Terminated"]

    def is_being_terminated(self, name: str) -> bool:
        return any(environment.is_gone for environment in self._described(EnvironmentNames=[name]))

    def _existing(self, **selection: Any) -> dict[str, Environment]:
        return {
            environment.name: environment for environment in self._described(**selection) if not environment.is_gone
        }

    def _described(self, **selection: Any) -> list[Environment]:
        pages = self._client.get_paginator("describe_environments").paginate(IncludeDeleted=False, **selection)
        with translating():
            return [environment_of(described) for page in pages for described in page["Environments"]]

    def settings(self, application: str, environment: str) -> OptionValues:
        """Returns the option settings in force, keyed by namespace and name."""
        return self.settings_and_draft(application, environment).in_force

    def settings_and_draft(self, application: str, environment: str) -> SettingsAndDraft:
        with translating():
            answer = self._client.describe_configuration_settings(
                ApplicationName=application, EnvironmentName=environment
            )
        return SettingsAndDraft(settings_of(answer, "deployed"), settings_of(answer, "pending") or None)

    def update(self, environment_id: str, label: str) -> str:
        """Deploys a version. The call contains no option settings, because they would override the deployment policy.

        Returns the RequestId that the update's events have. Raises NotNow or Refused if no update was started. After
        any other error, an update may have been started.
        """
        return self._update(environment_id, VersionLabel=label)

    def configure(self, environment_id: str, options: dict[str, str]) -> str:
        """Changes only options of aws:elasticbeanstalk:command. The result and the errors are those of `update`."""
        settings = [{"Namespace": COMMAND, "OptionName": name, "Value": value} for name, value in options.items()]
        return self._update(environment_id, OptionSettings=settings)

    def _update(self, environment_id: str, **change: Any) -> str:
        try:
            answer = self._once.update_environment(EnvironmentId=environment_id, **change)
        except ClientError as error:
            raise translated_final(error) from error
        return answer["ResponseMetadata"]["RequestId"]

    def abort_update(self, environment_id: str) -> None:
        """Aborts the current update.

        Raises NotNow or Refused if the update was not aborted. After any other error, it may have been aborted.
        """
        try:
            self._once.abort_environment_update(EnvironmentId=environment_id)
        except ClientError as error:
            raise translated_final(error) from error

    # Events, health and instances

    def events(self, environment: str, since: datetime) -> list[Event]:
        """Returns all events since a time, oldest first.

        Events about health and about new instances have no RequestId.
        """
        pages = self._client.get_paginator("describe_events").paginate(EnvironmentName=environment, StartTime=since)
        with translating():
            newest_first = [event_of(described) for page in pages for described in page["Events"]]
        return newest_first[::-1]

    def warnings(self, environment: str, since: datetime) -> list[str]:
        """Returns the messages of the newest MOST_WARNINGS events with severity WARN or higher since a time."""
        with translating():
            answer = self._client.describe_events(
                EnvironmentName=environment, StartTime=since, Severity="WARN", MaxRecords=MOST_WARNINGS
            )
        return [event["Message"] for event in answer["Events"]]

    def health(self, environment: str) -> tuple[list[str], dict[str, int]]:
        """Returns the causes of the health status, and the number of instances with each status.

        Requires enhanced health reporting.
        """
        with translating():
            answer = self._client.describe_environment_health(
                EnvironmentName=environment, AttributeNames=["Causes", "InstancesHealth"]
            )
        counts: dict[str, Any] = dict(answer.get("InstancesHealth", {}))
        return list(answer.get("Causes", [])), {status: count for status, count in counts.items() if count}

    def instances(self, environment: str) -> tuple[Instance, ...]:
        """Returns Beanstalk's report about each instance. Requires enhanced health reporting."""
        instances: list[Instance] = []
        next_page: dict[str, Any] = {}
        while True:
            with translating():
                answer = self._client.describe_instances_health(
                    EnvironmentName=environment, AttributeNames=["HealthStatus", "Causes", "Deployment"], **next_page
                )
            instances += map(instance_of, answer.get("InstanceHealthList", []))
            if not (token := answer.get("NextToken")):
                return tuple(instances)
            next_page = {"NextToken": token}

    # Applications and their versions

    def has_application(self, name: str) -> bool:
        with translating():
            return bool(self._client.describe_applications(ApplicationNames=[name])["Applications"])

    def create_version(self, application: str, label: str, description: str, bucket: str, key: str) -> bool:
        """Creates a version. Returns True if the version's label refers to this bundle. Raises NoRoom and Refused.

        Also returns True if an earlier call created the version with this bundle. If Beanstalk refuses the description,
        creates the version without one. Process is false, because Beanstalk's processing fails without giving a reason.
        """
        version: Any = {
            "ApplicationName": application,
            "VersionLabel": label,
            "SourceBundle": {"S3Bucket": bucket, "S3Key": key},
            "AutoCreateApplication": False,
            "Process": False,
        }
        try:
            try:
                self._client.create_application_version(**version, Description=description)
            except ClientError as error:
                if not is_description_refused(error):
                    raise
                self._client.create_application_version(**version)
        except ClientError as error:
            if not is_label_taken(error, label):
                raise translated(error) from error
        else:
            return True
        return self.refers_to(application, label, bucket, key)

    def refers_to(self, application: str, label: str, bucket: str, key: str) -> bool:
        """Whether the version exists in Beanstalk and refers to this bundle."""
        with translating():
            answer = self._client.describe_application_versions(ApplicationName=application, VersionLabels=[label])
        bundles = [version.get("SourceBundle") for version in answer["ApplicationVersions"]]
        return bundles == [{"S3Bucket": bucket, "S3Key": key}]

    def has_version(self, application: str, label: str) -> bool:
        return label in self.versions(application, [label])

    def version(self, application: str, label: str) -> ApplicationVersion | None:
        with translating():
            answer = self._client.describe_application_versions(ApplicationName=application, VersionLabels=[label])
        return next(map(version_of, answer["ApplicationVersions"]), None)

    def versions(self, application: str, labels: list[str]) -> dict[str, datetime]:
        """Returns the creation times of the versions, keyed by label. Labels that do not exist are omitted."""
        with translating():
            answer = self._client.describe_application_versions(ApplicationName=application, VersionLabels=labels)
        return {version["VersionLabel"]: version["DateCreated"] for version in answer["ApplicationVersions"]}

    def application_versions(self) -> list[ApplicationVersion]:
        """Returns all versions in the region that Wardrop's role is allowed to read, in no guaranteed order."""
        pages = self._client.get_paginator("describe_application_versions").paginate(
            PaginationConfig={"PageSize": MOST_VERSIONS}
        )
        with translating():
            return [version_of(listed) for page in pages for listed in page["ApplicationVersions"]]

    def delete_version(self, application: str, label: str) -> bool:
        """Deletes a version, but not its bundle. Returns False if no such version exists. Raises NotNow and Refused.

        Beanstalk may delete a version even if an environment runs it, although the API reference states the opposite.
        """
        try:
            self._client.delete_application_version(
                ApplicationName=application, VersionLabel=label, DeleteSourceBundle=False
            )
        except ClientError as error:
            if is_version_gone(error, application, label):
                return False
            raise translated_final(error) from error
        return True

    def version_quota(self) -> int:
        """Returns the region's quota for versions, or AWS's default if the role has no permission to read the quota."""
        with translating():
            answer = self._client.describe_account_attributes()
        quota = answer.get("ResourceQuotas", {}).get("ApplicationVersionQuota", {})
        return quota.get("Maximum", DEFAULT_VERSION_QUOTA)

    def version_count(self) -> int:
        return len(self.application_versions())
