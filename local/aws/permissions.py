"""Callers and their permissions. The grants that calls use are recorded."""

from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends

from local.aws.policies import Context, Statement, evaluate, listed, matching, statements_in, verdict
from local.settings import ACCOUNT, PARTITION, REGION

Grant = tuple[str, str, str]
"""A grant that a call used: the ARN of the role, the Sid of the statement that allowed the call, and the action."""
_used: set[Grant] = set()


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
        """Assumes a role, and returns the environment variables with its credentials.

        Calls with these credentials are recorded under the principal `name`.
        """
        role = sts_backends[ACCOUNT]["aws"].assume_role(REGION, session, role_arn, None, 3600, None)
        self._sessions[role.access_key_id] = Principal(name, role.arn, role_arn, role.access_key_id, role.user_id)
        return {
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token,
        }

    def principal(self, access_key: str) -> Principal:
        """Returns the caller with this access key. If an API call assumed the role, the name is the session name."""
        principal = self._sessions.get(access_key)
        if principal is None and (role := sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(access_key)):
            principal = Principal(role.session_name, role.arn, role.role_arn, access_key, role.user_id)
            self._sessions[access_key] = principal
        return principal or TEST

    def credentials(self, access_key: str) -> tuple[str, str | None] | None:
        """Returns the secret and the session token of an access key. None: the key does not exist."""
        if access_key == TEST.access_key:
            return "test", None
        role = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(access_key)
        return (role.secret_access_key, role.session_token) if role else None


def denial(principal: Principal, action: str, resource: str, more: Context | None = None) -> str | None:
    """Returns the message of AWS's error. None: the action is allowed.

    `more` contains the values of further condition keys. A bucket's policy also applies to the credentials `test`.
    """
    context: Context = {"aws:securetransport": "true", "aws:principalarn": principal.arn, **(more or {})}
    allowed = principal.role is None or _evaluated(principal.role, action, resource, context)
    if allowed is None:
        why = f"because no identity-based policy allows the {action} action"
    elif not allowed:
        why = "with an explicit deny in an identity-based policy"
    elif action.startswith("s3:") and evaluate(_statements_of_bucket(resource), action, resource, context) is False:
        why = "with an explicit deny in a resource-based policy"
    else:
        return None
    return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} {why}"


def role_may(role_arn: str, action: str, resource: str) -> bool:
    return bool(_evaluated(role_arn, action, resource, {}))


def simulated(role_arn: str, action: str, resource: str) -> str:
    """Returns the decision of IAM's policy simulator. No call is made, so no grants are recorded as used."""
    allowed = evaluate(_statements_of(role_arn), action, resource, {})
    return {True: "allowed", False: "explicitDeny", None: "implicitDeny"}[allowed]


def service_may(policy: str | None, service: str, action: str, resource: str, source: str) -> bool:
    """Whether the policy of a resource allows an AWS service to call the action on behalf of the resource `source`."""
    # aws:sourceowner: the default policy of a topic allows every principal whose aws:SourceOwner is the account.
    account = {"aws:sourceaccount": ACCOUNT, "aws:sourceowner": ACCOUNT}
    context: Context = {"aws:sourcearn": source, **account, "aws:securetransport": "true"}
    statements = [
        statement
        for statement in statements_in(policy or '{"Statement": []}')
        if (principal := statement["Principal"]) in ("*", {"AWS": "*"})
        or service in listed(principal.get("Service", []))
    ]
    return bool(evaluate(statements, action, resource, context))


def grants_used() -> list[Grant]:
    return sorted(_used)


def _evaluated(role_arn: str, action: str, resource: str, context: Context) -> bool | None:
    found = matching(_statements_of(role_arn), action, resource, context)
    if allowed := verdict(found):
        _used.update((role_arn, statement.get("Sid", ""), action) for statement in found)
    return allowed


def _statements_of(role_arn: str) -> list[Statement]:
    role = iam_backends[ACCOUNT]["aws"].get_role(role_arn.rsplit("/", 1)[1])
    attached = [v.document for policy in role.managed_policies.values() for v in policy.versions if v.is_default]
    return [statement for document in [*role.policies.values(), *attached] for statement in statements_in(document)]


def _statements_of_bucket(resource: str) -> list[Statement]:
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(resource.split(":::")[-1].split("/")[0])
    return statements_in(bucket.policy.decode()) if bucket is not None and bucket.policy else []
