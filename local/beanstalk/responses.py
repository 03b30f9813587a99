"""The wire: requests checked against botocore's model, objects answered by the names of their fields."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from botocore import xform_name
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model
from moto.elasticbeanstalk.models import eb_backends

from .exceptions import BeanstalkError, InvalidParameterValue, MissingRequiredParameter
from .models import ElasticBeanstalkBackend
from .operations import Operations


class BeanstalkResponse(BaseResponse):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(service_name="elasticbeanstalk")

    def _dispatch(self, request: Any, full_url: str, headers: Any) -> Any:
        """One request id in events, body and headers, and timestamps with milliseconds."""
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

    def _operation(self, request: Any, backend: ElasticBeanstalkBackend, request_id: str) -> Callable[[], object]:
        """After what AWS checks before it looks at anything else.

        For an operation that it does not find, moto raises what becomes a page of HTML.
        """
        action, model = self._get_action() or "", get_service_model("elasticbeanstalk")
        if action not in model.operation_names or not hasattr(Operations, xform_name(action)):
            raise BeanstalkError("InvalidAction", f"Could not find operation {action} for version 2010-12-01")
        try:
            self.parse_parameters(request)
        except (ValueError, TypeError) as error:
            raise InvalidParameterValue(str(error)) from error
        if (shape := model.operation_model(action).input_shape) is not None:
            _check(shape, self.params)
        operation: Callable[[], object] = getattr(Operations(backend, self.params, request_id), xform_name(action))
        return operation


def _check(shape: Any, value: Any, where: str = "") -> None:
    """Required members, lengths, ranges and closed sets. The wording is that of other AWS services."""
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                raise MissingRequiredParameter(f"{where}{name} is required.")
        for name, member in value.items():
            _check(shape.members[name], member, f"{where}{name}.")
    elif shape.type_name == "list":
        for place, member in enumerate(value, start=1):
            _check(shape.member, member, f"{where}{place}.")
    elif shape.type_name in ("string", "integer"):
        limits, constraint = shape.metadata, None
        measured, quantity = (value, "value") if shape.type_name == "integer" else (len(value), "length")
        if "enum" in limits and value not in limits["enum"]:
            constraint = f"satisfy enum value set: [{', '.join(limits['enum'])}]"
        elif measured < limits.get("min", measured):
            constraint = f"have {quantity} greater than or equal to {limits['min']}"
        elif measured > limits.get("max", measured):
            constraint = f"have {quantity} less than or equal to {limits['max']}"
        if constraint:
            failed = f"Value '{value}' at '{where[:-1]}' failed to satisfy constraint"
            raise InvalidParameterValue(f"{failed}: Member must {constraint}")
