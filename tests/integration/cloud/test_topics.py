"""Topics: which subscribers receive a message, and in which form."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import SmallStack


def publish(alert_stack: SmallStack, message: str, severity: str | None = None, **given: Any) -> None:
    attributes = {"severity": {"DataType": "String", "StringValue": severity}} if severity else {}
    alert_stack.cloud.client("sns").publish(
        TopicArn=alert_stack.ref("Topic"), Message=message, MessageAttributes=attributes, **given
    )


def mails(alert_stack: SmallStack, text: str) -> list[dict[str, str]]:
    return [mail for mail in alert_stack.cloud.control("GET", "/mail") if text in mail["text"]]


def test_people_get_the_e_mails_that_match_their_filter(alert_stack: SmallStack) -> None:
    tag = uuid.uuid4().hex
    publish(alert_stack, f"{tag} slow", severity="warning", Subject="It is slow")
    publish(alert_stack, f"{tag} down", severity="page", Subject="It is down")
    publish(alert_stack, f"{tag} said")
    assert [(mail["to"], mail["subject"], mail["text"]) for mail in mails(alert_stack, tag)] == [
        ("team@example.com", "It is slow", f"{tag} slow"),
        ("team@example.com", "It is down", f"{tag} down"),
        ("pager@example.com", "It is down", f"{tag} down"),
        ("team@example.com", "AWS Notification Message", f"{tag} said"),
    ]


def test_a_structured_message_has_a_text_for_e_mail_and_one_for_queues(alert_stack: SmallStack) -> None:
    tag = uuid.uuid4().hex
    texts = {"default": f"{tag} for programs", "email": f"{tag} for people"}
    publish(alert_stack, json.dumps(texts), severity="page", MessageStructure="json")
    assert {mail["text"] for mail in mails(alert_stack, tag)} == {f"{tag} for people"}
    assert alert_stack.await_message("Raw", tag)["Body"] == f"{tag} for programs"
    publish(alert_stack, json.dumps({"default": f"{tag} for all"}), MessageStructure="json")
    assert [mail["text"] for mail in mails(alert_stack, f"{tag} for all")] == [f"{tag} for all"]


def test_a_queue_gets_the_message_raw_or_wrapped_with_its_attributes(alert_stack: SmallStack) -> None:
    tag = uuid.uuid4().hex
    alert_stack.drain("Wrapped")
    publish(alert_stack, f"{tag} unheard")
    publish(alert_stack, f"{tag} heard", severity="warning", Subject="Heard")
    raw = alert_stack.await_message("Raw", tag)
    assert raw["Body"] == f"{tag} heard"
    assert raw["MessageAttributes"]["severity"]["StringValue"] == "warning"
    wrapped = json.loads(alert_stack.await_message("Wrapped", f"{tag} heard")["Body"])
    assert (wrapped["Type"], wrapped["Subject"], wrapped["Message"]) == ("Notification", "Heard", f"{tag} heard")
    assert alert_stack.await_message("Wrapped", f"{tag} unheard")


def test_a_queue_that_does_not_allow_the_topic_gets_nothing(alert_stack: SmallStack) -> None:
    alert_stack.drain("Wrapped")
    publish(alert_stack, "to all")
    alert_stack.await_message("Wrapped", "to all")
    assert "Messages" not in alert_stack.cloud.client("sqs").receive_message(QueueUrl=alert_stack.ref("Shut"))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"Message": "m", "Subject": "s" * 101}, "Invalid parameter: Subject"),
        ({"Message": "m", "Subject": "two\nlines"}, "Invalid parameter: Subject"),
        ({"Message": "m", "Subject": "Über"}, "Invalid parameter: Subject"),
        ({"Message": "m", "Subject": " blank"}, "Invalid parameter: Subject"),
        ({"Message": ""}, "Invalid parameter: Empty message"),
        ({"Message": "ü" * 131_073}, "Invalid parameter: Message too long"),
        ({"Message": "no JSON", "MessageStructure": "json"}, "JSON message body failed to parse"),
        ({"Message": '{"email": "e"}', "MessageStructure": "json"}, "No default entry in JSON message body"),
    ],
)
def test_an_invalid_message_is_refused(alert_stack: SmallStack, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError, match=reason) as caught:
        alert_stack.cloud.client("sns").publish(TopicArn=alert_stack.ref("Topic"), **given)
    assert caught.value.response["Error"]["Code"] == "InvalidParameter"


def test_the_longest_message_and_subject_are_accepted(alert_stack: SmallStack) -> None:
    tag = uuid.uuid4().hex
    publish(alert_stack, tag.ljust(262_144, "."), Subject="s" * 100)
    assert [len(mail["text"]) for mail in mails(alert_stack, tag)] == [262_144]
