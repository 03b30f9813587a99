"""Incoming webhooks, used through Slack's own client."""

import json

import pytest
from slack_sdk import WebhookClient

from local.slack.workspace import Workspace
from wardrop.slack.blocks import SlackMessage, section
from wardrop.slack.errors import LayoutRefused
from wardrop.slack.webhook import Webhook

from .conftest import Served


def test_a_message_to_a_webhook_is_answered_with_ok(slack: Served) -> None:
    answer = WebhookClient(slack.hook()).send(text="t", attachments=[{"color": "good", "text": "a"}])
    assert (answer.status_code, answer.body) == (200, "ok")
    [message] = slack.messages()
    assert (message["channel"], message["text"], message["thread_ts"]) == ("#wardrop", "t", None)


@pytest.mark.parametrize("receiver", ["B0EMPTY0001", "B0NEWLINE01", "B0JSON00001"])
def test_wardrop_posts_once_to_a_receiver_whose_answer_differs_from_slacks(slack: Served, receiver: str) -> None:
    Webhook(slack.hook(f"T0RECEIVER1/{receiver}/wardrop-test")).post("", SlackMessage("t", [section("s")]))
    assert [message["text"] for message in slack.messages()] == ["t"]


def test_wardrop_is_refused_by_a_receiver_that_does_not_read_slacks_layout(slack: Served) -> None:
    with pytest.raises(LayoutRefused):
        Webhook(slack.hook("T0RECEIVER1/B0PAYLOAD01/wardrop-test")).post("", SlackMessage("t"))


def test_a_form_with_a_payload_is_accepted(slack: Served) -> None:
    body = b"payload=%7B%22text%22%3A+%22by+form%22%7D"
    assert slack.request("/services/T0WARDROP01/B0WARDROP01/wardrop-test", body) == (200, "ok")
    assert slack.messages()[0]["text"] == "by form"


@pytest.mark.parametrize(
    ("hook", "status", "body"),
    [
        ("T0WARDROP01/B0ARCHIVED1/wardrop-test", 410, "channel_is_archived"),
        ("T0WARDROP01/B0PROHIBIT1/wardrop-test", 403, "action_prohibited"),
        ("T0WARDROP01/B0NOCHANNEL/wardrop-test", 404, "channel_not_found"),
        ("T0WARDROP01/B0DISABLED1/wardrop-test", 404, "no_active_hooks"),
        ("T0WARDROP01/B0WARDROP01/other", 403, "invalid_token"),
        ("T0WARDROP01/B0UNKNOWN01/wardrop-test", 404, "no_service"),
    ],
)
def test_a_webhook_that_does_not_work_is_refused(slack: Served, hook: str, status: int, body: str) -> None:
    answer = WebhookClient(slack.hook(hook)).send(text="t")
    assert (answer.status_code, answer.body) == (status, body)
    assert slack.messages() == []


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        ("{", "invalid_payload"),
        ("[]", "invalid_payload"),
        ("{}", "no_text"),
        (json.dumps({"blocks": [{"type": "bogus"}]}), "invalid_blocks"),
    ],
)
def test_an_invalid_payload_is_refused(slack: Served, sent: str, body: str) -> None:
    path = "/services/T0WARDROP01/B0WARDROP01/wardrop-test"
    assert slack.request(path, sent.encode(), Content_Type="application/json") == (400, body)


def test_a_webhook_has_a_rate_limit(slack: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workspace, "BURST", 1)
    client = WebhookClient(slack.hook())
    assert client.send(text="t").status_code == 200
    answer = client.send(text="too fast")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
