"""The platforms in moto's list, and their descriptions."""

from typing import Any

from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from .exceptions import InvalidParameterValue, MissingRequiredParameter
from .options import Given
from .tables import table

STACKS: list[str] = [details["SolutionStackName"] for details in SOLUTION_STACK_DETAILS]


def platform(solution_stack: str) -> str:
    """The platform name in an ARN. The stack `OS v1 running Software` is the platform `Software running on OS/1`."""
    system, _, software = solution_stack.partition(" running ")
    return f"{software} running on {system.replace(' v', '/')}"


def branch(solution_stack: str) -> str:
    return platform(solution_stack).rpartition("/")[0]


def solution_stack(given: Given, current: str | None = None) -> str:
    """The solution stack that a request contains by name or by platform ARN."""
    if "TemplateName" in given:
        raise InvalidParameterValue(f"No Configuration Template named '{given['TemplateName']}' found.")
    identifier = given.get("SolutionStackName", given.get("PlatformArn", current))
    if identifier is None:
        raise MissingRequiredParameter("SolutionStackName or PlatformArn is required.")
    for stack in STACKS:
        if identifier == stack or identifier.endswith(f"/{platform(stack)}"):
            return stack
    raise InvalidParameterValue(f"No Solution Stack named '{identifier}' found.")


def branches() -> list[dict[str, Any]]:
    return [
        {
            "PlatformName": name.split(" running on ")[0].split(" ")[0],
            "BranchName": name,
            "BranchOrder": order,
            **table("defaults")["branch"],
        }
        for order, name in enumerate(dict.fromkeys(map(branch, STACKS)), start=1)
    ]


def described(stack: str, region: str) -> dict[str, Any]:
    return {
        "PlatformArn": f"arn:aws:elasticbeanstalk:{region}::platform/{platform(stack)}",
        "PlatformName": branch(stack),
        "PlatformVersion": platform(stack).rpartition("/")[2],
        "SolutionStackName": stack,
        "PlatformBranchName": branch(stack),
        **table("defaults")["platform"],
    }
