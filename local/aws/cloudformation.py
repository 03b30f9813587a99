"""CloudFormation's API, reduced to the operations that show the stack's state, parameters and resources.

Moto's CloudFormation is not used, because it would create stacks itself, and because it imports services that the
stand-in does not load.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from local.aws.provisioning import Stack
from local.aws.refusals import Refused
from local.settings import ACCOUNT, PARTITION, REGION, STACK

STACK_ID = f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/00000000-0000-0000-0000-000000000000"
CREATED = datetime.now(UTC)


def application(current: Callable[[], Stack]) -> Callable[..., Any]:
    """Returns a WSGI application. Its only stack is the one that `current` returns. Every list is on one page."""

    @Request.application
    def answer(request: Request) -> Response:
        action, name = request.values.get("Action", ""), request.values.get("StackName", STACK)
        if action not in OPERATIONS:
            raise Refused("InvalidAction", f"Could not find operation {action} for version 2010-05-15")
        if name not in (STACK, STACK_ID):
            raise Refused("ValidationError", f"Stack with id {name} does not exist")
        model = get_service_model("cloudformation").operation_model(action)
        written = get_serializer_class("cloudformation", "query")(model).serialize(OPERATIONS[action](current()))
        return Response(written["body"], written["status_code"], written["headers"])

    return answer


def _described(stack: Stack) -> dict[str, Any]:
    described = {
        "StackId": STACK_ID,
        "StackName": STACK,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": CREATED,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in stack.outputs.items()],
    }
    return {"Stacks": [described]}


def _resources(stack: Stack) -> dict[str, Any]:
    """Lists the resources. The value of Ref is used as the physical id.

    In CloudFormation, the two differ for permissions and inline policies.
    """
    summaries = [
        {
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.ref,
            "ResourceType": resource.type,
            "ResourceStatus": "CREATE_COMPLETE",
            "LastUpdatedTimestamp": CREATED,
        }
        for resource in stack.resources.values()
    ]
    return {"StackResourceSummaries": summaries}


OPERATIONS = {"DescribeStacks": _described, "ListStackResources": _resources}
