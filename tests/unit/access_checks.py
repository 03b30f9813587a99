"""Checks who can use the stack's resources. Each check returns the faults, one line each."""

import json

from tests.unit.template_checks import Model


def roles_have_no_managed_policy_but_beanstalks(model: Model) -> list[str]:
    """AWS's policies for Lambda allow every log group, queue or stream of the account."""
    allowed = {"", "arn:aws:iam::aws:policy/AdministratorAccess-AWSElasticBeanstalk"}
    attached = {
        name: set(model.texts(role.get("ManagedPolicyArns"))) for name, role in model.of("AWS::IAM::Role").items()
    }
    return [
        f"{name}: {policy} is attached" for name, policies in attached.items() for policy in sorted(policies - allowed)
    ]


def roles_have_the_permissions_boundary(model: Model) -> list[str]:
    given = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
    roles = model.of("AWS::IAM::Role").items()
    return [f"{name}: no permissions boundary" for name, role in roles if role.get("PermissionsBoundary") != given]


def messages_are_sent_only_over_tls(model: Model) -> list[str]:
    closed = {
        arn
        for policy in model.of("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for arn in model.texts(statement["Resource"])
    }
    names = [*model.queues(), *model.of("AWS::SNS::Topic")]
    return [f"{name}: accepts messages without TLS" for name in names if model.arn(name) not in closed]


def services_that_may_send_are_named(model: Model) -> list[str]:
    """Without aws:SourceArn, a service would also send for other accounts."""
    return [
        f"{name}/{statement['Sid']}: does not name the sender"
        for name, policy in model.of("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy").items()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and "aws:SourceArn" not in json.dumps(statement.get("Condition"))
    ]


def releases_are_never_overwritten(model: Model) -> list[str]:
    condition = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
    protected = {
        model.named(policy["Bucket"])
        for policy in model.of("AWS::S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:PutObject")
        and statement["Condition"] == condition
    }
    return [] if "ReleaseBucket" in protected else ["ReleaseBucket: a bundle may be overwritten"]


def rules_name_the_account(model: Model) -> list[str]:
    rules = model.of("AWS::Events::Rule").items()
    ours = [{"Ref": "AWS::AccountId"}]
    return [
        f"{name}: matches events of any account" for name, one in rules if one["EventPattern"].get("account") != ours
    ]


CHECKS = [
    messages_are_sent_only_over_tls,
    releases_are_never_overwritten,
    roles_have_no_managed_policy_but_beanstalks,
    roles_have_the_permissions_boundary,
    rules_name_the_account,
    services_that_may_send_are_named,
]
