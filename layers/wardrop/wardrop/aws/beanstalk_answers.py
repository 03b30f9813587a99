"""Translates the responses and errors of Elastic Beanstalk's API. Only this module compares error messages.

Sources: API reference 2010-12-01 and the developer guide. The error messages are quoted from AWS's responses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from wardrop.environments.model import CLUSTER_TIER, COLORS, Environment, Event, Health, Instance
from wardrop.environments.version import ApplicationVersion
from wardrop.errors import NoRoom, NotNow, Refused


def environment_of(described: Any) -> Environment:
    status = described.get("HealthStatus")
    tier = described.get("Tier", {}).get("Name", "WebServer")
    health = _health_of(status) if status else COLORS.get(described.get("Health", ""), Health.UNKNOWN)
    return Environment(
        id=described["EnvironmentId"],
        name=described["EnvironmentName"],
        application=described["ApplicationName"],
        status=described["Status"],
        health=health,
        version_label=described.get("VersionLabel"),
        updated_at=described["DateUpdated"],
        reports_instances=status is not None and tier != CLUSTER_TIER,
        is_abortable=described.get("AbortableOperationInProgress", False),
        platform=described.get("PlatformArn", ""),
        tier=tier,
        cname=described.get("CNAME"),
    )


def _health_of(status: str) -> Health:
    """Reads a health status. "No Data" is read as NoData, and an undocumented status is read as Unknown."""
    try:
        return Health(status.replace(" ", ""))
    except ValueError:
        return Health.UNKNOWN


def version_of(listed: Any) -> ApplicationVersion:
    bundle = listed.get("SourceBundle", {})
    return ApplicationVersion(
        application=listed["ApplicationName"],
        label=listed["VersionLabel"],
        created_at=listed["DateCreated"],
        bucket=bundle.get("S3Bucket"),
        key=bundle.get("S3Key"),
    )


def event_of(described: Any) -> Event:
    return Event(
        at=described["EventDate"],
        message=described["Message"],
        severity=described["Severity"],
        request_id=described.get("RequestId"),
    )


def instance_of(reported: Any) -> Instance:
    deployment = reported.get("Deployment", {})
    return Instance(
        id=reported["InstanceId"],
        version_label=deployment.get("VersionLabel"),
        deployment_id=deployment.get("DeploymentId", 0),
        deployment_status=deployment.get("Status"),
        causes=tuple(reported.get("Causes", ())),
        health=_health_of(status) if (status := reported.get("HealthStatus")) else None,
        deployed_at=deployment.get("DeploymentTime"),
    )


def settings_of(answer: Any, status: str) -> dict[tuple[str, str], str]:
    """Returns the option settings with this status, keyed by namespace and name.

    The status is `deployed`, or `pending` for a draft.
    """
    return {
        (option["Namespace"], option["OptionName"]): option["Value"]
        for described in answer["ConfigurationSettings"]
        if described.get("DeploymentStatus", "deployed") == status
        for option in described["OptionSettings"]
        if "Value" in option
    }


def is_label_taken(error: ClientError, label: str) -> bool:
    return _message(error) == f"Application Version {label} already exists."


def is_description_refused(error: ClientError) -> bool:
    """AWS does not document which characters a description must not contain (aws-sdk-ruby issue 1502)."""
    return _message(error).startswith("Invalid unicode xml character in ") and ".Description" in _message(error)


def is_version_gone(error: ClientError, application: str, label: str) -> bool:
    return _code(error) == "InvalidParameterValue" and _message(error) in (
        f"No Application Version named '{label}' found.",
        f"No Application named '{application}' found.",
    )


def is_denied(error: ClientError) -> bool:
    """Whether the caller has no permission for the call, or for a call that Beanstalk makes on the caller's behalf."""
    return _code(error) in ("AccessDenied", "AccessDeniedException", "InsufficientPrivilegesException")


@contextmanager
def translating() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise translated(error) from error


def translated_final(error: ClientError) -> Exception:
    """Like `translated`, but returns Refused for each 4xx error that `translated` returns unchanged.

    A 4xx error shows that the call had no effect.
    """
    exception = translated(error)
    if exception is error and 400 <= error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
        return Refused(f"{_code(error)}: {_message(error)}")
    return exception


def translated(error: ClientError) -> Exception:
    """Returns the exception to raise for an error of the API.

    Beanstalk uses one code for most errors, so the message decides. An error about a missing permission or an
    unreadable bundle is returned unchanged, so that SQS delivers the message again. Therefore, after a user has
    corrected the cause, no new drop is needed.
    """
    code, message = _code(error), _message(error)
    match code:
        case "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "OperationInProgressFailure":
            return NotNow(message)
        case "InvalidParameterValue" if message.endswith("Must be Ready."):
            return NotNow(message)
        case "TooManyApplicationVersionsException":
            return NoRoom(message)
        case "InvalidParameterValue" | "ConfigurationValidationException" | "ValidationError":
            return Refused(message)
        case _:
            return error


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _message(error: ClientError) -> str:
    return error.response["Error"]["Message"]
