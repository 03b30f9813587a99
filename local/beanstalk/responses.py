"""The wire: requests checked against botocore's model, objects answered by the names of their fields."""

import base64
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationNotFoundError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import get_service_model
from moto.elasticbeanstalk.models import eb_backends

from . import options, reports
from .events import Event
from .exceptions import (
    BeanstalkError,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingRequiredParameter,
)
from .models import ElasticBeanstalkBackend
from .options import Given

MOST_EVENTS = 1000
_EVENT_FILTERS = {
    "ApplicationName": "application_name",
    "VersionLabel": "version_label",
    "EnvironmentName": "environment_name",
    "EnvironmentId": "environment_id",
    "RequestId": "request_id",
    "TemplateName": "template_name",
    "PlatformArn": "platform_arn",
}


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
            return  # call_action says so
        except (ValueError, TypeError) as error:
            self.ill_typed = str(error)

    def call_action(self) -> Any:
        """For an operation that it does not find, moto raises what becomes a page of HTML."""
        action = self._get_action() or ""
        if action in get_service_model("elasticbeanstalk").operation_names:
            try:
                with self.backend.service.lock:
                    return super().call_action()
            except NotImplementedError:
                pass
        error = BeanstalkError("InvalidAction", f"Could not find operation {action} for version 2010-12-01")
        status, headers, body = self.serialized(ActionResult(error))
        return status, *self._enrich_response({**headers, "status": status}, body)

    def _enrich_response(self, headers: dict[str, Any], body: Any) -> tuple[dict[str, str], Any]:
        """One request id everywhere, and timestamps with milliseconds."""
        headers["x-amzn-requestid"] = self.request_id
        body = body.replace("<RequestId>request-id</RequestId>", f"<RequestId>{self.request_id}</RequestId>")
        body = re.sub(r"(T\d\d:\d\d:\d\d\.\d{3})000Z<", r"\1Z<", body)
        return {name: str(value) for name, value in headers.items()}, body

    def given(self) -> Given:
        """The request's parameters, after what AWS checks before it looks at anything else."""
        if self.ill_typed is not None:
            raise InvalidParameterValue(self.ill_typed)
        shape = get_service_model("elasticbeanstalk").operation_model(self._get_action()).input_shape
        if shape is not None:
            _check(shape, self.params, "")
        return self.params

    def create_application(self) -> ActionResult:
        return ActionResult({"Application": self.backend.create_application(self.given())})

    def describe_applications(self) -> ActionResult:
        names = self.given().get("ApplicationNames")
        found = [each for each in self.backend.applications.values() if names is None or each.name in names]
        return ActionResult({"Applications": found})

    def create_application_version(self) -> ActionResult:
        version = self.backend.create_application_version(self.given(), self.request_id)
        return ActionResult({"ApplicationVersion": version})

    def describe_application_versions(self) -> ActionResult:
        given = self.given()
        application, labels = given.get("ApplicationName"), given.get("VersionLabels")
        return _page(
            "ApplicationVersions",
            given,
            [
                each
                for each in self.backend.versions()
                if application in (None, each.application_name) and (labels is None or each.version_label in labels)
            ],
        )

    def delete_application_version(self) -> ActionResult:
        self.backend.delete_application_version(self.given())
        return EmptyResult()

    def create_environment(self) -> ActionResult:
        return ActionResult(self.backend.create_environment(self.given(), self.request_id))

    def describe_environments(self) -> ActionResult:
        given = self.given()
        application, label = given.get("ApplicationName"), given.get("VersionLabel")
        names, ids = given.get("EnvironmentNames"), given.get("EnvironmentIds")
        return _page(
            "Environments",
            given,
            [
                seen
                for seen in (environment.seen() for environment in self.backend.environments.values())
                if application in (None, seen.application_name) and label in (None, seen.version_label)
                if (names is None or seen.name in names) and (ids is None or seen.id in ids)
            ],
        )

    def update_environment(self) -> ActionResult:
        return ActionResult(self.backend.update_environment(self.given(), self.request_id))

    def abort_environment_update(self) -> ActionResult:
        self.backend.abort_environment_update(self.given())
        return EmptyResult()

    def describe_events(self) -> ActionResult:
        given, events = self.given(), list[Event]()
        start, end = _aware(given.get("StartTime")), _aware(given.get("EndTime"))
        wanted = {_EVENT_FILTERS[name]: value for name, value in given.items() if name in _EVENT_FILTERS}
        log, severity = self.backend.events, given.get("Severity", "TRACE")
        for place, event in log.find(wanted, severity, start, end, _place(given)):
            if len(events) == given.get("MaxRecords", MOST_EVENTS):
                return ActionResult({"Events": events, "NextToken": _token(place + 1)})
            events.append(event)
        return ActionResult({"Events": events})

    def describe_environment_health(self) -> ActionResult:
        environment = self.backend.enhanced_environment(self.given(), "DescribeEnvironmentHealth")
        return ActionResult(self._asked(reports.environment_health(environment), "EnvironmentName"))

    def describe_instances_health(self) -> ActionResult:
        environment = self.backend.enhanced_environment(self.given(), "DescribeInstancesHealth")
        every = [reports.instance_health(environment, instance) for instance in environment.instances]
        listed = [self._asked(instance, "InstanceId") for instance in every]
        return ActionResult({"InstanceHealthList": listed, "RefreshedAt": environment.now()})

    def _asked(self, report: dict[str, Any], always: str) -> dict[str, Any]:
        """The attributes that were asked for; without any, only the name or id."""
        asked = (always, *self.given().get("AttributeNames", ()))
        return report if "All" in asked else {name: report[name] for name in report if name in asked}

    def describe_configuration_settings(self) -> ActionResult:
        given = self.given()
        self.backend.application(given["ApplicationName"])
        if "TemplateName" in given and "EnvironmentName" in given:
            raise InvalidParameterCombination("Only one of TemplateName and EnvironmentName can be given.")
        if "TemplateName" in given:
            raise InvalidParameterValue(f"No Configuration Template named '{given['TemplateName']}' found.")
        return ActionResult({"ConfigurationSettings": reports.configuration_settings(self.backend.environment(given))})

    def describe_configuration_options(self) -> ActionResult:
        given, stack = self.given(), None
        if "EnvironmentName" in given:
            stack = self.backend.environment(given).solution_stack_name
        elif "SolutionStackName" in given or "PlatformArn" in given:
            stack = self.backend.solution_stack(given)
        described = options.described(given.get("Options", ()))
        return ActionResult({"SolutionStackName": stack, "Options": described})

    def describe_account_attributes(self) -> ActionResult:
        quotas = {name: {"Maximum": maximum} for name, maximum in self.backend.quotas.items()}
        return ActionResult({"ResourceQuotas": quotas})

    def create_storage_location(self) -> ActionResult:
        return ActionResult({"S3Bucket": self.backend.create_storage_location()})


