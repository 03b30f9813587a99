"""The Web API, used through Slack's own client."""

import json
from typing import Any

import pytest
from slack_sdk import WebhookClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from local.slack.workspace import REVOKED_TOKEN, Workspace

from .conftest import Served

pytestmark = pytest.mark.filterwarnings("ignore:The top-level `text`", "ignore:Additionally, the attachment-level")

HERE = "C0WARDROP01"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*live*"}}


def refusal(call: Any, **given: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        call(**given)
    data = caught.value.response.data
    assert isinstance(data, dict)
    assert caught.value.response.status_code == 200
    assert data["ok"] is False
    return data


def test_a_message_is_stored_as_sent_and_answered_with_channel_and_timestamp(slack: Served) -> None:
    attachments: list[Any] = [{"color": "#2eb886", "blocks": [SECTION]}]
    answer = slack.client.chat_postMessage(channel="#wardrop", text="a &amp; b", attachments=attachments)
    assert answer["channel"] == HERE
    assert slack.messages() == [
        {
            "channel": "#wardrop",
            "ts": answer["ts"],
            "thread_ts": None,
            "text": "a &amp; b",
            "blocks": [],
            "attachments": attachments,
            "edited": None,
        }
    ]


@pytest.mark.parametrize("channel", ["#wardrop", "wardrop", HERE])
def test_a_channel_is_given_by_its_name_or_id(slack: Served, channel: str) -> None:
    assert slack.client.chat_postMessage(channel=channel, text="t")["channel"] == HERE


@pytest.mark.parametrize(
    ("channel", "error"),
    [("#nowhere", "channel_not_found"), ("#elsewhere", "not_in_channel"), ("#archived", "is_archived")],
)
def test_a_channel_that_the_bot_cannot_write_to_is_refused(slack: Served, channel: str, error: str) -> None:
    assert refusal(slack.client.chat_postMessage, channel=channel, text="t")["error"] == error


def test_a_reply_is_a_message_with_the_timestamp_of_its_thread(slack: Served) -> None:
    first = slack.client.chat_postMessage(channel=HERE, text="first")
    other = slack.client.chat_postMessage(channel=HERE, text="other")
    reply = slack.client.chat_postMessage(channel=HERE, text="reply", thread_ts=first["ts"])
    assert reply["message"]["thread_ts"] == first["ts"]
    messages = [(message["text"], message["thread_ts"]) for message in slack.messages()]
    assert messages == [("first", None), ("other", None), ("reply", first["ts"])]
    assert first["ts"] < other["ts"] < reply["ts"]
    error = refusal(slack.client.chat_postMessage, channel=HERE, text="t", thread_ts="1.000001")["error"]
    assert error == "thread_not_found"


def test_an_edit_replaces_the_fields_that_it_names(slack: Served) -> None:
    first = slack.client.chat_postMessage(channel=HERE, text="deploying", attachments=[{"color": "warning"}])
    answer = slack.client.chat_update(channel=first["channel"], ts=first["ts"], text="live")
    assert (answer["ts"], answer["channel"], answer["text"]) == (first["ts"], HERE, "live")
    [message] = slack.messages()
    assert (message["text"], message["attachments"]) == ("live", [{"color": "warning"}])
    assert message["edited"].keys() == {"user", "ts"}
    slack.client.chat_update(channel=HERE, ts=first["ts"], attachments=[])
    assert slack.messages()[0]["attachments"] == []


def test_a_text_without_blocks_removes_the_blocks(slack: Served) -> None:
    first = slack.client.chat_postMessage(channel=HERE, text="t", blocks=[SECTION])
    slack.client.chat_update(channel=HERE, ts=first["ts"], attachments=[{"color": "good", "text": "a"}])
    assert slack.messages()[0]["blocks"] == [SECTION]
    slack.client.chat_update(channel=HERE, ts=first["ts"], text="plain")
    assert slack.messages()[0]["blocks"] == []


def test_an_invalid_edit_is_refused(slack: Served) -> None:
    WebhookClient(slack.hook()).send(text="by a webhook")
    [by_webhook] = slack.messages()
    first = slack.client.chat_postMessage(channel=HERE, text="t")
    update = slack.client.chat_update
    assert refusal(update, channel=HERE, ts="1.000001", text="t")["error"] == "message_not_found"
    assert refusal(update, channel=HERE, ts=by_webhook["ts"], text="t")["error"] == "cant_update_message"
    assert refusal(update, channel="#wardrop", ts=first["ts"], text="t")["error"] == "channel_not_found"
    assert refusal(update, channel=HERE, ts=first["ts"], text="")["error"] == "no_text"


def test_an_invalid_token_is_refused(slack: Served) -> None:
    for token, error in ((None, "not_authed"), ("xoxb-other", "invalid_auth"), (REVOKED_TOKEN, "token_revoked")):
        assert refusal(slack.as_bot(token).chat_postMessage, channel=HERE, text="t")["error"] == error
    assert slack.client.auth_test()["ok"]
    assert refusal(slack.client.chat_delete, channel=HERE, ts="1.000001")["error"] == "unknown_method"
    assert slack.messages() == []


def test_a_form_is_accepted_like_json(slack: Served) -> None:
    form = f"token=xoxb-wardrop-test&channel={HERE}&text=by+form&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D"
    status, body = slack.request("/api/chat.postMessage", form.encode())
    assert (status, json.loads(body)["ok"]) == (200, True)
    [message] = slack.messages()
    assert (message["text"], message["blocks"]) == ("by form", [{"type": "divider"}])


@pytest.mark.parametrize(
    ("body", "error"),
    [(b"{", "invalid_json"), (b"[]", "json_not_object"), (b'{"text": "t"}', "invalid_arguments")],
)
def test_an_unreadable_body_is_refused(slack: Served, body: bytes, error: str) -> None:
    bearer = "Bearer xoxb-wardrop-test"
    status, text = slack.request("/api/chat.postMessage", body, Content_Type="application/json", Authorization=bearer)
    assert (status, json.loads(text)["error"]) == (200, error)


def test_a_text_is_cut_after_40000_characters_and_an_edit_is_refused_after_4000(slack: Served) -> None:
    whole = slack.client.chat_postMessage(channel=HERE, text="t" * 40_000)
    assert "response_metadata" not in whole.data
    cut = slack.client.chat_postMessage(channel=HERE, text="t" * 40_001)
    assert cut["response_metadata"]["warnings"] == ["message_truncated"]
    assert [len(message["text"]) for message in slack.messages()] == [40_000, 40_000]
    slack.client.chat_update(channel=HERE, ts=cut["ts"], text="t" * 4_000)
    assert refusal(slack.client.chat_update, channel=HERE, ts=cut["ts"], text="t" * 4_001)["error"] == "msg_too_long"


def test_a_channel_accepts_a_burst_and_then_one_message_a_second(
    slack: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "BURST", 3)
    for _ in range(3):
        slack.client.chat_postMessage(channel=HERE, text="t")
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_postMessage(channel=HERE, text="too fast")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert caught.value.response.data["error"] == "ratelimited"
    slack.client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    slack.client.chat_postMessage(channel=HERE, text="a second later")
    assert slack.messages()[-1]["text"] == "a second later"


def test_edits_have_their_own_rate_limit(slack: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workspace, "BURST", 1)
    monkeypatch.setattr(Workspace, "UPDATES_PER_MINUTE", 2)
    first = slack.client.chat_postMessage(channel=HERE, text="t")
    for _ in range(2):
        slack.client.chat_update(channel=HERE, ts=first["ts"], text="t")
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_update(channel=HERE, ts=first["ts"], text="t")
    assert caught.value.response.headers["Retry-After"] == "30"
