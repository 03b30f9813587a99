"""A function may do what the policies of its role allow. Otherwise it gets AWS's error."""

import json

from .conftest import SmallStack


def test_an_action_that_the_policy_allows_is_allowed(small_stack: SmallStack) -> None:
    answer = small_stack.call("s3", "put_object", Bucket=small_stack.ref("Bucket"), Key="k", Body="x")
    assert answer == {"answer": "allowed"}


def test_any_other_action_is_denied_in_awss_words(small_stack: SmallStack) -> None:
    resource = small_stack.cloud.resources["Invocations"]["Arn"]
    role = small_stack.ref("WorkerRole")
    answer = small_stack.call("dynamodb", "scan", TableName=small_stack.ref("Invocations"))
    assert answer["Code"] == "AccessDeniedException"
    assert answer["Message"] == (
        f"User: arn:aws:sts::123456789012:assumed-role/{role}/{small_stack.ref('Worker')} "
        "is not authorized to perform: "
        f"dynamodb:Scan on resource: {resource} because no identity-based policy allows the dynamodb:Scan action"
    )


def test_an_explicit_deny_wins(small_stack: SmallStack) -> None:
    answer = small_stack.call("s3", "get_object", Bucket=small_stack.ref("Bucket"), Key="secret/k")
    assert answer["Code"] == "AccessDenied"
    assert "explicit deny" in answer["Message"]


def test_a_missing_object_reads_as_forbidden_without_the_right_to_list(small_stack: SmallStack) -> None:
    answer = small_stack.call("s3", "get_object", Bucket=small_stack.ref("Bucket"), Key="missing")
    assert answer["Code"] == "AccessDenied"
    assert "s3:ListBucket" in answer["Message"]


def test_a_transaction_needs_the_actions_of_its_items(small_stack: SmallStack) -> None:
    table, key = small_stack.ref("Invocations"), {"tag": {"S": "t"}, "at": {"S": "t"}}
    put = {"Put": {"TableName": table, "Item": {**key, "event": {"S": "{}"}}}}
    delete = {"Delete": {"TableName": table, "Key": key}}
    assert small_stack.call("dynamodb", "transact_write_items", TransactItems=[put]) == {"answer": "allowed"}
    answer = small_stack.call("dynamodb", "transact_write_items", TransactItems=[delete])
    assert "dynamodb:DeleteItem" in answer["Message"]


def test_beanstalks_lists_are_empty_instead_of_refused(small_stack: SmallStack) -> None:
    assert small_stack.call("elasticbeanstalk", "describe_environments") == {"answer": "allowed"}
    answer = small_stack.call("elasticbeanstalk", "update_environment", EnvironmentName="shop-prod", VersionLabel="x")
    assert answer["Code"] == "AccessDenied"
    assert "environment/shop/shop-prod" in answer["Message"]


def test_calls_are_recorded_with_their_principal(small_stack: SmallStack) -> None:
    small_stack.call("sqs", "list_queues")
    calls = small_stack.cloud.control("GET", "/calls")
    listings = [call for call in calls if call["service"] == "sqs" and call["action"] == "ListQueues"]
    assert listings[-1] == listings[-1] | {"principal": "Worker", "status": 403}
    assert {call["principal"] for call in calls} >= {"test", "Worker"}
    assert calls[0].keys() == {"time", "service", "action", "principal", "status", "trace"}
    assert [call["time"] for call in calls] == sorted(call["time"] for call in calls)


def test_throttling_strikes_only_the_beanstalk_operation_that_the_fault_names(small_stack: SmallStack) -> None:
    small_stack.cloud.control("POST", "/faults", {"fault": "throttle", "action": "DescribeEvents", "times": 1})
    try:
        assert small_stack.call("elasticbeanstalk", "describe_environments") == {"answer": "allowed"}
        small_stack.call("elasticbeanstalk", "describe_events")
    finally:
        small_stack.cloud.control("DELETE", "/faults")
    described = [
        call["status"]
        for call in small_stack.cloud.control("GET", "/calls")
        if call["action"] == "DescribeEvents" and call["principal"] == "Worker"
    ]
    assert described[-2:] == [400, 200]  # boto3 tried again


def test_the_log_of_a_function_has_no_secrets(small_stack: SmallStack) -> None:
    small_stack.await_invocations(small_stack.send("Jobs"))
    logs = small_stack.cloud.client("logs")
    group = f"/aws/lambda/{small_stack.ref('Worker')}"
    events = logs.filter_log_events(logGroupName=group)["events"]
    text = json.dumps(events)
    assert "REPORT RequestId" in text
    assert "SECRET" not in text.upper()


def test_a_secret_is_read_by_arn_or_name_if_its_arn_is_allowed(small_stack: SmallStack) -> None:
    outputs = small_stack.cloud.outputs
    assert outputs["SlackChannel"] == "#wardrop"
    for named in (outputs["SlackSecretArn"], "wardrop/slack"):
        assert small_stack.call("secretsmanager", "get_secret_value", SecretId=named)["answer"] == "allowed"
    refused = small_stack.call("secretsmanager", "get_secret_value", SecretId="wardrop/slack-webhook")
    assert refused["Code"] == "AccessDeniedException"
    assert "secret:wardrop/slack-webhook-" in refused["Message"]
    changed = small_stack.call("secretsmanager", "put_secret_value", SecretId="wardrop/slack", SecretString="{}")
    assert changed["Code"] == "AccessDeniedException"
