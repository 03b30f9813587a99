"""The expanded template has no fault, and each check finds a planted fault."""

import json
import re
import tomllib
from functools import cache

import pytest

from tests import gate
from tests.unit import access_checks
from tests.unit import template_checks as checks
from tests.unit.template_checks import CHECKS, Model, is_schedule

TEXT = gate.TEMPLATE.read_text()


@cache
def sound() -> Model:
    return Model(gate.expand(TEXT))


def planted(there: str, fault: str) -> Model:
    assert there in TEXT, "the template has changed; plant the fault elsewhere"
    return Model(gate.expand(TEXT.replace(there, fault, 1)))


def actions(model: Model, function: str) -> set[str]:
    return {
        action
        for where, statement in checks.statements(model)
        if where.startswith(f"{function}Role/")
        for action in model.texts(statement["Action"])
    }


@pytest.mark.parametrize("check", [*CHECKS, *access_checks.CHECKS], ids=lambda check: check.__name__)
def test_the_template_has_none_of_the_known_faults(check):
    assert check(sound()) == []


DEAD_LETTERS = "      RedrivePolicy: {deadLetterTargetArn: !GetAtt DropsDead.Arn, maxReceiveCount: 20}\n"


@pytest.mark.parametrize(
    ("check", "there", "fault", "named"),
    [
        (
            checks.functions_have_exactly_the_variables_that_they_read,
            "          DROP_PREFIX: !Ref DropPrefix\n",
            "",
            "ReceiveDrop: DROP_PREFIX is missing",
        ),
        (
            checks.functions_have_exactly_the_variables_that_they_read,
            "        LEDGER_TABLE: !Ref Ledger\n",
            "        LEDGER_TABLE: !Ref Ledger\n        MAILBOX_URL: !Ref Mailbox\n",
            "PostToSlack: nothing reads MAILBOX_URL",
        ),
        (checks.functions_have_a_dead_letter_path, DEAD_LETTERS, "", "ReceiveDrop"),
        (
            checks.functions_have_a_dead_letter_path,
            "          OnFailure: {Type: SQS, Destination: !GetAtt TicksDead.Arn}",
            "          OnSuccess: {Type: SQS, Destination: !GetAtt TicksDead.Arn}",
            "ReceiveDrop",
        ),
        (checks.queues_have_a_dead_letter_queue_or_are_one, DEAD_LETTERS, "", "Drops"),
        (
            checks.queues_have_a_dead_letter_queue_or_are_one,
            "deadLetterTargetArn: !GetAtt MailboxDead.Arn",
            "deadLetterTargetArn: !GetAtt DropsDead.Arn",
            "Mailbox",
        ),
        (
            checks.senders_have_a_dead_letter_queue,
            "          DeadLetterConfig: {Arn: !GetAtt DropsDead.Arn}\n",
            "",
            "ObjectCreated",
        ),
        (
            checks.senders_have_a_dead_letter_queue,
            "        DeadLetterConfig: {Arn: !GetAtt TicksDead.Arn}\n",
            "",
            "Sweep",
        ),
        (
            checks.functions_have_a_log_group_with_retention_and_a_timeout,
            "    Properties: {RetentionInDays: !Ref LogRetentionDays}",
            "",
            "ReceiveDrop",
        ),
        (checks.functions_have_a_log_group_with_retention_and_a_timeout, "      Timeout: 60\n", "", "ReceiveDrop"),
        (
            checks.dead_letter_queues_have_an_alarm_that_publishes,
            "      AlarmActions: [!Ref AlertTopic]\n",
            "",
            "DropsDead",
        ),
        (
            checks.dead_letter_queues_have_an_alarm_that_publishes,
            "Value: !GetAtt MailboxDead.QueueName",
            "Value: !GetAtt Mailbox.QueueName",
            "MailboxDead",
        ),
        (
            checks.alarms_on_dead_letters_become_alerts,
            "          - !GetAtt MailboxDeadAlarm.Arn\n",
            "",
            "MailboxDeadAlarm",
        ),
        (
            checks.alarms_on_dead_letters_become_alerts,
            "${TicksDeadAlarm},",
            "",
            "TicksDeadAlarm",
        ),
        (
            checks.dead_letters_are_kept_for_two_weeks,
            "MessageRetentionPeriod: 1209600",
            "MessageRetentionPeriod: 60",
            "DropsDead",
        ),
        (checks.queues_are_encrypted_by_sqs_itself, "      SqsManagedSseEnabled: true\n", "", "Drops"),
        (
            checks.queues_are_encrypted_by_sqs_itself,
            "      SqsManagedSseEnabled: true\n",
            "      KmsMasterKeyId: alias/aws/sqs\n",
            "Drops",
        ),
        (
            checks.topics_can_be_published_to_by_alarms,
            "    Type: AWS::SNS::Topic\n",
            "    Type: AWS::SNS::Topic\n    Properties: {KmsMasterKeyId: alias/aws/sns}\n",
            "AlertTopic",
        ),
        (checks.messages_stay_hidden_long_enough, "VisibilityTimeout: 360", "VisibilityTimeout: 60", "Drops"),
        (checks.messages_stay_hidden_long_enough, "VisibilityTimeout: 90", "VisibilityTimeout: 30", "Mailbox"),
        (
            checks.nothing_has_a_fixed_name,
            "      FifoQueue: true\n",
            "      FifoQueue: true\n      QueueName: mailbox.fifo\n",
            "Mailbox",
        ),
        (
            checks.nothing_has_a_fixed_name,
            "Name: !Sub /${AWS::StackName}/outputs",
            "Name: /wardrop/outputs",
            "StackOutputs",
        ),
        (checks.buckets_are_private, "BlockPublicPolicy: true", "BlockPublicPolicy: false", "DropBucket"),
        (
            checks.buckets_are_private,
            'Condition: {Bool: {aws:SecureTransport: "false"}}',
            'Condition: {Bool: {aws:ViaAWSService: "false"}}',
            "DropBucket",
        ),
        (
            access_checks.messages_are_sent_only_over_tls,
            "              - !GetAtt TicksDead.Arn\n              - !GetAtt AlertsDead.Arn\n",
            "              - !GetAtt AlertsDead.Arn\n",
            "TicksDead",
        ),
        (
            access_checks.messages_are_sent_only_over_tls,
            "            Condition: *without-tls\n  AlertByEmail",
            "            Condition: {Bool: {aws:ViaAWSService: 'false'}}\n  AlertByEmail",
            "AlertTopic",
        ),
        (
            access_checks.services_that_may_send_are_named,
            "            Condition: {ArnEquals: {aws:SourceArn: !GetAtt ObjectCreated.Arn}}\n",
            "",
            "DropsPolicy/FromOurRule",
        ),
        (
            access_checks.releases_are_never_overwritten,
            '"Null": {s3:if-none-match: "true"}',
            '"Null": {s3:if-match: "true"}',
            "ReleaseBucket",
        ),
        (
            access_checks.rules_name_the_account,
            "        source: [aws.s3]\n        account: [!Ref AWS::AccountId]\n",
            "        source: [aws.s3]\n",
            "ObjectCreated",
        ),
        (
            access_checks.roles_have_the_permissions_boundary,
            "      PermissionsBoundary: *boundary\n",
            "",
            "SweepRole",
        ),
        (checks.what_holds_data_outlives_the_stack, "    DeletionPolicy: RetainExceptOnCreate\n", "", "DropBucket"),
        (
            checks.mappings_scale_as_lambda_allows,
            "MaximumConcurrency: 2",
            "MaximumConcurrency: 1",
            "BeanstalkEventsMapping",
        ),
        (
            checks.throttled_polls_fill_no_dead_letter_queue,
            "MailboxDead.Arn, maxReceiveCount: 20",
            "MailboxDead.Arn, maxReceiveCount: 5",
            "Mailbox",
        ),
        (
            checks.mappings_scale_as_lambda_allows,
            "      FunctionResponseTypes: [ReportBatchItemFailures]\n",
            "",
            "DropsMapping",
        ),
        (checks.endpoints_are_for_signed_requests, "AuthType: AWS_IAM", "AuthType: NONE", "RunCommandUrl"),
        (
            checks.endpoints_are_for_signed_requests,
            "AuthorizationType: AWS_IAM",
            "AuthorizationType: NONE",
            "CommandApiRoute",
        ),
        (
            checks.endpoints_are_for_signed_requests,
            "      SourceArn: !Sub arn:${AWS::Partition}:execute-api",
            "      #: !Sub arn:${AWS::Partition}:execute-api",
            "CommandApiPermission",
        ),
        (
            checks.keys_are_used_only_through_a_service,
            '                    StringEquals: {kms:ViaService: !Sub "s3.${AWS::Region}.${AWS::URLSuffix}"}\n',
            '                    StringEquals: {aws:SourceAccount: "123456789012"}\n',
            "OpenDrops",
        ),
        (
            checks.keys_are_used_only_through_a_service,
            '"kms:EncryptionContext:SecretARN"',
            '"aws:PrincipalTag/team"',
            "OpenSlackSecret",
        ),
        (
            checks.functions_are_invoked_by_their_alias,
            "FunctionName: !Ref ReceiveDrop.Alias",
            "FunctionName: !Ref ReceiveDrop",
            "DropsMapping: does not invoke the alias",
        ),
        (
            checks.functions_are_invoked_by_their_alias,
            "Arn: !Ref WatchEnvironments.Alias",
            "Arn: !GetAtt WatchEnvironments.Arn",
            "Tick: does not invoke the alias",
        ),
        (
            checks.functions_are_invoked_by_their_alias,
            "    AutoPublishAlias: live\n",
            "",
            "SendAlerts: has no alias",
        ),
        (
            checks.functions_are_invoked_by_their_alias,
            "      Qualifier: live\n",
            "      Qualifier: $LATEST\n",
            "RunCommandUrl: not for the alias",
        ),
        (
            checks.versions_follow_the_parameters,
            "      VersionDescription: !Sub SettleSeconds=${SettleSeconds}\n",
            "",
            "AdvanceDeployment: its versions follow [] instead of ['SettleSeconds']",
        ),
        (
            checks.versions_follow_the_parameters,
            "- DropPrefix=${DropPrefix}",
            "- DropPrefix=${DropPrefix}${AlertEmail}",
            "ReceiveDrop: its versions follow ['AlertEmail', 'DropBucketName', 'DropPrefix', 'MakesDropBucket', ",
        ),
        (checks.schedules_are_valid, "rate(1 minute)", "rate(1 minutes)", "Tick"),
        (checks.schedules_are_valid, "rate(1 minute)", "cron(0 3 * * *)", "Tick"),
        (
            checks.our_statements_have_a_sid,
            "              - Sid: MakeVersions\n                Effect",
            "              - Effect",
            "",
        ),
        (
            checks.our_statements_have_a_sid,
            "          - Sid: FromOurAlarms\n            Effect",
            "          - Effect",
            "",
        ),
        (
            access_checks.roles_have_no_managed_policy_but_beanstalks,
            "      Policies:\n        - PolicyName: ReceiveDrop\n",
            "      ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess']\n"
            "      Policies:\n        - PolicyName: ReceiveDrop\n",
            "PowerUserAccess is attached",
        ),
        (
            checks.roles_grant_actions_that_exist_on_resources_that_fit,
            "Action: dynamodb:Query\n",
            "Action: dynamodb:QueryItems\n",
            "there is no action dynamodb:QueryItems",
        ),
        (
            checks.roles_grant_actions_that_exist_on_resources_that_fit,
            "Resource: !Sub ${Ledger.Arn}/index/active",
            "Resource: !GetAtt Mailbox.Arn",
            "dynamodb:Query is not for",
        ),
        (
            checks.roles_grant_actions_that_exist_on_resources_that_fit,
            "Action: ssm:GetParameter\n                Resource: !Sub",
            'Action: ssm:GetParameter\n                Resource: "*" #',
            "ssm:GetParameter is not for *",
        ),
        (
            checks.roles_grant_actions_that_exist_on_resources_that_fit,
            ":${AWS::AccountId}:application/${Applications}\n",
            ":${AWS::AccountId}:app/${Applications}\n",
            "also needs application",
        ),
        (
            checks.roles_grant_actions_that_exist_on_resources_that_fit,
            ":environment/${Applications}/*\n",
            ":environment/${Applications}\n",
            "no action here is for",
        ),
        (
            checks.roles_grant_actions_that_exist_on_resources_that_fit,
            "                Action: s3:PutObject\n                Resource: !Sub ${ReleaseBucket.Arn}/*",
            "                Action: s3:PutObject\n                Resource: !GetAtt ReleaseBucket.Arn",
            "s3:PutObject is not for",
        ),
    ],
)
def test_a_planted_fault_is_found_and_named(check, there, fault, named):
    found = check(planted(there, fault))
    assert any(named in one for one in found), found


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minute)",
        "rate(2 minutes)",
        "rate(1 day)",
        "cron(0 3 * * ? *)",
        "cron(15 10 ? * MON-FRI *)",
        "cron(0/5 8-17 ? * 2,4 2026-2030)",
        "cron(0 0 L * ? *)",
    ],
)
def test_a_valid_schedule_is_recognised(expression):
    assert is_schedule(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(30 seconds)",
        "cron(0 3 * * *)",
        "cron(0 3 * * * *)",
        "cron(0 3 ? * ? *)",
        "cron(60 3 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 3 * 13 ? *)",
        "cron(0 3 ? * 0 *)",
        "cron(0/0 3 * * ? *)",
        "0 3 * * ? *",
        "",
    ],
)
def test_a_schedule_that_aws_would_refuse_is_recognised(expression):
    assert not is_schedule(expression)


