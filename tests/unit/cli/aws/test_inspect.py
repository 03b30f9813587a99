"""The readings of `wardrop doctor`. A denied call makes a check impossible. The check is then never OK."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from wardrop_cli import __version__
from wardrop_cli.aws.inspect import inspect
from wardrop_cli.doctor.findings import CannotTell, Severity
from wardrop_cli.doctor.judge import exit_code, judge
from wardrop_cli.doctor.readings import FailedUpdate, NotAnswered, Quota, Readings, SecretFault, Slack, Switch
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import not_reached
from wardrop_cli.stack import Outputs

REGION = "eu-central-1"
MONDAY, TUESDAY = (datetime(2026, 11, day, tzinfo=UTC) for day in (23, 24))
ENVIRONMENT = {
    "EnvironmentName": "shop-prod",
    "ApplicationName": "shop",
    "EnvironmentArn": f"arn:aws:elasticbeanstalk:{REGION}:123456789012:environment/shop/shop-prod",
    "Status": "Ready",
    "HealthStatus": "Ok",
    "PlatformArn": "arn:aws:elasticbeanstalk:eu-central-1::platform/Tomcat/5.7.1",
    "OperationsRole": "arn:aws:iam::123456789012:role/ops",
}
PLATFORM = {
    "PlatformArn": ENVIRONMENT["PlatformArn"],
    "PlatformOwner": "AWSElasticBeanstalk",
    "PlatformLifecycleState": "Recommended",
    "PlatformBranchLifecycleState": "Supported",
}
RESOURCES = {
    "ObjectCreated": "AWS::Events::Rule",
    "Tick": "AWS::Scheduler::Schedule",
    "MailboxMapping": "AWS::Lambda::EventSourceMapping",
    "DropsDead": "AWS::SQS::Queue",
    "Drops": "AWS::SQS::Queue",
    "SlackPosts": "AWS::SQS::Queue",
    "SlackPostsLateAlarm": "AWS::CloudWatch::Alarm",
    "AdvanceDeploymentRole": "AWS::IAM::Role",
}
STACK = {
    "StackStatus": "CREATE_COMPLETE",
    "StackId": f"arn:aws:cloudformation:{REGION}:123456789012:stack/wardrop/1",
    "Parameters": [
        {"ParameterKey": "Applications", "ParameterValue": "shop*"},
        {"ParameterKey": "SlackSecretArn", "ParameterValue": "arn:aws:secretsmanager:x"},
        {"ParameterKey": "SlackChannel", "ParameterValue": "#ops"},
        {"ParameterKey": "DownstreamAccess", "ParameterValue": "operations-role"},
    ],
}
ANSWERS: dict[str, dict[str, Any]] = {
    "describe_stacks": {"Stacks": [STACK]},
    "list_stack_resources": {
        "StackResourceSummaries": [
            {"LogicalResourceId": name, "ResourceType": kind, "PhysicalResourceId": f"wardrop-{name}"}
            for name, kind in RESOURCES.items()
        ]
    },
    "describe_rule": {"State": "ENABLED"},
    "get_schedule": {"State": "ENABLED"},
    "get_event_source_mapping": {"State": "Enabled"},
    "head_bucket": {},
    "get_bucket_notification_configuration": {"EventBridgeConfiguration": {}},
    "get_bucket_versioning": {"Status": "Enabled"},
    "get_queue_attributes": {
        "Attributes": {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}
    },
    "get_metric_statistics": {"Datapoints": [{"Timestamp": MONDAY, "Maximum": 7200.0}]},
    "get_secret_value": {"SecretString": '{"bot_token": "xoxb-hunter2"}'},
    "describe_alarms": {"MetricAlarms": [{"StateValue": "OK"}]},
    "simulate_principal_policy": {"EvaluationResults": [{"EvalDecision": "allowed"}]},
    "describe_environments": {"Environments": [ENVIRONMENT, {**ENVIRONMENT, "ApplicationName": "mall"}]},
    "describe_platform_version": {"PlatformDescription": PLATFORM},
    "describe_environment_managed_action_history": {"ManagedActionHistoryItems": []},
}
STATUS = {
    "answer": "environments",
    "environments": [
        {
            "environment": "shop-prod",
            "application": "shop",
            "status": "Ready",
            "health": "Ok",
            "availability": "a deployment keeps the service up",
            "guard": "alert",
        }
    ],
    "configurations": [{"application": "shop", "parameter": "/wardrop/applications/shop", "source": "defaults"}],
}
CLEAN = {
    "answer": "plan",
    "quota": 1000,
    "versions": 7,
    "versions_to_delete": 0,
    "bundles_to_delete": 0,
    "bytes_to_free": 0,
    "decisions": [],
}


class FakeAccount:
    """Clients that answer from ANSWERS. For an operation in `errors`, its error is raised."""

    region = REGION
    outputs = Outputs("https://x", "drops", "releases", drop_prefix="", log_bucket=None, version=__version__)

    def __init__(self, errors: dict[str, Exception] | None = None, **answers: Any) -> None:
        self._errors = errors or {}
        self._answers = ANSWERS | answers

    def client(self, _service: str) -> "FakeAccount":
        return self

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(self, operation)

    def __getattr__(self, operation: str) -> Any:
        def call(**_given: Any) -> Any:
            if operation in self._errors:
                raise self._errors[operation]
            return self._answers[operation]

        return call


class Pages:
    def __init__(self, account: FakeAccount, operation: str) -> None:
        self._call = getattr(account, operation)

    def paginate(self, **given: Any) -> list[Any]:
        return [self._call(**given)]


def ask(command: str, **_given: Any) -> dict[str, Any]:
    return {"status": STATUS, "clean": CLEAN}[command]


def read(account: FakeAccount) -> Readings:
    given: Any = account
    return inspect(given, ask, "wardrop")


def error(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


def test_a_sound_installation_is_read_in_full() -> None:
    findings = judge(read(FakeAccount()))
    assert {finding.severity for finding in findings} == {Severity.OK}, findings


@pytest.mark.parametrize("operation", sorted(ANSWERS.keys() - {"describe_alarms", "get_metric_statistics"}))
@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "403", "Throttling", "InvalidAction"])
def test_a_call_that_fails_is_cannot_tell_and_never_an_assurance(operation: str, code: str) -> None:
    findings = judge(read(FakeAccount({operation: error(operation, code)})))
    unread = [finding for finding in findings if finding.severity is Severity.CANNOT_TELL]
    assert unread
    assert exit_code(findings) is ExitCode.CANNOT_TELL
    assert all("your credentials may not call" in each.text or code in each.text for each in unread)


def test_an_endpoint_that_cannot_be_reached_is_cannot_tell() -> None:
    readings = read(FakeAccount({"describe_stacks": EndpointConnectionError(endpoint_url="https://x")}))
    assert isinstance(readings.stack, CannotTell)
    assert "cannot be reached" in readings.stack.reason


def test_buckets_and_secrets_that_do_not_exist_are_not_called_unreadable() -> None:
    readings = read(
        FakeAccount(
            {
                "head_bucket": error("HeadBucket", "404"),
                "get_secret_value": error("GetSecretValue", "ResourceNotFoundException"),
            }
        )
    )
    assert readings.drop_bucket.exists is False
    assert isinstance(readings.slack, Slack)
    assert readings.slack.secret is SecretFault.MISSING


def test_no_part_of_the_secret_is_kept() -> None:
    assert "hunter2" not in repr(read(FakeAccount()))


def test_only_dead_letter_queues_are_counted_with_messages_that_are_being_read() -> None:
    attributes = {"ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "2"}
    queues = read(FakeAccount(get_queue_attributes={"Attributes": attributes})).dead_letters
    assert not isinstance(queues, CannotTell)
    [queue] = queues
    assert (queue.logical_id, queue.messages, queue.oldest and queue.oldest.total_seconds()) == ("DropsDead", 3, 7200)


def test_without_the_metric_only_the_age_of_messages_is_missing() -> None:
    attributes = {"ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "0"}
    account = FakeAccount(
        {"get_metric_statistics": error("GetMetricStatistics", "AccessDenied")},
        get_queue_attributes={"Attributes": attributes},
    )
    [finding] = [each for each in judge(read(account)) if each.check == "dead-letters"]
    assert finding.text == "DropsDead contains 1 message."


def test_only_environments_of_the_stacks_applications_are_read() -> None:
    installed = read(FakeAccount()).installed
    assert not isinstance(installed, CannotTell)
    assert [(each.name, each.application) for each in installed] == [("shop-prod", "shop")]


WAITING = {"Attributes": {"ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "0"}}


@pytest.mark.parametrize(("state", "late"), [("OK", False), ("ALARM", True)])
def test_while_posts_wait_the_alarm_reports_whether_one_is_late(state: str, late: bool) -> None:
    account = FakeAccount(get_queue_attributes=WAITING, describe_alarms={"MetricAlarms": [{"StateValue": state}]})
    slack = read(account).slack
    assert isinstance(slack, Slack)
    assert slack.late is late


def test_an_alarm_without_data_is_no_assurance_while_posts_wait() -> None:
    states = {"MetricAlarms": [{"StateValue": "INSUFFICIENT_DATA"}]}
    slack = read(FakeAccount(get_queue_attributes=WAITING, describe_alarms=states)).slack
    assert isinstance(slack, Slack)
    assert isinstance(slack.late, CannotTell)


def test_without_the_right_to_read_alarms_waiting_posts_are_no_assurance() -> None:
    account = FakeAccount({"describe_alarms": error("DescribeAlarms", "AccessDenied")}, get_queue_attributes=WAITING)
    slack = read(account).slack
    assert isinstance(slack, Slack)
    assert isinstance(slack.late, CannotTell)


def test_only_the_managed_updates_that_failed_since_the_last_success_are_reported() -> None:
    items = [
        {"Status": "Failed", "FinishedTime": MONDAY.replace(day=1), "FailureDescription": "old"},
        {"Status": "Completed", "FinishedTime": MONDAY},
        {"Status": "Failed", "FinishedTime": TUESDAY, "FailureDescription": "No\x1b[31m capacity"},
    ]
    history = {"ManagedActionHistoryItems": items}
    installed = read(FakeAccount(describe_environment_managed_action_history=history)).installed
    assert not isinstance(installed, CannotTell)
    assert installed[0].failed_updates == [FailedUpdate(TUESDAY, "No [31m capacity")]


def test_a_platform_of_your_own_is_not_judged() -> None:
    own = {"PlatformDescription": PLATFORM | {"PlatformOwner": "self"}}
    installed = read(FakeAccount(describe_platform_version=own)).installed
    assert not isinstance(installed, CannotTell)
    assert isinstance(installed[0].platform, CannotTell)


def test_a_rule_that_is_disabled_keeps_its_state() -> None:
    switches = read(FakeAccount(describe_rule={"State": "DISABLED"})).switches
    assert not isinstance(switches, CannotTell)
    assert [each.state for each in switches if isinstance(each, Switch)] == ["DISABLED", "ENABLED", "Enabled"]


def test_a_stack_that_does_not_answer_is_recorded_with_the_advice() -> None:
    def fails(**_given: Any) -> dict[str, Any]:
        raise not_reached("Lambda throttles the requests", "Try again in a moment.")

    account: Any = FakeAccount()
    readings = inspect(account, fails, "wardrop")
    assert readings.overview == NotAnswered("Lambda throttles the requests", "Try again in a moment.")
    assert not isinstance(readings.quota, Quota)


def test_denied_actions_of_the_role_are_named() -> None:
    denied = read(FakeAccount(simulate_principal_policy={"EvaluationResults": [{"EvalDecision": "implicitDeny"}]}))
    assert not isinstance(denied.rights, CannotTell)
    assert denied.rights.denied == ("elasticbeanstalk:UpdateEnvironment", "s3:GetObject")
