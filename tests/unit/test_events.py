"""The rules of the template deliver each event file to its queue, and deliver no `_ignored` file."""

import json
from functools import cache
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests import gate
from tests.unit.samples import event_files

QUEUES = {"receive_drop": "Drops", "watch_environments": "BeanstalkEvents"}
BUCKET = "wardrop-drops"
ACCOUNT = "123456789012"


@cache
def rules(**parameters: str) -> list[tuple[dict[str, Any], list[str]]]:
    """Each rule's pattern, and the queues that are its targets."""
    template = gate.expand(gate.TEMPLATE.read_text())
    defaults = {name: str(declared.get("Default", "")) for name, declared in template["Parameters"].items()}
    names = defaults | {"AWS::AccountId": ACCOUNT, "DropBucket": BUCKET} | parameters

    def plain(value: Any) -> Any:
        match value:
            case {"Ref": name}:
                return names[name]
            case {"Fn::GetAtt": [name, "Arn"]}:
                return f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:wardrop-{name}-1A2B3C4D5E6F"
            case {"Fn::If": ["MakesDropBucket", made, given]}:
                return plain(given if names["DropBucketName"] else made)
            case {"Fn::If": ["HasSlack", with_it, _]}:
                return plain(with_it)
            case dict():
                return {key: plain(one) for key, one in value.items()}
            case list():
                return [plain(one) for one in value]
            case _:
                return value

    conditions = {None, "HearsCloudTrail"} if names["CloudTrailCalls"] == "on" else {None}
    found = [
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Events::Rule" and one.get("Condition") in conditions
    ]
    return [
        (plain(rule["EventPattern"]), [target["Arn"]["Fn::GetAtt"][0] for target in rule["Targets"]]) for rule in found
    ]


def reached(envelope: dict[str, Any], **parameters: str) -> list[str]:
    return [
        queue
        for pattern, queues in rules(**parameters)
        if EventPattern.load(json.dumps(pattern)).matches_event(envelope)
        for queue in queues
    ]


def envelopes(function: str) -> list[Any]:
    """By file, the events that came through EventBridge. Malformed events came from elsewhere."""
    return [
        pytest.param(json.loads(record["body"]), "_ignored" in name, id=f"{name}-{number}")
        for name, event in event_files(function).items()
        if not name.endswith("_malformed")
        for number, record in enumerate(event.get("Records", []))
    ]


@pytest.mark.parametrize(("envelope", "ignored"), envelopes("receive_drop"))
def test_a_created_object_reaches_receive_drop_and_nothing_else_does(envelope, ignored):
    assert reached(envelope) == ([] if ignored else ["Drops"])


@pytest.mark.parametrize(("envelope", "ignored"), envelopes("watch_environments"))
def test_an_event_of_beanstalk_reaches_watch_environments_and_nothing_else_does(envelope, ignored):
    assert reached(envelope) == ([] if ignored else ["BeanstalkEvents"])


@pytest.mark.parametrize("file", ["update_called", "update_called_by_id"])
def test_a_recorded_call_reaches_the_guard_only_if_the_stack_wants_it(file):
    [record] = event_files("guard_configuration")[file]["Records"]
    assert reached(json.loads(record["body"])) == []
    assert reached(json.loads(record["body"]), CloudTrailCalls="on") == ["GuardRequests"]


def test_a_recorded_call_that_failed_reaches_nobody():
    [record] = event_files("guard_configuration")["update_called"]["Records"]
    envelope = json.loads(record["body"])
    envelope["detail"]["errorCode"] = "InvalidParameterValueException"
    assert reached(envelope, CloudTrailCalls="on") == []


def drop(key: str, bucket: str = BUCKET) -> dict[str, Any]:
    [record] = event_files("receive_drop")["put_object_to_environment"]["Records"]
    envelope: dict[str, Any] = json.loads(record["body"])
    envelope["detail"]["bucket"]["name"], envelope["detail"]["object"]["key"] = bucket, key
    return envelope


def test_an_existing_bucket_takes_the_place_of_our_own():
    assert reached(drop("shop/1.war", "theirs"), DropBucketName="theirs") == ["Drops"]
    assert reached(drop("shop/1.war"), DropBucketName="theirs") == []


def test_only_keys_below_the_prefix_are_drops():
    assert reached(drop("releases/shop/1.war"), DropPrefix="releases/") == ["Drops"]
    assert reached(drop("shop/1.war"), DropPrefix="releases/") == []


@pytest.mark.parametrize(
    ("applications", "application", "heard"),
    [("*", "shop", True), ("shop-*", "shop-web", True), ("shop-*", "mall", False), ("shop", "", True)],
)
def test_only_the_applications_that_are_served_are_heard_and_events_that_name_none(applications, application, heard):
    [record] = event_files("watch_environments")["update_successful"]["Records"]
    envelope = json.loads(record["body"])
    envelope["detail"]["ApplicationName"] = application
    assert reached(envelope, Applications=applications) == (["BeanstalkEvents"] if heard else [])


@pytest.mark.parametrize(
    "function", ["receive_drop", "watch_environments", "advance_deployment", "guard_configuration", "post_to_slack"]
)
def test_each_functions_files_are_named_for_their_case(function):
    files = event_files(function)
    assert len(files) >= 5
    for name, event in files.items():
        assert event.get("Records") or "tick" in event, name


@pytest.mark.parametrize(
    ("function", "file"), [("receive_drop", "put_object_to_environment"), ("watch_environments", "update_successful")]
)
def test_an_event_of_another_account_reaches_nobody(function, file):
    [record] = event_files(function)[file]["Records"]
    envelope = json.loads(record["body"])
    assert reached(envelope) != []
    assert reached(envelope | {"account": "999999999999"}) == []
