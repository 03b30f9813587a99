"""Elastic Beanstalk's API, as far as Wardrop uses it. The only module that knows it.

Facts: API reference 2010-12-01 and the developer guide; texts of errors and events as AWS sends them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from wardrop.environments.model import COLORS, Environment, Event, Health, Instance
from wardrop.environments.settings import COMMAND
from wardrop.environments.version import ApplicationVersion
from wardrop.errors import NoRoom, NotNow, Refused

if TYPE_CHECKING:
    from mypy_boto3_elasticbeanstalk import ElasticBeanstalkClient

MOST_WARNINGS = 50

MOST_VERSIONS = 1000
"""MaxRecords of DescribeApplicationVersions; without it all would come in one answer, however many."""

DEFAULT_VERSION_QUOTA = 1000
"""For all applications of an account in a region (AWS General Reference, "Elastic Beanstalk")."""


class Beanstalk:
    def __init__(self, client: "ElasticBeanstalkClient", once: "ElasticBeanstalkClient | None" = None) -> None:
        self._client = client
        self._once = once or client

    def environments(self, names: list[str]) -> dict[str, Environment]:
        """By name, in one call. What is terminated, or hidden from our role, is not there."""
        return self._environments(EnvironmentNames=names)

    def all_environments(self) -> dict[str, Environment]:
        return self._environments()

    def lasting_environments(self, application: str | None = None) -> list[Environment]:
        """All but the terminated ones, of one application or of all: one that is terminating still has its version."""
        found = self._described(**{"ApplicationName": application} if application else {})
        return [environment for environment in found if environment.status != "Terminated"]

    def environments_of(self, application: str) -> dict[str, Environment]:
        return self._environments(ApplicationName=application)

    def _environments(self, **selection: Any) -> dict[str, Environment]:
        return {one.name: one for one in self._described(**selection) if not one.is_gone}

    def _described(self, **selection: Any) -> list[Environment]:
        pages = self._client.get_paginator("describe_environments").paginate(IncludeDeleted=False, **selection)
        with _translating():
            return [_environment(described) for page in pages for described in page["Environments"]]

    def has_application(self, name: str) -> bool:
        return bool(self._client.describe_applications(ApplicationNames=[name])["Applications"])

    def create_version(self, application: str, label: str, description: str, bucket: str, key: str) -> bool:
        """True if the label now stands for this bundle, whoever made it; False if it stands for another.

        Process=false: Beanstalk's own processing fails without telling why.
        """
        try:
            self._client.create_application_version(
                ApplicationName=application,
                VersionLabel=label,
                Description=description,
                SourceBundle={"S3Bucket": bucket, "S3Key": key},
                AutoCreateApplication=False,
                Process=False,
            )
        except ClientError as error:
            if error.response["Error"]["Message"] != f"Application Version {label} already exists.":
                raise _translated(error) from error
        else:
            return True
        return self.stands_for(application, label, bucket, key)

    def stands_for(self, application: str, label: str, bucket: str, key: str) -> bool:
        """Whether there is a version of this label, and this is its bundle."""
        with _translating():
            answer = self._client.describe_application_versions(ApplicationName=application, VersionLabels=[label])
        found = [version.get("SourceBundle") for version in answer["ApplicationVersions"]]
        return found == [{"S3Bucket": bucket, "S3Key": key}]

    def has_version(self, application: str, label: str) -> bool:
        return label in self.versions(application, [label])

    def versions(self, application: str, labels: list[str]) -> dict[str, datetime]:
        """When each of them was made, as far as they are there."""
        with _translating():
            answer = self._client.describe_application_versions(ApplicationName=application, VersionLabels=labels)
        return {one["VersionLabel"]: one["DateCreated"] for one in answer["ApplicationVersions"]}

    def application_versions(self) -> list[ApplicationVersion]:
        """All of the region that our role may see; in no order, for Beanstalk's own is not dependable."""
        pages = self._client.get_paginator("describe_application_versions").paginate(
            PaginationConfig={"PageSize": MOST_VERSIONS}
        )
        with _translating():
            return [_application_version(listed) for page in pages for listed in page["ApplicationVersions"]]

    def delete_version(self, application: str, label: str) -> bool:
        """Delete a version and leave its bundle; False if there was none. Raises NotNow and Refused.

        Beanstalk may delete also what an environment runs, whatever its API reference says.
        """
        try:
            self._client.delete_application_version(
                ApplicationName=application, VersionLabel=label, DeleteSourceBundle=False
            )
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            if code == "InvalidParameterValue" and message in (
                f"No Application Version named '{label}' found.",
                f"No Application named '{application}' found.",
            ):
                return False
            raise _final(error) from error
        return True

    def version_quota(self) -> int:
        """How many application versions the account may have in the region.

        What a role may not see is left out of the answer; then it is AWS's default.
        """
        with _translating():
            answer = self._client.describe_account_attributes()
        quota = answer.get("ResourceQuotas", {}).get("ApplicationVersionQuota", {})
        return quota.get("Maximum", DEFAULT_VERSION_QUOTA)

    def version_count(self) -> int:
        """How many versions there are in the region, of all applications that our role may see."""
        return len(self.application_versions())

    def settings(self, application: str, environment: str) -> dict[tuple[str, str], str]:
        """The option settings in force, by namespace and name; a draft that is pending or failed is not."""
        with _translating():
            answer = self._client.describe_configuration_settings(
                ApplicationName=application, EnvironmentName=environment
            )
        return {
            (option["Namespace"], option["OptionName"]): option["Value"]
            for described in answer["ConfigurationSettings"]
            if described.get("DeploymentStatus", "deployed") == "deployed"
            for option in described["OptionSettings"]
            if "Value" in option
        }

    def update(self, environment_id: str, label: str) -> str:
        """Deploy a version, and nothing else: settings in the same call would void the deployment policy.

        Returns the RequestId that the update's events bear. Raises NotNow and Refused, in both of which
        nothing has begun; after any other error the update may have begun.
        """
        return self._update(environment_id, VersionLabel=label)

    def configure(self, environment_id: str, options: dict[str, str]) -> str:
        """Change options of the namespace aws:elasticbeanstalk:command, and nothing else; as `update`."""
        settings = [{"Namespace": COMMAND, "OptionName": name, "Value": value} for name, value in options.items()]
        return self._update(environment_id, OptionSettings=settings)

    def _update(self, environment_id: str, **what: Any) -> str:
        try:
            answer = self._once.update_environment(EnvironmentId=environment_id, **what)
        except ClientError as error:
            raise _final(error) from error
        return answer["ResponseMetadata"]["RequestId"]

    def events(self, environment: str, since: datetime) -> list[Event]:
        """All events since then, oldest first; those of health and of instances added bear no RequestId."""
        pages = self._client.get_paginator("describe_events").paginate(EnvironmentName=environment, StartTime=since)
        with _translating():
            found = [
                Event(
                    at=event["EventDate"],
                    message=event["Message"],
                    severity=event["Severity"],
                    request_id=event.get("RequestId"),
                )
                for page in pages
                for event in page["Events"]
            ]
        return found[::-1]

    def warnings(self, environment: str, since: datetime) -> list[str]:
        """The messages of warnings and worse since then, the newest first; of very many the newest alone."""
        with _translating():
            answer = self._client.describe_events(
                EnvironmentName=environment, StartTime=since, Severity="WARN", MaxRecords=MOST_WARNINGS
            )
        return [event["Message"] for event in answer["Events"]]

    def health(self, environment: str) -> tuple[list[str], dict[str, int]]:
        """Why it is as it is, and how many instances have which health; enhanced health alone has that."""
        with _translating():
            answer = self._client.describe_environment_health(
                EnvironmentName=environment, AttributeNames=["Causes", "InstancesHealth"]
            )
        counts: dict[str, Any] = dict(answer.get("InstancesHealth", {}))
        return list(answer.get("Causes", [])), {status: count for status, count in counts.items() if count}

    def instances(self, environment: str) -> tuple[Instance, ...]:
        """Every instance's own report; only environments with enhanced health have them."""
        found: list[Instance] = []
        more: dict[str, Any] = {}
        while True:
            with _translating():
                answer = self._client.describe_instances_health(
                    EnvironmentName=environment, AttributeNames=["Causes", "Deployment"], **more
                )
            found += [_instance(reported) for reported in answer.get("InstanceHealthList", [])]
            if not (token := answer.get("NextToken")):
                return tuple(found)
            more = {"NextToken": token}


