"""Reads the resources that the chosen parameters name, and collects the findings about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from installation.account import Account, Identity
from installation.beanstalk import faults_of_applications, faults_of_roles
from installation.combinations import KEYS, faults_of_combinations
from installation.drop_bucket import faults_of_bucket
from installation.findings import CannotTell, Finding, unread
from installation.keys import faults_of_key
from installation.slack_secret import faults_of_secret
from installation.stacks import faults_of_sharing


@dataclass(frozen=True)
class Plan:
    """The stack that is about to be installed."""

    stack: str
    region: str
    identity: Identity
    values: Mapping[str, str]


def check(plan: Plan, account: Account) -> list[Finding]:
    """Returns the findings about the chosen parameters.

    The form of the values, for example of ARNs, is not checked here, because `faults_of_values` has already checked it.
    """
    combined = faults_of_combinations(plan.values, plan.region, plan.identity.account)
    return [*combined, *_of_account(plan, account)]


def _of_account(plan: Plan, account: Account) -> Iterator[Finding]:
    values = plan.values
    match account.stacks():
        case CannotTell() as unknown:
            yield unread("shared-applications", "whether another stack serves the same applications", unknown)
        case stacks:
            yield from faults_of_sharing(plan.stack, values["Applications"], stacks)
    yield from faults_of_applications(values["Applications"], account.applications())
    if (access := values["DownstreamAccess"]) == "operations-role":
        yield from faults_of_roles(values["Applications"], access, account.environments())
    if bucket := values["DropBucketName"]:
        yield from faults_of_bucket(account.bucket(bucket), plan.region)
    if arn := values["SlackSecretArn"]:
        yield from faults_of_secret(account.secret(arn), values["SlackChannel"])
    for parameter in KEYS:
        if arn := values[parameter]:
            yield from faults_of_key(parameter, account.key_state(arn))
