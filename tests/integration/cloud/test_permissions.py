"""A function may do what its role's policies say, and hears AWS's words where it may not."""

import json

from .conftest import Mechanics


def test_an_action_that_the_policy_allows_is_allowed(mechanics: Mechanics) -> None:
    answer = mechanics.call("s3", "put_object", Bucket=mechanics.ref("Bucket"), Key="k", Body="x")
    assert answer == {"answer": "allowed"}


def test_any_other_action_is_denied_in_awss_words(mechanics: Mechanics) -> None:
    resource = mechanics.cloud.resources["Seen"]["Arn"]
    role = mechanics.ref("WorkerRole")
    answer = mechanics.call("dynamodb", "scan", TableName=mechanics.ref("Seen"))
    assert answer["Code"] == "AccessDeniedException"
    assert answer["Message"] == (
        f"User: arn:aws:sts::123456789012:assumed-role/{role}/{mechanics.ref('Worker')} is not authorized to perform: "
        f"dynamodb:Scan on resource: {resource} because no identity-based policy allows the dynamodb:Scan action"
    )


def test_an_explicit_deny_wins(mechanics: Mechanics) -> None:
    answer = mechanics.call("s3", "get_object", Bucket=mechanics.ref("Bucket"), Key="secret/k")
    assert answer["Code"] == "AccessDenied"
    assert "explicit deny" in answer["Message"]


def test_a_missing_object_reads_as_forbidden_without_the_right_to_list(mechanics: Mechanics) -> None:
    answer = mechanics.call("s3", "get_object", Bucket=mechanics.ref("Bucket"), Key="missing")
    assert answer["Code"] == "AccessDenied"
    assert "s3:ListBucket" in answer["Message"]


def test_a_transaction_needs_the_actions_of_its_items(mechanics: Mechanics) -> None:
    table, key = mechanics.ref("Seen"), {"tag": {"S": "t"}, "at": {"S": "t"}}
    put = {"Put": {"TableName": table, "Item": {**key, "event": {"S": "{}"}}}}
    delete = {"Delete": {"TableName": table, "Key": key}}
    assert mechanics.call("dynamodb", "transact_write_items", TransactItems=[put]) == {"answer": "allowed"}
    answer = mechanics.call("dynamodb", "transact_write_items", TransactItems=[delete])
    assert "dynamodb:DeleteItem" in answer["Message"]


def test_beanstalks_lists_are_empty_instead_of_refused(mechanics: Mechanics) -> None:
    assert mechanics.call("elasticbeanstalk", "describe_environments") == {"answer": "allowed"}
    answer = mechanics.call("elasticbeanstalk", "update_environment", EnvironmentName="shop-prod", VersionLabel="x")
    assert answer["Code"] == "AccessDenied"
    assert "environment/shop/shop-prod" in answer["Message"]


def test_calls_are_recorded_with_their_principal(mechanics: Mechanics) -> None:
    mechanics.call("sqs", "list_queues")
    calls = mechanics.cloud.control("GET", "/calls")
    mine = [call for call in calls if call["service"] == "sqs" and call["action"] == "ListQueues"]
    assert mine[-1] == mine[-1] | {"principal": "Worker", "status": 403}
    assert {call["principal"] for call in calls} == {"test", "Worker"}
    assert calls[0].keys() == {"time", "service", "action", "principal", "status"}
    assert [call["time"] for call in calls] == sorted(call["time"] for call in calls)


def test_throttling_strikes_the_beanstalk_operation_that_it_names(mechanics: Mechanics) -> None:
    mechanics.cloud.control("POST", "/faults", {"fault": "throttle", "action": "DescribeEvents", "times": 1})
    try:
        assert mechanics.call("elasticbeanstalk", "describe_environments") == {"answer": "allowed"}
        mechanics.call("elasticbeanstalk", "describe_events")
    finally:
        mechanics.cloud.control("DELETE", "/faults")
    described = [
        call["status"]
        for call in mechanics.cloud.control("GET", "/calls")
        if call["action"] == "DescribeEvents" and call["principal"] == "Worker"
    ]
    assert described[-2:] == [400, 200]  # boto3 tried again


def test_the_log_of_a_function_has_no_secrets(mechanics: Mechanics) -> None:
    mechanics.await_seen(mechanics.send("Jobs"))
    logs = mechanics.cloud.client("logs")
    group = f"/aws/lambda/{mechanics.ref('Worker')}"
    events = logs.filter_log_events(logGroupName=group)["events"]
    text = json.dumps(events)
    assert "REPORT RequestId" in text
    assert "SECRET" not in text.upper()


def test_a_secret_is_read_by_arn_or_name_if_its_arn_is_allowed(mechanics: Mechanics) -> None:
    outputs = mechanics.cloud.outputs
    assert outputs["SlackChannel"] == "#wardrop"
    for named in (outputs["SlackSecretArn"], "wardrop/slack"):
        assert mechanics.call("secretsmanager", "get_secret_value", SecretId=named)["answer"] == "allowed"
    refused = mechanics.call("secretsmanager", "get_secret_value", SecretId="wardrop/slack-webhook")
    assert refused["Code"] == "AccessDeniedException"
    assert "secret:wardrop/slack-webhook-" in refused["Message"]
    changed = mechanics.call("secretsmanager", "put_secret_value", SecretId="wardrop/slack", SecretString="{}")
    assert changed["Code"] == "AccessDeniedException"