def _check(shape: Any, value: Any, where: str) -> None:
    """Required members, lengths, ranges and closed sets. The wording is that of other AWS services."""
    if shape.type_name == "structure":
        missing = [name for name in shape.required_members if name not in value]
        if missing:
            raise MissingRequiredParameter(f"{'.'.join(filter(None, (where, missing[0])))} is required.")
        for name, member in value.items():
            _check(shape.members[name], member, f"{where}.{name}" if where else name)
    elif shape.type_name == "list":
        for place, member in enumerate(value, start=1):
            _check(shape.member, member, f"{where}.{place}")
    elif shape.type_name in ("string", "integer"):
        limits, text = shape.metadata, shape.type_name == "string"
        measured, quantity = (len(value), "length") if text else (value, "value")
        constraint = None
        if "enum" in limits and value not in limits["enum"]:
            constraint = f"satisfy enum value set: [{', '.join(limits['enum'])}]"
        elif measured < limits.get("min", measured):
            constraint = f"have {quantity} greater than or equal to {limits['min']}"
        elif measured > limits.get("max", measured):
            constraint = f"have {quantity} less than or equal to {limits['max']}"
        if constraint:
            raise InvalidParameterValue(
                f"Value '{value}' at '{where}' failed to satisfy constraint: Member must {constraint}"
            )


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _page(name: str, given: Given, found: Sequence[Any]) -> ActionResult:
    """Without MaxRecords everything comes in one answer."""
    start = _place(given) or 0
    end = start + given.get("MaxRecords", len(found))
    return ActionResult({name: found[start:end], "NextToken": _token(end) if end < len(found) else None})


def _token(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode()


def _place(given: Given) -> int | None:
    """Where a NextToken goes on; as in AWS, all other parameters have to stay the same."""
    if "NextToken" not in given:
        return None
    try:
        return int(base64.b64decode(given["NextToken"]))
    except ValueError:
        raise InvalidParameterValue("The NextToken is not valid.") from None
