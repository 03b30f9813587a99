"""Elastic Beanstalk's platform versions and platform branches.

`platforms.json` has a row for each platform version. The names of the solution stacks are from moto's list of July
2025. The names of the branches have the form in a published response of DescribeEnvironments. For example, the stack
`64bit Amazon Linux 2023 v5.3.0 running Tomcat 10 Corretto 21` is version 5.3.0 of the branch `Tomcat 10 with Corretto
21 running on 64bit Amazon Linux 2023`. All branches of Amazon Linux 2 were retired on 6 August 2026 (release notes). If
a row has no branch state, the state is Supported. The newest version of a branch is recommended, and the other versions
are marked as superseded.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .exceptions import InvalidParameterValue
from .options import Given
from .tables import table

PLATFORMS: list[dict[str, Any]] = table("platforms")
STACKS: list[str] = [row["SolutionStackName"] for row in PLATFORMS]
IN_SINGULAR = {
    "SupportedTier": "SupportedTierList",
    "TierType": "SupportedTierList",
    "SupportedAddon": "SupportedAddonList",
}
"""The filters that search a list. Each filter is mapped to the member that contains the list."""

OPERATORS: dict[str, Callable[[list[str], Sequence[str]], bool]] = {
    "=": lambda values, wanted: not set(values).isdisjoint(wanted),
    "in": lambda values, wanted: not set(values).isdisjoint(wanted),
    "!=": lambda values, wanted: set(values).isdisjoint(wanted),
    "not_in": lambda values, wanted: set(values).isdisjoint(wanted),
    "<": lambda values, wanted: any(_number(value) < _number(wanted[0]) for value in values),
    "<=": lambda values, wanted: any(_number(value) <= _number(wanted[0]) for value in values),
    ">": lambda values, wanted: any(_number(value) > _number(wanted[0]) for value in values),
    ">=": lambda values, wanted: any(_number(value) >= _number(wanted[0]) for value in values),
    "contains": lambda values, wanted: any(part in value for value in values for part in wanted),
    "begins_with": lambda values, wanted: any(value.startswith(tuple(wanted)) for value in values),
    "ends_with": lambda values, wanted: any(value.endswith(tuple(wanted)) for value in values),
}
"""The operators of filters (API reference, PlatformFilter and SearchFilter)."""


def platform(solution_stack: str) -> str:
    """Returns the name and the version of the platform, in the form of its ARN."""
    row = PLATFORMS[STACKS.index(solution_stack)]
    return f"{row['PlatformBranchName']}/{row['PlatformVersion']}"


def solution_stack(given: Given, current: str | None = None) -> str:
    """Returns the solution stack that a request identifies by name or by platform ARN."""
    identifier = given.get("SolutionStackName", given.get("PlatformArn", current))
    if identifier is None:
        raise InvalidParameterValue("Unable to determine base for template pack (no solution stack)")
    for stack in STACKS:
        if identifier == stack or identifier.endswith(f"::platform/{platform(stack)}"):
            return stack
    raise InvalidParameterValue(
        f"No {'Platform' if ':' in identifier else 'Solution Stack'} named '{identifier}' found."
    )


def described(stack: str, region: str) -> dict[str, Any]:
    row = PLATFORMS[STACKS.index(stack)]
    state = {} if "Superseded" in row else {"PlatformLifecycleState": "Recommended"}
    return {
        **table("defaults")["platform"],
        "PlatformBranchLifecycleState": "Supported",
        "PlatformArn": f"arn:aws:elasticbeanstalk:{region}::platform/{platform(stack)}",
        "PlatformName": row["PlatformBranchName"],
        **state,
        **row,
    }


def newest(solution_stack: str) -> str:
    """Returns the solution stack of the recommended version of the same branch."""
    branch = PLATFORMS[STACKS.index(solution_stack)]["PlatformBranchName"]
    same = [row for row in PLATFORMS if row["PlatformBranchName"] == branch and "Superseded" not in row]
    return str(same[0]["SolutionStackName"])


def versions(region: str, filters: Iterable[Given]) -> list[dict[str, Any]]:
    """Returns the platform versions that match every filter."""
    return _filtered([described(stack, region) for stack in STACKS], "Type", filters)


def branches(filters: Iterable[Given]) -> list[dict[str, Any]]:
    """Returns the platform branches that match every filter."""
    rows = {row["PlatformBranchName"]: row for row in reversed(PLATFORMS)}
    listed = [
        {
            "PlatformName": row["Family"],
            "BranchName": name,
            "BranchOrder": order,
            "LifecycleState": row.get("PlatformBranchLifecycleState", "Supported"),
            "SupportedTierList": table("defaults")["platform"]["SupportedTierList"],
        }
        for order, (name, row) in enumerate(reversed(rows.items()), start=1)
    ]
    return _filtered(listed, "Attribute", filters)


def _filtered(rows: list[dict[str, Any]], attribute: str, filters: Iterable[Given]) -> list[dict[str, Any]]:
    """Returns the rows that match every filter. AWS's messages for unknown filters are not known."""
    members = {member for row in rows for member in row}
    for each in filters:
        name, operator = each.get(attribute, ""), OPERATORS.get(each.get("Operator", ""))
        member = IN_SINGULAR.get(name, name)
        if operator is None or member not in members:
            raise InvalidParameterValue(f"The filter {name} {each.get('Operator')} is not supported.")
        rows = [row for row in rows if operator(_as_list(row.get(member)), each.get("Values", ()))]
    return rows


def _as_list(value: object) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [str(value)]


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]