def _environment(described: Any) -> Environment:
    status = described.get("HealthStatus")
    health = _health(status) if status else COLORS.get(described.get("Health", ""), Health.UNKNOWN)
    return Environment(
        id=described["EnvironmentId"],
        name=described["EnvironmentName"],
        application=described["ApplicationName"],
        status=described["Status"],
        health=health,
        version_label=described.get("VersionLabel"),
        updated_at=described["DateUpdated"],
        reports_instances=status is not None,
        platform=described.get("PlatformArn", ""),
        tier=described.get("Tier", {}).get("Name", "WebServer"),
    )


def _application_version(listed: Any) -> ApplicationVersion:
    bundle = listed.get("SourceBundle", {})
    return ApplicationVersion(
        application=listed["ApplicationName"],
        label=listed["VersionLabel"],
        created_at=listed["DateCreated"],
        bucket=bundle.get("S3Bucket"),
        key=bundle.get("S3Key"),
    )


def _health(status: str) -> Health:
    """The console writes "No Data" where the API's model has NoData; what nobody has described is Unknown."""
    try:
        return Health(status.replace(" ", ""))
    except ValueError:
        return Health.UNKNOWN


def _instance(reported: Any) -> Instance:
    deployment = reported.get("Deployment", {})
    return Instance(
        id=reported["InstanceId"],
        version_label=deployment.get("VersionLabel"),
        deployment_id=deployment.get("DeploymentId", 0),
        deployment_status=deployment.get("Status"),
        causes=tuple(reported.get("Causes", ())),
    )


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _translated(error) from error


def _final(error: ClientError) -> Exception:
    """For a call that has changed nothing if Beanstalk answers with 4xx, whatever it says."""
    translated = _translated(error)
    if translated is error and 400 <= error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
        return Refused(f"{error.response['Error']['Code']}: {error.response['Error']['Message']}")
    return translated


def _translated(error: ClientError) -> Exception:
    """Beanstalk says most things with one code, so its texts decide."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    match code:
        case "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "OperationInProgressFailure":
            return NotNow(message)
        case "InvalidParameterValue" if message.endswith("Must be Ready."):
            return NotNow(message)
        # A right that is missing and a bundle that cannot be reached are mended without a new drop: those fly.
        case "TooManyApplicationVersionsException":
            return NoRoom(message)
        case "InvalidParameterValue" | "ConfigurationValidationException" | "ValidationError":
            return Refused(message)
        case _:
            return error
