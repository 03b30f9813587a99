"""Makes what all scenarios share: roles, a bucket with bundles, the application, and a queue for EventBridge's events.

Everything has the tag `wardrop-witness` with the name of the run.
"""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.witness.account import Account, CannotStart
from tests.witness.ledger import Ledger
from tests.witness.wars import bundles

TAG = "wardrop-witness"
POLICIES = {
    "ec2": ["AWSElasticBeanstalkWebTier"],
    "elasticbeanstalk": [
        "service-role/AWSElasticBeanstalkEnhancedHealth",
        "AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy",
    ],
}
"""By the service that assumes the role, the AWS managed policies of the role."""

VERSIONS = ("good-1", "good-2", "good-3", "silent", "unpackable", "misconfigured")
"""The versions of the application. Their bundles have the same names."""


def new_name() -> str:
    return f"{TAG}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class Site:
    name: str
    """The name of the run, the application, the bucket and the queue."""
    platform: str
    queue: str
    """The URL of the queue."""

    @property
    def service_role(self) -> str:
        return f"{self.name}-elasticbeanstalk"

    @property
    def instance_profile(self) -> str:
        return f"{self.name}-ec2"


def make(account: Account, ledger: Ledger, name: str) -> Site:
    """Raises CannotStart if the region has no Tomcat platform."""
    platform = newest_tomcat(account)
    for service in POLICIES:
        _make_role(account, ledger, name, service)
    _make_bucket(account, ledger, name)
    queue = _make_queue(account, ledger, name)
    beanstalk = account.client("elasticbeanstalk")
    beanstalk.create_application(ApplicationName=ledger.add("application", name), Tags=_tags(name))
    for label in VERSIONS:
        bundle = {"S3Bucket": name, "S3Key": f"{label}.war"}
        beanstalk.create_application_version(
            ApplicationName=name, VersionLabel=label, SourceBundle=bundle, Tags=_tags(name)
        )
    account.clock.pause(15)  # A new role cannot be assumed at once.
    return Site(name, platform, queue)


def newest_tomcat(account: Account) -> str:
    """The platform with the highest version of Tomcat, and then of Java."""
    listed = account.client("elasticbeanstalk").list_available_solution_stacks()["SolutionStacks"]
    tomcats = {
        each: found for each in listed if (found := re.search(r"Linux 2023 .* Tomcat (\d+) Corretto (\d+)", each))
    }
    if not tomcats:
        raise CannotStart("the region has no Tomcat platform on Amazon Linux 2023")
    return str(max(tomcats, key=lambda each: tuple(map(int, tomcats[each].groups()))))


def _tags(name: str) -> list[dict[str, str]]:
    return [{"Key": TAG, "Value": name}]


def _make_role(account: Account, ledger: Ledger, name: str, service: str) -> None:
    iam, role = account.client("iam"), f"{name}-{service}"
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ledger.add("role", role)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust, Tags=_tags(name))
    for policy in POLICIES[service]:
        iam.attach_role_policy(RoleName=role, PolicyArn=f"arn:{_partition(account)}:iam::aws:policy/{policy}")
    if service == "ec2":
        ledger.add("profile", role)
        iam.create_instance_profile(InstanceProfileName=role, Tags=_tags(name))
        iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)


def _partition(account: Account) -> str:
    return account.identity[1].split(":")[1]


def _make_bucket(account: Account, ledger: Ledger, name: str) -> None:
    s3, elsewhere = account.client("s3"), account.region != "us-east-1"
    where: Any = {"CreateBucketConfiguration": {"LocationConstraint": account.region}} if elsewhere else {}
    s3.create_bucket(Bucket=ledger.add("bucket", name), **where)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _tags(name)})
    for label, content in bundles().items():
        s3.put_object(Bucket=name, Key=f"{label}.war", Body=content)


def _make_queue(account: Account, ledger: Ledger, name: str) -> str:
    """The queue that receives Beanstalk's events of the application, and its rule. Returns its URL."""
    sqs, events, region, (owner, _) = account.client("sqs"), account.client("events"), account.region, account.identity
    arn, rule = (f"arn:{_partition(account)}:{kind}:{region}:{owner}:{path}" for kind, path in _paths(name))
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ],
    }
    ledger.add("queue", name)
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)}, tags={TAG: name})["QueueUrl"]
    pattern = {"source": ["aws.elasticbeanstalk"], "detail": {"ApplicationName": [name]}}
    events.put_rule(Name=ledger.add("rule", name), EventPattern=json.dumps(pattern), Tags=_tags(name))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def _paths(name: str) -> Iterator[tuple[str, str]]:
    yield "sqs", name
    yield "events", f"rule/{name}"