def test_a_tick_names_its_minute_so_that_the_mailbox_takes_each_once():
    tick = sound().of("AWS::Scheduler::Schedule")["Tick"]
    assert tick["Target"]["Input"] == '{"tick": "<aws.scheduler.scheduled-time>"}'


@pytest.mark.parametrize(
    ("function", "needed"),
    [
        # A transaction needs the rights for its operations, and no right for the transaction.
        ("AdvanceDeployment", {"dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"}),
        ("ReceiveDrop", {"dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}),
        ("WatchEnvironments", {"dynamodb:Query"}),
        ("GuardConfiguration", {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}),
        (
            "RunCommand",
            {
                "dynamodb:ConditionCheckItem",
                "dynamodb:DeleteItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
            },
        ),
        ("CleanVersions", {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"}),
    ],
)
def test_a_role_may_do_what_its_function_does_with_the_ledger(function, needed):
    assert needed <= actions(sound(), function)


def test_a_customers_key_is_granted_to_the_functions_that_need_it_and_to_no_other():
    grants = {
        (where.partition("Role/")[0], action, statement["Resource"].get("Ref"))
        for where, statement in checks.statements(sound())
        for action in sound().texts(statement["Action"])
        if action.startswith("kms:") and "Ref" in statement["Resource"]
    }
    assert grants == {
        ("ReceiveDrop", "kms:Decrypt", "DropKeyArn"),
        ("ReceiveDrop", "kms:Decrypt", "ReleaseKeyArn"),
        ("ReceiveDrop", "kms:GenerateDataKey", "ReleaseKeyArn"),
        ("AdvanceDeployment", "kms:Decrypt", "ReleaseKeyArn"),
        ("DecryptConfigurations/DecryptConfigurations/DecryptConfigurations", "kms:Decrypt", "ConfigurationKeyArn"),
    }


def test_every_role_that_reads_configurations_may_decrypt_them_with_a_customers_key():
    [policy] = sound().of("AWS::IAM::Policy").values()
    readers = {
        where.partition("/")[0]
        for where, statement in checks.statements(sound())
        if "ssm:GetParameter" in str(statement)
    }
    assert {name for name in readers if name in json.dumps(policy["Roles"])} == readers
    assert json.dumps(policy["Roles"]).count("Role") == len(readers)


def test_the_logs_in_beanstalks_bucket_may_be_read_by_the_functions_that_explain_failures_and_nothing_else_of_it():
    folder = "/resources/environments/logs/"
    granted = {
        (
            where.partition("Role/")[0],
            tuple(sound().texts(statement["Action"])),
            str(statement["Resource"]).partition(folder)[2].partition("/")[0],
        )
        for where, statement in checks.statements(sound())
        if "elasticbeanstalk-" in str(statement.get("Resource"))
    }
    assert granted == {
        ("AdvanceDeployment", ("s3:GetObject",), "deployments"),
        ("AdvanceDeployment", ("s3:DeleteObject", "s3:GetObject", "s3:PutObject"), "tail"),
        ("AdvanceDeployment", ("s3:ListBucket",), ""),
        ("WatchEnvironments", ("s3:GetObject",), "deployments"),
        ("WatchEnvironments", ("s3:ListBucket",), ""),
    }


@pytest.mark.parametrize(("condition", "parameter"), [("HasDropKey", "DropKeyArn"), ("HasReleaseKey", "ReleaseKeyArn")])
def test_without_a_customers_key_nothing_refers_to_it(condition, parameter):
    def references(value) -> int:
        """Outside of what is chosen only with the key."""
        match value:
            case {"Ref": name}:
                return int(name == parameter)
            case {"Fn::If": [name, chosen, other]}:
                return references(other) + (0 if name == condition else references(chosen))
            case dict():
                return sum(map(references, value.values()))
            case list():
                return sum(map(references, value))
            case _:
                return 0

    assert references(sound().resources) == 0


def test_partitions_are_never_spelled_out():
    assert re.findall(r"arn:aws[:-]", TEXT) == []


@pytest.mark.parametrize(
    ("applications", "accepted"),
    [
        ("*", True),
        ("my shop*", True),
        ('my shop (v2), "blue" + green [x]', True),
        ("it's_a.shop-2", True),
        ("a**b", False),
        ("a/b", False),
        ("a\\b", False),
        ("${aws:username}", False),
        ("sho?", False),
        ("", False),
    ],
)
def test_the_parameter_applications_accepts_names_that_are_safe_in_policies_and_event_patterns(applications, accepted):
    pattern = sound().template["Parameters"]["Applications"]["AllowedPattern"]
    assert (re.fullmatch(pattern, applications) is not None) == accepted


def test_the_gate_names_what_the_translator_refuses():
    with pytest.raises(gate.CannotExpand, match="Pigeon"):
        gate.expand(TEXT.replace("OnFailure: {Type: SQS,", "OnFailure: {Type: Pigeon,", 1))


def test_versions_are_counted_in_the_whole_region_whatever_applications_are_served():
    model = planted('Default: "*"', "Default: shop*")
    counted = [
        resource
        for where, statement in checks.statements(model)
        if where.startswith("CleanVersionsRole/")
        and "elasticbeanstalk:DescribeApplicationVersions" in model.texts(statement["Action"])
        for resource in model.texts(statement["Resource"])
    ]
    assert [resource.partition("applicationversion")[2] for resource in counted] == ["/*/*"]


def test_the_release_has_the_version_of_the_project_and_what_the_application_repository_asks_for():
    about = sound().template["Metadata"]["AWS::ServerlessRepo::Application"]
    project = tomllib.loads((gate.TEMPLATE.parent / "pyproject.toml").read_text())["project"]
    assert (about["SemanticVersion"], about["SpdxLicenseId"]) == (project["version"], project["license"])
    assert re.fullmatch(r"[A-Za-z0-9-]{1,140}", about["Name"])
    assert 1 <= len(about["Description"]) <= 256
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9]|-(?!-))*", about["Author"])
    assert len(about["Labels"]) <= 10
    assert all(re.fullmatch(r"[A-Za-z0-9+\-_:/@]{1,127}", label) for label in about["Labels"])
    assert all((gate.TEMPLATE.parent / about[name]).is_file() for name in ("LicenseUrl", "ReadmeUrl"))


def test_by_default_no_function_of_a_check_can_be_invoked():
    template = sound().template
    [statement] = [
        statement["Fn::If"]
        for policy in template["Resources"]["AdvanceDeploymentRole"]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "RunChecks" in str(statement)
    ]
    condition, granted, otherwise = statement
    assert (condition, otherwise) == ("HasCheckFunctions", {"Ref": "AWS::NoValue"})
    assert template["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CheckFunctions"}, ""]}]}
    assert template["Parameters"]["CheckFunctions"]["Default"] == ""
    assert granted["Action"] == "lambda:InvokeFunction"
    assert granted["Resource"] == {"Fn::Split": [",", {"Ref": "CheckFunctions"}]}


@pytest.mark.parametrize(
    ("value", "is_allowed"),
    [
        ("", True),
        ("arn:aws:lambda:us-east-1:123456789012:function:smoke", True),
        (
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:smoke-*:live,arn:aws:lambda:eu-west-1:1234567890123:x",
            False,
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:a*,arn:aws:lambda:us-east-1:123456789012:function:b:$LATEST",
            True,
        ),
        ("smoke", False),
        ("*", False),
        ("arn:aws:lambda:*:*:function:smoke", False),
        ("arn:aws:lambda:us-east-1:123456789012:function:a, arn:aws:lambda:us-east-1:123456789012:function:b", False),
    ],
)
def test_the_functions_of_checks_are_arns_of_one_account_and_region_each(value, is_allowed):
    pattern = sound().template["Parameters"]["CheckFunctions"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) is is_allowed
