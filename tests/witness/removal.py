"""Removes the resources in the ledger of a run. A resource that does not exist counts as removed."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.witness.account import Account
from tests.witness.ledger import Ledger

GONE = ("NoSuchEntity", "NoSuchBucket", "ResourceNotFoundException", "QueueDoesNotExist")
LONGEST = 30 * 60
"""AWS's seconds for which the removal waits for environments. An environment that is updated cannot be terminated."""


class Left(Exception):
    """Some resources could not be removed. The arguments are the reasons."""


def remove(account: Account, ledger: Ledger) -> None:
    """Tries to remove every resource. Raises Left if some remain, which the ledger then lists."""
    reasons = []
    for made in ledger.made:
        try:
            _REMOVERS[made.kind](account, made.name)
        except (BotoCoreError, ClientError, TimeoutError) as error:
            if not _is_gone(error):
                reasons.append(f"{made.kind} {made.name}: {error}")
                continue
        ledger.removed(made)
    if reasons:
        raise Left(*reasons)


def _is_gone(error: Exception) -> bool:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return code.rsplit(".", 1)[-1] in (*GONE, "NonExistentQueue")


def _remove_application(account: Account, name: str) -> None:
    """Raises TimeoutError if an environment cannot be terminated for too long."""
    beanstalk, until = account.client("elasticbeanstalk"), account.clock.limit(LONGEST)
    while rest := _environments(account, name):
        if account.clock.seconds() > until:
            raise TimeoutError(f"{len(rest)} environments are not terminated")
        for environment in rest:
            _try_to_end(account, environment)
        # The clock's `pause` would raise Interrupted, because a person may have ended the run.
        time.sleep(10 / account.clock.speed)
    listed = beanstalk.describe_environments(ApplicationName=name, IncludeDeleted=True)["Environments"]
    if beanstalk.describe_applications(ApplicationNames=[name])["Applications"]:
        beanstalk.delete_application(ApplicationName=name, TerminateEnvByForce=True)
    for environment in listed:
        _remove_files(account, environment["EnvironmentId"])


def _environments(account: Account, application: str) -> dict[str, dict[str, str]]:
    answer = account.client("elasticbeanstalk").describe_environments(ApplicationName=application)
    return {each["EnvironmentId"]: each for each in answer["Environments"] if each["Status"] != "Terminated"}


def _try_to_end(account: Account, environment_id: str) -> None:
    """Ends an update, or terminates the environment. A refusal means that another attempt is made later."""
    beanstalk = account.client("elasticbeanstalk")
    for attempt in (beanstalk.terminate_environment, beanstalk.abort_environment_update):
        try:
            attempt(EnvironmentId=environment_id)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 400:
                raise
        else:
            return


def _remove_files(account: Account, environment_id: str) -> None:
    """Deletes the files of an environment from Beanstalk's bucket, which belongs to the account."""
    bucket = f"elasticbeanstalk-{account.region}-{account.identity[0]}"
    for kind in ("", "logs/deployments/", "logs/tail/", "logs/bundle/", "logs/publish/"):
        _empty(account.client("s3"), bucket, f"resources/environments/{kind}{environment_id}/")


def _remove_bucket(account: Account, name: str) -> None:
    s3 = account.client("s3")
    _empty(s3, name)
    s3.delete_bucket(Bucket=name)


def _empty(s3: Any, bucket: str, prefix: str = "") -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for each in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


def _remove_queue(account: Account, name: str) -> None:
    sqs = account.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _remove_rule(account: Account, name: str) -> None:
    events = account.client("events")
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


def _remove_role(account: Account, name: str) -> None:
    iam = account.client("iam")
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


def _remove_profile(account: Account, name: str) -> None:
    iam = account.client("iam")
    for role in iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
    iam.delete_instance_profile(InstanceProfileName=name)


_REMOVERS: dict[str, Callable[[Account, str], None]] = {
    "application": _remove_application,
    "bucket": _remove_bucket,
    "queue": _remove_queue,
    "rule": _remove_rule,
    "role": _remove_role,
    "profile": _remove_profile,
}
"""By the kind of an entry of the ledger."""
