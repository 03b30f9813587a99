"""The wire format of requests and responses.

Requests are checked against botocore's model. Responses are serialized from objects whose fields are named after the
members of the model.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from botocore import xform_name
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model
from moto.elasticbeanstalk.models import eb_backends

from .exceptions import BeanstalkError, InvalidParameterValue, InvalidQueryParameter, ValidationError
from .models import ElasticBeanstalkBackend
from .operations import Operations

VERSION = "2010-12-01"
OF_ANY_REQUEST = re.compile(r"Action|Version|X-Amz-[\w-]+|AWSAccessKeyId|Signature\w*|SecurityToken|Timestamp|Expires")
"""Parameters that every request may have, although no operation's model contains them."""

SCALARS = {"integer": r"-?\d{1,18}", "boolean": r"(?i:true|false)", "list": ""}
PATTERNS = {
    "ApplicationName": (r"""^[\p{Alnum}\s\"\'\_\.\,\+\-\[\]\(\)\\]+$""", r"[A-Za-z0-9\s\"'_.,+\-\[\]()\\]*"),
    "VersionLabel": ("[^/]+", "[^/]*"),
}
"""Patterns that botocore's model does not contain, keyed by the name of the shape.

The first string is the pattern in AWS's error messages, and the second is the same pattern in Python's syntax.

Sources: aws-samples/ec2-classic-resource-finder pull request 10, aws-elastic-beanstalk-cli pull request 31.
"""

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")
"""Matches characters that Beanstalk refuses in descriptions. Sources: travis-ci/dpl issues 462 and 604, aws-sdk-ruby
issue 1502. These reports are only about emoji.
"""


class BeanstalkResponse(BaseResponse):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(service_name="elasticbeanstalk")

    def _dispatch(self, request: Any, full_url: str, headers: Any) -> Any:
        """Uses the same request id in events, body and headers, and writes timestamps with milliseconds."""
        self.setup_class(request, full_url, headers)
        backend, request_id = eb_backends[self.current_account][self.region], str(uuid.uuid4())
        answer: object
        with backend.service.lock:
            try:
                answer = self._operation(request, backend, request_id)()
            except ServiceException as error:
                answer = error
            status, more, body = self.serialized(ActionResult(answer))
        body = body.replace("<RequestId>request-id</RequestId>", f"<RequestId>{request_id}</RequestId>")
        body = re.sub(r"(T\d\d:\d\d:\d\d\.\d{3})000Z<", r"\1Z<", body)
        body = re.sub(r"(T\d\d:\d\d:\d\d)Z<", r"\1.000Z<", body)
        return status, {**more, "status": str(status), "x-amzn-requestid": request_id}, body

    def determine_response_protocol(self, _: Any) -> str:
        return "query"  # for every content type

    def _operation(self, request: Any, backend: ElasticBeanstalkBackend, request_id: str) -> Callable[[], object]:
        """Checks the request and returns the operation.

        Without this check, moto would answer an unknown operation with HTML.
        """
        action, version = self._get_action() or "", request.values.get("Version", VERSION)
        model = get_service_model("elasticbeanstalk")
        if version != VERSION or action not in model.operation_names or not hasattr(Operations, xform_name(action)):
            raise BeanstalkError("InvalidAction", f"Could not find operation {action} for version {version}")
        shape = model.operation_model(action).input_shape
        for name, value in request.values.items():
            if not OF_ANY_REQUEST.fullmatch(name):
                _check_parameter(shape, name, value)
        try:
            self.parse_parameters(request)
        except (ValueError, TypeError, OverflowError, NotImplementedError) as error:
            raise InvalidParameterValue(str(error)) from error
        if violations := list(_violations(shape, self.params)) if shape is not None else []:
            errors = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected"
            raise ValidationError(f"{errors}: {'; '.join(violations)}")
        if wrong := NOT_XML.search(self.params.get("Description", "")):
            message = f"{shape.name}.Description at index {wrong.start()}"
            raise InvalidParameterValue(f"Invalid unicode xml character in {message}")
        operation: Callable[[], object] = getattr(Operations(backend, self.params, request_id), xform_name(action))
        return operation


def _check_parameter(shape: Any, name: str, value: str) -> None:
    """Checks the name and the type of a parameter.

    AWS does not document this check, and the messages are not AWS's own.
    """
    steps = iter(name.split("."))
    for step in steps:
        if shape is not None and shape.type_name == "structure" and step in shape.members:
            shape = shape.members[step]
        elif shape is not None and shape.type_name == "list" and step == "member" and next(steps, "").isdecimal():
            shape = shape.member
        else:
            raise InvalidQueryParameter(f"The parameter {name} is not recognized")
    if shape.type_name == "structure" or not re.fullmatch(SCALARS.get(shape.type_name, "(?s:.*)"), value):
        raise InvalidParameterValue(f"Value '{value}' at '{name}' is not of the type {shape.type_name}")


def _violations(shape: Any, value: Any, where: str = "") -> Iterator[str]:
    """Returns the violated constraints on required members, lengths, ranges and enumerations, in AWS's words.

    Sources: aws-cli issue 1891, lein-beanstalk pull request 40, awseb-deployment-plugin issue 4.
    """
    if shape.type_name == "structure":
        for name in [*shape.required_members, *value.keys() - set(shape.required_members)]:
            place = f"{where}{name[0].lower()}{name[1:]}"
            if name not in value:
                yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"
            else:
                yield from _violations(shape.members[name], value[name], f"{place}.")
    elif shape.type_name == "list" and shape.member.type_name == "structure":
        for number, member in enumerate(value, start=1):
            yield from _violations(shape.member, member, f"{where}{number}.member.")
    elif shape.type_name == "list":
        if any(violated for member in value for _, violated in _constraints(shape.member, member)):
            values = f"[{', '.join(map(str, value))}]"
            every = [constraint for constraint, _ in _constraints(shape.member, value[0])]
            constraint = f"Member must satisfy constraint: [{', '.join(every)}]"
            yield f"Value '{values}' at '{where[:-1]}' failed to satisfy constraint: {constraint}"
    else:
        for constraint, violated in _constraints(shape, value):
            if violated:
                yield f"Value '{value}' at '{where[:-1]}' failed to satisfy constraint: {constraint}"


def _constraints(shape: Any, value: Any) -> Iterator[tuple[str, bool]]:
    """Returns every constraint of a scalar value, and whether the value violates it."""
    limits = shape.metadata
    measured, quantity = (len(value), "length") if isinstance(value, str) else (value, "value")
    if "enum" in limits:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]", value not in limits["enum"]
    if "max" in limits:
        yield f"Member must have {quantity} less than or equal to {limits['max']}", measured > limits["max"]
    if "min" in limits:
        yield f"Member must have {quantity} greater than or equal to {limits['min']}", measured < limits["min"]
    if shape.name in PATTERNS:
        in_words, pattern = PATTERNS[shape.name]
        violated = re.fullmatch(pattern, value) is None
        yield f"Member must satisfy regular expression pattern: {in_words}", violated
