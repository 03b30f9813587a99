"""Topics: whom a message reaches, and in which form."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Mechanics


def publish(alerts: Mechanics, message: str, severity: str | None = None, **given: Any) -> None:
    attributes = {"severity": {"DataType": "String", "StringValue": severity}} if severity else {}
    alerts.cloud.client("sns").publish(
        TopicArn=alerts.ref("Topic"), Message=message, MessageAttributes=attributes, **given
    )


def mail(alerts: Mechanics, holding: str) -> list[dict[str, str]]:
    return [one for one in alerts.cloud.control("GET", "/mail") if holding in one["text"]]


def test_people_get_the_e_mails_that_match_their_filter(alerts: Mechanics) -> None:
    tag = uuid.uuid4().hex
    publish(alerts, f"{tag} slow", severity="warning", Subject="It is slow")
    publish(alerts, f"{tag} down", severity="page", Subject="It is down")
    publish(alerts, f"{tag} said")
    assert [(one["to"], one["subject"], one["text"]) for one in mail(alerts, tag)] == [
        ("team@example.com", "It is slow", f"{tag} slow"),
        ("team@example.com", "It is down", f"{tag} down"),
        ("pager@example.com", "It is down", f"{tag} down"),
        ("team@example.com", "AWS Notification Message", f"{tag} said"),
    ]


def test_a_structured_message_has_a_text_for_e_mail_and_one_for_queues(alerts: Mechanics) -> None:
    tag = uuid.uuid4().hex
    texts = {"default": f"{tag} for programs", "email": f"{tag} for people"}
    publish(alerts, json.dumps(texts), severity="page", MessageStructure="json")
    assert {one["text"] for one in mail(alerts, tag)} == {f"{tag} for people"}
    assert alerts.await_message("Raw", tag)["Body"] == f"{tag} for programs"
    publish(alerts, json.dumps({"default": f"{tag} for all"}), MessageStructure="json")
    assert [one["text"] for one in mail(alerts, f"{tag} for all")] == [f"{tag} for all"]


def test_a_queue_gets_the_message_raw_or_wrapped_with_its_attributes(alerts: Mechanics) -> None:
    tag = uuid.uuid4().hex
    alerts.drain("Wrapped")
    publish(alerts, f"{tag} unheard")
    publish(alerts, f"{tag} heard", severity="warning", Subject="Heard")
    raw = alerts.await_message("Raw", tag)
    assert raw["Body"] == f"{tag} heard"
    assert raw["MessageAttributes"]["severity"]["StringValue"] == "warning"
    wrapped = json.loads(alerts.await_message("Wrapped", f"{tag} heard")["Body"])
    assert (wrapped["Type"], wrapped["Subject"], wrapped["Message"]) == ("Notification", "Heard", f"{tag} heard")
    assert alerts.await_message("Wrapped", f"{tag} unheard")


def test_a_queue_that_does_not_allow_the_topic_gets_nothing(alerts: Mechanics) -> None:
    alerts.drain("Wrapped")
    publish(alerts, "to all")
    alerts.await_message("Wrapped", "to all")
    assert "Messages" not in alerts.cloud.client("sqs").receive_message(QueueUrl=alerts.ref("Shut"))


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
def test_an_invalid_message_is_refused(alerts: Mechanics, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError, match=reason) as caught:
        alerts.cloud.client("sns").publish(TopicArn=alerts.ref("Topic"), **given)
    assert caught.value.response["Error"]["Code"] == "InvalidParameter"


def test_the_longest_message_and_subject_are_accepted(alerts: Mechanics) -> None:
    tag = uuid.uuid4().hex
    publish(alerts, tag.ljust(262_144, "."), Subject="s" * 100)
    assert [len(one["text"]) for one in mail(alerts, tag)] == [262_144]
