"""The evaluation of policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

Statement = dict[str, Any]
Context = Mapping[str, str | list[str]]
"""The values of condition keys. The keys are in lower case, because IAM ignores their case."""
OPERATORS = {"ArnEquals", "ArnLike", "Bool", "ForAllValues:StringLike", "Null", "StringEquals", "StringLike"}


class NotEvaluated(NotImplementedError):
    """A policy uses a feature that is not supported here."""


def evaluate(statements: Iterable[Statement], action: str, resource: str, context: Context) -> bool | None:
    """Returns True if the action is allowed, False if it is explicitly denied, and None if no statement matches."""
    return verdict(matching(statements, action, resource, context))


def verdict(statements: list[Statement]) -> bool | None:
    """Returns the decision of statements that match, in the same form as `evaluate`."""
    return all(statement["Effect"] == "Allow" for statement in statements) if statements else None


def matching(statements: Iterable[Statement], action: str, resource: str, context: Context) -> list[Statement]:
    return [
        statement
        for statement in statements
        if _among(statement, "Action", action)
        and _among(statement, "Resource", resource)
        and all(_met(context, *condition) for condition in statement.get("Condition", {}).items())
    ]


def _among(statement: Statement, element: str, value: str) -> bool:
    """Whether the statement's element, such as Action or NotResource, matches the value.

    IAM ignores the case of action names.
    """
    if "NotAction" in statement:
        raise NotEvaluated("NotAction in a policy is not supported here")
    is_excluded = element not in statement
    patterns = listed(statement[f"Not{element}" if is_excluded else element])
    return any(_like(pattern, value, any_case=element == "Action") for pattern in patterns) is not is_excluded


def _met(context: Context, operator: str, keys: dict[str, Any]) -> bool:
    if operator not in OPERATORS:
        raise NotEvaluated(f"the condition operator {operator} is not supported here")
    return all(
        _holds(operator, context.get(key.lower()), [str(value) for value in listed(given)])
        for key, given in keys.items()
    )


def _holds(operator: str, actual: str | list[str] | None, expected: list[str]) -> bool:
    values = [] if actual is None else listed(actual)
    match operator:
        case "Null":
            return (not values) == (expected[0].lower() == "true")
        case "ForAllValues:StringLike":  # as in IAM, the condition is met if the key has no value
            return all(any(_like(pattern, value) for pattern in expected) for value in values)
        case "Bool":
            return any(value in [text.lower() for text in expected] for value in values)
        case "StringEquals":
            return any(value in expected for value in values)
        case _:
            return any(_like(pattern, value) for pattern in expected for value in values)


@lru_cache(maxsize=4096)
def _pattern(pattern: str, *, any_case: bool) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL | (re.IGNORECASE if any_case else 0))


def _like(pattern: str, value: str, *, any_case: bool = False) -> bool:
    return _pattern(pattern, any_case=any_case).fullmatch(value) is not None


@lru_cache(maxsize=256)
def statements_in(document: str) -> list[Statement]:
    text = document if document.lstrip().startswith("{") else unquote(document)
    statements: list[Statement] = listed(json.loads(text)["Statement"])
    return statements


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
