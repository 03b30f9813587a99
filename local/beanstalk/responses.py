"""The wire: requests checked against botocore's model, answers as AWS gives them."""

import base64
import json
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationNotFoundError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import get_service_model
from moto.elasticbeanstalk.models import eb_backends

from . import options
from .exceptions import (
    InvalidAction,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingRequiredParameter,
)
from .models import ElasticBeanstalkBackend

MOST_EVENTS = 1000


class BeanstalkResponse(BaseResponse):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(service_name="elasticbeanstalk")
        self.automated_parameter_parsing = True
        self.request_id = str(uuid.uuid4())
        self.ill_typed: str | None = None

    @property
    def backend(self) -> ElasticBeanstalkBackend:
        found: ElasticBeanstalkBackend = eb_backends[self.current_account][self.region]
        return found

    def parse_parameters(self, request: Any) -> None:
        self.params: dict[str, Any] = {}
        try:
            super().parse_parameters(request)
        except OperationNotFoundError:
            pass
        except (ValueError, TypeError) as error:
            self.ill_typed = str(error)

    def call_action(self) -> Any:
        """moto's own raises what becomes a page of HTML for an operation that it does not find."""
        action = self._get_action() or ""
        known = action in get_service_model("elasticbeanstalk").operation_names
        try:
            if known:
                with self.backend.service.lock:
                    return super().call_action()
        except NotImplementedError:
            pass
        status, headers, body = self.serialized(ActionResult(InvalidAction(action)))
        return status, *self._enrich_response({**headers, "status": status}, body)

    def _enrich_response(self, headers: dict[str, Any], body: Any) -> tuple[dict[str, str], Any]:
        """One request id everywhere, and timestamps with milliseconds."""
        headers["x-amzn-requestid"] = self.request_id
        body = re.sub(r"(?<=<RequestId>)request-id(?=</RequestId>)", self.request_id, body)
        body = re.sub(r"(T\d\d:\d\d:\d\d\.\d{3})000Z<", r"\1Z<", body)
        return {name: str(value) for name, value in headers.items()}, body

    def given(self) -> dict[str, Any]:
        """The request's parameters, after what AWS checks before it looks at anything else."""
        if self.ill_typed is not None:
            raise InvalidParameterValue(self.ill_typed)
        shape = get_service_model("elasticbeanstalk").operation_model(self._get_action()).input_shape
        if shape is not None:
            _check(shape, self.params, "")
        return self.params

    def create_application(self) -> ActionResult:
        given = self.given()
        application = self.backend.create_application(given["ApplicationName"], given.get("Description"))
        return ActionResult({"Application": application.describe()})

    def describe_applications(self) -> ActionResult:
        names = self.given().get("ApplicationNames")
        found = [a.describe() for a in self.backend.applications.values() if names is None or a.name in names]
        return ActionResult({"Applications": found})

    def create_application_version(self) -> ActionResult:
        given = self.given()
        if "SourceBuildInformation" in given:
            raise InvalidParameterCombination("SourceBuildInformation is not there in this stand-in.")
        version = self.backend.create_application_version(
            given["ApplicationName"],
            given["VersionLabel"],
            self.request_id,
            description=given.get("Description"),
            source=given.get("SourceBundle"),
            process=given.get("Process", False),
            create_application=given.get("AutoCreateApplication", False),
        )
        return ActionResult({"ApplicationVersion": version.describe()})

    def describe_application_versions(self) -> ActionResult:
        given = self.given()
        found = [
            version.describe()
            for version in self.backend.versions()
            if given.get("ApplicationName") in (None, version.application_name)
            and version.label in given.get("VersionLabels", [version.label])
        ]
        page, token = _page(found, given)
        return ActionResult({"ApplicationVersions": page, "NextToken": token})

    def delete_application_version(self) -> ActionResult:
        given = self.given()
        self.backend.delete_application_version(
            given["ApplicationName"],
            given["VersionLabel"],
            with_bundle=given.get("DeleteSourceBundle", False),
        )
        return EmptyResult()

    def create_environment(self) -> ActionResult:
        given = self.given()
        if "TemplateName" in given:
            raise InvalidParameterValue(f"No Configuration Template named '{given['TemplateName']}' found.")
        if "EnvironmentName" not in given:
            raise MissingRequiredParameter("EnvironmentName is required.")
        created = self.backend.create_environment(
            given["ApplicationName"],
            given["EnvironmentName"],
            self.request_id,
            platform=given.get("SolutionStackName", given.get("PlatformArn")),
            label=given.get("VersionLabel"),
            description=given.get("Description"),
            cname_prefix=given.get("CNAMEPrefix"),
            tier=given.get("Tier"),
            settings=given.get("OptionSettings", ()),
        )
        return ActionResult(created)

    def describe_environments(self) -> ActionResult:
        given = self.given()
        found = []
        for environment in self.backend.environments.values():
            shown = environment.describe()
            if (
                given.get("ApplicationName") in (None, shown["ApplicationName"])
                and given.get("VersionLabel") in (None, shown["VersionLabel"])
                and shown["EnvironmentName"] in given.get("EnvironmentNames", [shown["EnvironmentName"]])
                and shown["EnvironmentId"] in given.get("EnvironmentIds", [shown["EnvironmentId"]])
            ):
                found.append(shown)
        page, token = _page(found, given)
        return ActionResult({"Environments": page, "NextToken": token})

    def update_environment(self) -> ActionResult:
        given = self.given()
        environment = self.backend.environment(
            given.get("EnvironmentName"), given.get("EnvironmentId"), given.get("ApplicationName")
        )
        if "TemplateName" in given:
            raise InvalidParameterValue(f"No Configuration Template named '{given['TemplateName']}' found.")
        updated = self.backend.update_environment(
            environment,
            self.request_id,
            label=given.get("VersionLabel"),
            platform=given.get("SolutionStackName", given.get("PlatformArn")),
            description=given.get("Description"),
            tier=given.get("Tier"),
            settings=given.get("OptionSettings", ()),
            removed=given.get("OptionsToRemove", ()),
        )
        return ActionResult(updated)

    def abort_environment_update(self) -> ActionResult:
        given = self.given()
        environment = self.backend.environment(given.get("EnvironmentName"), given.get("EnvironmentId"))
        self.backend.abort_environment_update(environment)
        return EmptyResult()

    def describe_events(self) -> ActionResult:
        given = self.given()
        names = {
            "ApplicationName": "application_name",
            "VersionLabel": "version_label",
            "EnvironmentName": "environment_name",
            "EnvironmentId": "environment_id",
            "RequestId": "request_id",
        }
        events, more = self.backend.find_events(
            {names[name]: given[name] for name in names if name in given},
            given.get("Severity", "TRACE"),
            _aware(given.get("StartTime")),
            _aware(given.get("EndTime")),
            given.get("MaxRecords", MOST_EVENTS),
            _place(given),
        )
        return ActionResult(
            {"Events": [event.describe() for event in events], "NextToken": _token(given, more)}
        )

    def describe_environment_health(self) -> ActionResult:
        given = self.given()
        environment = self.backend.enhanced_environment(
            given.get("EnvironmentName"), given.get("EnvironmentId"), "DescribeEnvironmentHealth"
        )
        asked = given.get("AttributeNames", [])
        return ActionResult(_chosen(environment.describe_health(), asked, "EnvironmentName"))

    def describe_instances_health(self) -> ActionResult:
        given = self.given()
        environment = self.backend.enhanced_environment(
            given.get("EnvironmentName"), given.get("EnvironmentId"), "DescribeInstancesHealth"
        )
        asked = given.get("AttributeNames", [])
        listed = [
            _chosen(environment.describe_instance(instance), asked, "InstanceId")
            for instance in environment.instances
        ]
        return ActionResult({"InstanceHealthList": listed, "RefreshedAt": environment.now()})

    def describe_configuration_settings(self) -> ActionResult:
        given = self.given()
        self.backend.application(given["ApplicationName"])
        template, name = given.get("TemplateName"), given.get("EnvironmentName")
        if template is not None and name is not None:
            raise InvalidParameterCombination("Only one of TemplateName and EnvironmentName can be given.")
        if template is not None:
            raise InvalidParameterValue(f"No Configuration Template named '{template}' found.")
        environment = self.backend.environment(name, None, given["ApplicationName"])
        return ActionResult({"ConfigurationSettings": environment.describe_settings()})

    def describe_configuration_options(self) -> ActionResult:
        given = self.given()
        platform = given.get("SolutionStackName", given.get("PlatformArn"))
        if "EnvironmentName" in given:
            platform = self.backend.environment(
                given["EnvironmentName"], None, given.get("ApplicationName")
            ).platform
        asked = [(option.get("Namespace"), option.get("OptionName")) for option in given.get("Options", ())]
        described = [
            options.describe(namespace, name, option)
            for namespace, named in options.definitions().items()
            for name, option in named.items()
            if name != "*" and (not asked or (namespace, name) in asked or (namespace, None) in asked)
        ]
        stack = self.backend.known_platform(platform) if platform is not None else None
        return ActionResult({"SolutionStackName": stack, "Options": described})

    def describe_account_attributes(self) -> ActionResult:
        self.given()
        quotas = {name: {"Maximum": maximum} for name, maximum in self.backend.quotas.items()}
        return ActionResult({"ResourceQuotas": quotas})

    def create_storage_location(self) -> ActionResult:
        self.given()
        return ActionResult({"S3Bucket": self.backend.create_storage_location()})


