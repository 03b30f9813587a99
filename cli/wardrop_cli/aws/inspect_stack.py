"""Reads the resources of the stack with the user's own credentials."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any

from wardrop_cli.aws.account import Account
from wardrop_cli.aws.facts import fact, fact_or_missing
from wardrop_cli.aws.queues import Resource, messages_in, read_dead_letters
from wardrop_cli.doctor.findings import CannotTell
from wardrop_cli.doctor.readings import (
    Bucket,
    DeadLetters,
    Rights,
    SecretFault,
    SecretForm,
    Slack,
    Stack,
    Switch,
    SwitchKind,
)
from wardrop_cli.doctor.secret import form_of

KINDS = {
    "AWS::Events::Rule": SwitchKind.RULE,
    "AWS::Scheduler::Schedule": SwitchKind.SCHEDULE,
    "AWS::Lambda::EventSourceMapping": SwitchKind.MAPPING,
}
ALLOWED = "allowed"
EVENTS = "EventBridgeConfiguration"


def described_stack(account: Account, name: str) -> Stack | CannotTell:
    def read() -> Stack:
        [given] = account.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        parameters = {each["ParameterKey"]: each["ParameterValue"] for each in given.get("Parameters", [])}
        return Stack(given["StackStatus"], parameters, given["StackId"])

    return fact(read)


class StackInspection:
    def __init__(self, account: Account, pool: ThreadPoolExecutor, name: str, stack: Stack | CannotTell) -> None:
        self._account = account
        self._pool = pool
        self._name = name
        self._stack = stack

    @cached_property
    def _resources(self) -> list[Resource] | CannotTell:
        def read() -> list[Resource]:
            pages = self._account.client("cloudformation").get_paginator("list_stack_resources").paginate
            return [
                Resource(each["LogicalResourceId"], each["ResourceType"], each.get("PhysicalResourceId", ""))
                for page in pages(StackName=self._name)
                for each in page["StackResourceSummaries"]
            ]

        return fact(read)

    def _resource(self, logical_id: str) -> Resource | CannotTell:
        if isinstance(self._resources, CannotTell):
            return self._resources
        named = (each for each in self._resources if each.logical_id == logical_id)
        return next(named, CannotTell(f"the stack has no resource {logical_id}"))

    def switches(self) -> list[Switch] | CannotTell:
        if isinstance(self._resources, CannotTell):
            return self._resources
        switchable = [each for each in self._resources if each.type in KINDS]
        clients = [self._account.client(service) for service in ("events", "scheduler", "lambda")]
        return list(self._pool.map(partial(_switch, clients), switchable))

    def release_bucket(self, name: str) -> Bucket:
        """Reads only whether the bucket exists, because no events of the bucket are needed."""
        return Bucket(name, self._exists(name))

    def _exists(self, name: str) -> bool | CannotTell:
        def exists() -> bool:
            self._account.client("s3").head_bucket(Bucket=name)
            return True

        return fact_or_missing(exists, missing=False)

    def drop_bucket(self, name: str) -> Bucket:
        s3 = self._account.client("s3")
        return Bucket(
            name,
            exists=self._exists(name),
            has_events=fact(
                lambda: "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=name)
            ),
            is_versioned=fact(lambda: s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled"),
        )

    def dead_letters(self) -> list[DeadLetters] | CannotTell:
        if isinstance(self._resources, CannotTell):
            return self._resources
        queues = [
            each for each in self._resources if each.type == "AWS::SQS::Queue" and each.logical_id.endswith("Dead")
        ]
        sqs, cloudwatch = self._account.client("sqs"), self._account.client("cloudwatch")
        return list(self._pool.map(partial(read_dead_letters, sqs, cloudwatch), queues))

    def slack(self) -> Slack | CannotTell | None:
        """None: the stack has no Slack."""
        if isinstance(self._stack, CannotTell):
            return self._stack
        arn, channel = (self._stack.parameters.get(name, "") for name in ("SlackSecretArn", "SlackChannel"))
        return Slack(arn, self._secret(arn), channel, self._late()) if arn else None

    def _secret(self, arn: str) -> SecretForm | SecretFault | CannotTell:
        """Returns only the form of the secret, never a part of the secret."""
        secrets = self._account.client("secretsmanager")
        return fact_or_missing(
            lambda: form_of(secrets.get_secret_value(SecretId=arn).get("SecretString")), SecretFault.MISSING
        )

    def _late(self) -> bool | CannotTell:
        """Whether posts are late. The alarm is read only if a post waits, because it may have no state before that."""
        queue = self._resource("SlackPosts")
        if isinstance(queue, CannotTell):
            return queue
        waiting = fact(lambda: messages_in(self._account.client("sqs"), queue.name))
        return waiting if isinstance(waiting, CannotTell) else waiting > 0 and self._alarm_of_late_posts()

    def _alarm_of_late_posts(self) -> bool | CannotTell:
        alarm = self._resource("SlackPostsLateAlarm")
        if isinstance(alarm, CannotTell):
            return alarm
        cloudwatch = self._account.client("cloudwatch")
        state = fact(lambda: cloudwatch.describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"][0]["StateValue"])
        match state:
            case CannotTell():
                return state
            case "ALARM" | "OK":
                return bool(state == "ALARM")
            case _:
                return CannotTell(f"the alarm SlackPostsLateAlarm is in the state {state}")

    def rights(self, environments: Sequence[str] | CannotTell, bucket: str) -> Rights | CannotTell:
        """Asks IAM's policy simulator, which also evaluates service control policies and the permissions boundary."""
        stack, role = self._stack, self._resource("AdvanceDeploymentRole")
        if isinstance(stack, CannotTell):
            return stack
        if isinstance(role, CannotTell):
            return role
        if isinstance(environments, CannotTell):
            return environments
        if not environments:
            return CannotTell("there is no environment of its applications")
        _, partition, _, _, account_id, *_ = stack.id.split(":")
        requests = {
            "elasticbeanstalk:UpdateEnvironment": environments[0],
            "s3:GetObject": f"arn:{partition}:s3:::{bucket}/x",
        }
        iam, arn = self._account.client("iam"), f"arn:{partition}:iam::{account_id}:role/{role.name}"
        name = environments[0].rpartition("/")[2]
        return fact(lambda: Rights(tuple(each for each, on in requests.items() if not _may(iam, arn, each, on)), name))


def _may(iam: Any, role: str, action: str, resource: str) -> bool:
    answer = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource])
    return all(result["EvalDecision"] == ALLOWED for result in answer["EvaluationResults"])


def _switch(clients: Sequence[Any], resource: Resource) -> Switch:
    events, scheduler, functions = clients
    kind = KINDS[resource.type]

    def read() -> str:
        match kind:
            case SwitchKind.RULE:
                return str(events.describe_rule(Name=resource.name)["State"])
            case SwitchKind.SCHEDULE:
                return str(scheduler.get_schedule(Name=resource.name)["State"])
            case SwitchKind.MAPPING:
                return str(functions.get_event_source_mapping(UUID=resource.name)["State"])

    return Switch(resource.logical_id, kind, resource.name, fact(read))
