"""Who calls, and what the policies say to it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends

from local.settings import ACCOUNT, PARTITION, REGION

Statement = dict[str, Any]
Context = dict[str, str]


class UnknownOperator(NotImplementedError):
    """A policy uses a condition operator that is not evaluated here."""


@dataclass(frozen=True)
class Principal:
    """`role` is None for the stand-in's own credentials, which may do everything."""

    name: str
    arn: str
    role: str | None = None


TEST = Principal("test", f"arn:{PARTITION}:iam::{ACCOUNT}:user/test")


class Permissions:
    def __init__(self) -> None:
        self._sessions: dict[str, Principal] = {}

    def assume(self, name: str, role_arn: str, session: str) -> dict[str, str]:
        """Credentials of a role for a function's environment; `name` is how its calls are shown."""
        role = sts_backends[ACCOUNT]["aws"].assume_role(REGION, session, role_arn, None, 3600, None)
        arn = f"arn:{PARTITION}:sts::{ACCOUNT}:assumed-role/{role_arn.rsplit('/', 1)[1]}/{session}"
        self._sessions[role.access_key_id] = Principal(name, arn, role_arn.rsplit("/", 1)[1])
        return {
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token,
        }

    def principal(self, access_key: str) -> Principal:
        return self._sessions.get(access_key, TEST)

    def denial(self, principal: Principal, action: str, resource: str) -> str | None:
        """AWS's words for why not; None if it may."""
        if principal.role is None:
            return None
        context = {"aws:SecureTransport": "true", "aws:PrincipalArn": principal.arn}
        statements = _statements_of(principal.role)
        verdict = evaluate(statements, action, resource, context)
        if verdict is None:
            why = f"because no identity-based policy allows the {action} action"
        elif not verdict:
            why = "with an explicit deny in an identity-based policy"
        elif _denied_by_bucket(action, resource, context):
            why = "with an explicit deny in a resource-based policy"
        else:
            return None
        return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} {why}"

    def role_may(self, role_arn: str, action: str, resource: str) -> bool:
        return bool(evaluate(_statements_of(role_arn.rsplit("/", 1)[1]), action, resource, {}))


def service_may(policy: str | None, service: str, action: str, resource: str, source: str) -> bool:
    """Whether a resource's own policy lets a service of AWS in, on behalf of the resource `source`."""
    statements = json.loads(policy)["Statement"] if policy else []
    context = {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT, "aws:SecureTransport": "true"}
    return bool(evaluate(_listed(statements), action, resource, context, service))


def evaluate(
    statements: Iterable[Statement], action: str, resource: str, context: Context, service: str | None = None
) -> bool | None:
    """True: allowed. False: explicitly denied. None: nothing speaks of it."""
    allowed = None
    for statement in statements:
        if service and not _is_for(statement.get("Principal"), service):
            continue
        if _covers(statement, action, resource) and _holds(statement.get("Condition", {}), context):
            if statement["Effect"] == "Deny":
                return False
            allowed = True
    return allowed


def _is_for(principal: Any, service: str) -> bool:
    return principal == "*" or service in _listed((principal or {}).get("Service", []))


def _covers(statement: Statement, action: str, resource: str) -> bool:
    def matches(name: str, value: str) -> bool:
        if name in statement:
            return any(_like(pattern, value, name == "Action") for pattern in _listed(statement[name]))
        negated = statement.get(f"Not{name}", [])
        return bool(negated) and not any(_like(p, value, name == "Action") for p in _listed(negated))

    # a trust policy has no resource
    return matches("Action", action) and (
        matches("Resource", resource) or not {"Resource", "NotResource"} & statement.keys()
    )


def _holds(conditions: dict[str, dict[str, Any]], context: Context) -> bool:
    # the names of condition keys have no case: Lambda itself writes AWS:SourceArn
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _met(operator, known.get(key.lower()), [str(value) for value in _listed(values)])
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _met(operator: str, actual: str | None, wanted: list[str]) -> bool:
    name = operator.removesuffix("IfExists")
    positive = name.replace("Not", "")
    if positive in ("StringEquals", "Bool"):
        found = actual is not None and any(
            actual.lower() == w.lower() if name == "Bool" else actual == w for w in wanted
        )
    elif positive in ("StringLike", "ArnLike", "ArnEquals"):
        found = actual is not None and any(_like(pattern, actual) for pattern in wanted)
    else:
        raise UnknownOperator(f"the condition operator {operator} is not evaluated here")
    if actual is None and operator.endswith("IfExists"):
        return True
    return found != (name != positive)


@lru_cache(maxsize=4096)
def _pattern(pattern: str, any_case: bool) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL | (re.IGNORECASE if any_case else 0))


def _like(pattern: str, value: str, any_case: bool = False) -> bool:
    return _pattern(pattern, any_case).fullmatch(value) is not None


def _statements_of(role_name: str) -> list[Statement]:
    backend = iam_backends[ACCOUNT]["aws"]
    role = backend.get_role(role_name)
    attached = [version for policy in role.managed_policies.values() for version in policy.versions]
    documents = [*role.policies.values(), *(version.document for version in attached if version.is_default)]
    return [statement for document in documents for statement in _statements(document)]


@lru_cache(maxsize=256)
def _statements(document: str) -> list[Statement]:
    text = document if document.lstrip().startswith("{") else unquote(document)
    statements: list[Statement] = _listed(json.loads(text)["Statement"])
    return statements


def _denied_by_bucket(action: str, resource: str, context: Context) -> bool:
    if not action.startswith("s3:"):
        return False
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(resource.split(":::")[-1].split("/")[0])
    policy = bucket.policy if bucket is not None else None
    return (
        bool(policy)
        and evaluate(_statements(policy.decode() if isinstance(policy, bytes) else policy), action, resource, context)
        is False
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