def _check(shape: Any, value: Any, where: str) -> None:
    """Required members, lengths, ranges and closed sets of botocore's model. The wording is AWS's elsewhere."""
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                raise MissingRequiredParameter(f"{where}{name} is required.")
        for name, member in value.items():
            _check(shape.members[name], member, f"{where}{name}" if not where else f"{where}.{name}")
    elif shape.type_name == "list":
        for place, member in enumerate(value, start=1):
            _check(shape.member, member, f"{where}.{place}")
    elif shape.type_name in ("string", "integer"):
        limits, measured = shape.metadata, len(value) if shape.type_name == "string" else value
        quantity = "length" if shape.type_name == "string" else "value"
        constraint = None
        if "enum" in limits and value not in limits["enum"]:
            constraint = f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
        elif measured < limits.get("min", measured):
            constraint = f"Member must have {quantity} greater than or equal to {limits['min']}"
        elif measured > limits.get("max", measured):
            constraint = f"Member must have {quantity} less than or equal to {limits['max']}"
        if constraint:
            raise InvalidParameterValue(
                f"Value '{value}' at '{where}' failed to satisfy constraint: {constraint}"
            )


def _chosen(described: dict[str, Any], asked: Sequence[str], always: str) -> dict[str, Any]:
    """The attributes that were asked for; without any, only the name or id."""
    if "All" in asked:
        return described
    return {name: value for name, value in described.items() if name == always or name in asked}


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _page(found: list[Any], given: dict[str, Any]) -> tuple[list[Any], str | None]:
    """Without MaxRecords everything comes in one answer."""
    start = _place(given) or 0
    end = start + given.get("MaxRecords", len(found))
    return found[start:end], _token(given, end if end < len(found) else None)


def _token(given: dict[str, Any], place: int | None) -> str | None:
    if place is None:
        return None
    return base64.b64encode(json.dumps([place, _fingerprint(given)]).encode()).decode()


def _place(given: dict[str, Any]) -> int | None:
    """Where a NextToken goes on; all other parameters must be those of the call that it comes from."""
    token = given.get("NextToken")
    if token is None:
        return None
    try:
        place, fingerprint = json.loads(base64.b64decode(token))
    except ValueError:
        fingerprint = None
    if fingerprint != _fingerprint(given):
        raise InvalidParameterValue("The NextToken is not valid for this request.")
    return int(place)


def _fingerprint(given: dict[str, Any]) -> str:
    return json.dumps(
        {name: value for name, value in given.items() if name != "NextToken"}, default=str, sort_keys=True
    )
