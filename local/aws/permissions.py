"""Callers, and the evaluation of policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""

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
"""The values of condition keys. The keys are in lower case, because IAM ignores their case."""
OPERATORS = {"ArnEquals", "ArnLike", "Bool", "StringEquals", "StringLike"}


class NotEvaluated(NotImplementedError):
    """A policy uses a feature that is not supported here."""


@dataclass(frozen=True)
class Principal:
    """A caller. `role` is None for the credentials `test`, which have every permission."""

    name: str
    arn: str
    role: str | None = None
    access_key: str = "test"
    id: str = "AIDATEST"


TEST = Principal("test", f"arn:{PARTITION}:iam::{ACCOUNT}:user/test")


class Permissions:
    def __init__(self) -> None:
        self._sessions: dict[str, Principal] = {}

    def assume(self, name: str, role_arn: str, session: str) -> dict[str, str]:
        """The environment variables with a role's credentials. The calls are recorded under the principal `name`."""
        role = sts_backends[ACCOUNT]["aws"].assume_role(REGION, session, role_arn, None, 3600, None)
        self._sessions[role.access_key_id] = Principal(name, role.arn, role_arn, role.access_key_id, role.user_id)
        return {
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token,
        }

    def principal(self, access_key: str) -> Principal:
        """The caller. If the role was assumed by the API, the principal's name is the session name."""
        principal = self._sessions.get(access_key)
        if principal is None and (role := sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(access_key)):
            principal = Principal(role.session_name, role.arn, role.role_arn, access_key, role.user_id)
            self._sessions[access_key] = principal
        return principal or TEST

    def credentials(self, access_key: str) -> tuple[str, str | None] | None:
        """The secret and the session token of an access key. None: the key does not exist."""
        if access_key == TEST.access_key:
            return "test", None
        role = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(access_key)
        return (role.secret_access_key, role.session_token) if role else None


def denial(principal: Principal, action: str, resource: str, more: Context | None = None) -> str | None:
    """The text of AWS's error. None: the action is allowed. `more` are condition keys of the service."""
    if principal.role is None:
        return None
    context = {"aws:securetransport": "true", "aws:principalarn": principal.arn, **(more or {})}
    verdict = evaluate(_statements_of(principal.role), action, resource, context)
    if verdict is None:
        why = f"because no identity-based policy allows the {action} action"
    elif not verdict:
        why = "with an explicit deny in an identity-based policy"
    elif action.startswith("s3:") and evaluate(_statements_of_bucket(resource), action, resource, context) is False:
        why = "with an explicit deny in a resource-based policy"
    else:
        return None
    return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} {why}"


def role_may(role_arn: str, action: str, resource: str) -> bool:
    return bool(evaluate(_statements_of(role_arn), action, resource, {}))


def service_may(policy: str | None, service: str, action: str, resource: str, source: str) -> bool:
    """Whether a resource's policy allows the action to an AWS service that acts on behalf of the resource `source`."""
    # the default policy of a topic allows every principal whose aws:SourceOwner is the account
    account = {"aws:sourceaccount": ACCOUNT, "aws:sourceowner": ACCOUNT}
    context = {"aws:sourcearn": source, **account, "aws:securetransport": "true"}
    statements = [
        statement
        for statement in _statements(policy or '{"Statement": []}')
        if (principal := statement["Principal"]) in ("*", {"AWS": "*"})
        or service in _listed(principal.get("Service", []))
    ]
    return bool(evaluate(statements, action, resource, context))


def evaluate(statements: Iterable[Statement], action: str, resource: str, context: Context) -> bool | None:
    """True: allowed. False: explicitly denied. None: no statement matches."""
    effects = {
        statement["Effect"]
        for statement in statements
        if _among(statement, "Action", action)
        and _among(statement, "Resource", resource)
        and all(_met(context, *condition) for condition in statement.get("Condition", {}).items())
    }
    return None if not effects else "Deny" not in effects


def _among(statement: Statement, element: str, value: str) -> bool:
    """Whether the element matches the value. IAM ignores the case of action names."""
    if f"Not{element}" in statement:
        raise NotEvaluated(f"Not{element} in a policy is not supported here")
    return any(_like(pattern, value, any_case=element == "Action") for pattern in _listed(statement[element]))


def _met(context: Context, operator: str, keys: dict[str, Any]) -> bool:
    if operator not in OPERATORS:
        raise NotEvaluated(f"the condition operator {operator} is not supported here")
    for key, given in keys.items():
        actual, expected = context.get(key.lower()), [str(value) for value in _listed(given)]
        if operator == "Bool":
            met = actual in [value.lower() for value in expected]
        elif operator == "StringEquals":
            met = actual in expected
        else:
            met = actual is not None and any(_like(pattern, actual) for pattern in expected)
        if not met:
            return False
    return True


@lru_cache(maxsize=4096)
def _pattern(pattern: str, *, any_case: bool) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL | (re.IGNORECASE if any_case else 0))


def _like(pattern: str, value: str, *, any_case: bool = False) -> bool:
    return _pattern(pattern, any_case=any_case).fullmatch(value) is not None


def _statements_of(role_arn: str) -> list[Statement]:
    role = iam_backends[ACCOUNT]["aws"].get_role(role_arn.rsplit("/", 1)[1])
    attached = [v.document for policy in role.managed_policies.values() for v in policy.versions if v.is_default]
    return [statement for document in [*role.policies.values(), *attached] for statement in _statements(document)]


def _statements_of_bucket(resource: str) -> list[Statement]:
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(resource.split(":::")[-1].split("/")[0])
    return _statements(bucket.policy.decode()) if bucket is not None and bucket.policy else []


@lru_cache(maxsize=256)
def _statements(document: str) -> list[Statement]:
    text = document if document.lstrip().startswith("{") else unquote(document)
    statements: list[Statement] = _listed(json.loads(text)["Statement"])
    return statements


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
