"""The blocks that Slack accepts, and the errors for invalid blocks."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from local.slack.blocks import errors_of

from .conftest import Served

pytestmark = pytest.mark.filterwarnings("ignore:The top-level `text` argument")

PLAIN = {"type": "plain_text", "text": "t"}
MRKDWN = {"type": "mrkdwn", "text": "t"}
BUTTON = {"type": "button", "text": PLAIN, "url": "https://example.com", "action_id": "a", "value": "v"}
IMAGE = {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "i"}


def section(**given: Any) -> dict[str, Any]:
    return {"type": "section", **given}


def button(**given: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": [{**BUTTON, **given}]}


def long(kind: str, length: int) -> dict[str, Any]:
    return {"type": kind, "text": "x" * length}


@pytest.mark.parametrize(
    "block",
    [
        section(text=long("mrkdwn", 3000), block_id="b" * 255),
        section(fields=[long("mrkdwn", 2000)] * 10, accessory=BUTTON),
        section(text={**PLAIN, "emoji": True}, accessory=IMAGE, expand=True),
        {"type": "header", "text": long("plain_text", 150)},
        {"type": "divider"},
        {"type": "context", "elements": [MRKDWN, PLAIN, IMAGE, *[MRKDWN] * 7]},
        {"type": "actions", "elements": [{**BUTTON, "text": long("plain_text", 75), "value": "v" * 2000}] * 25},
        {"type": "actions", "elements": [{**BUTTON, "style": "danger", "action_id": "a" * 255}]},
        {**IMAGE, "title": PLAIN},
        {"type": "markdown", "text": "x" * 12000},
    ],
)
def test_blocks_up_to_their_limits_are_accepted(block: dict[str, Any]) -> None:
    assert errors_of([block]) == []


@pytest.mark.parametrize(
    ("block", "error", "pointer"),
    [
        (section(text=long("mrkdwn", 3001)), "must be less than 3001 characters", "/text/text"),
        (section(text=long("mrkdwn", 0)), "must be more than 0 characters", "/text/text"),
        (section(fields=[long("mrkdwn", 2001)]), "must be less than 2001 characters", "/fields/0/text"),
        (section(fields=[MRKDWN] * 11), "no more than 10 items allowed", "/fields"),
        (section(), "must define either `fields` or `text`", ""),
        (section(text="t"), "must be an object", "/text"),
        (section(text=MRKDWN, block_id="b" * 256), "must be less than 256 characters", "/block_id"),
        ({"type": "header", "text": long("plain_text", 151)}, "must be less than 151 characters", "/text/text"),
        ({"type": "header", "text": MRKDWN}, "unsupported type: mrkdwn", "/text/type"),
        ({"type": "header"}, "missing required field: text", ""),
        ({"type": "divider", "text": PLAIN}, "invalid additional property: text", ""),
        ({"type": "context", "elements": [MRKDWN] * 11}, "no more than 10 items allowed", "/elements"),
        ({"type": "context", "elements": []}, "no less than 1 items allowed", "/elements"),
        ({"type": "actions", "elements": [BUTTON] * 26}, "no more than 25 items allowed", "/elements"),
        (button(text=long("plain_text", 76)), "must be less than 76 characters", "/elements/0/text/text"),
        (button(value="v" * 2001), "must be less than 2001 characters", "/elements/0/value"),
        (button(action_id="a" * 256), "must be less than 256 characters", "/elements/0/action_id"),
        (button(style="loud"), "must be one of: primary, danger", "/elements/0/style"),
        (button(block_id="b"), "invalid additional property: block_id", "/elements/0"),
        ({**IMAGE, "alt_text": None}, "must provide a string", "/alt_text"),
        ({"type": "image", "image_url": "u"}, "missing required field: alt_text", ""),
        ({"type": "bogus"}, "unsupported type: bogus", "/type"),
        ({"text": MRKDWN}, "missing required field: type", ""),
        ("text", "must be an object", ""),
    ],
)
def test_an_error_names_its_place(block: Any, error: str, pointer: str) -> None:
    assert errors_of([block]) == [f"{error} [json-pointer:/blocks/0{pointer}]"]


def refusal(slack: Served, **given: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_postMessage(channel="#wardrop", text="t", **given)
    data = caught.value.response.data
    assert isinstance(data, dict)
    return data


def test_a_refusal_lists_every_error(slack: Served) -> None:
    answer = refusal(slack, blocks=[{"type": "bogus"}, {"type": "header"}])
    errors = [
        "unsupported type: bogus [json-pointer:/blocks/0/type]",
        "missing required field: text [json-pointer:/blocks/1]",
    ]
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == errors
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {error}" for error in errors]
    assert slack.messages() == []


def test_the_blocks_of_an_edit_are_checked(slack: Served) -> None:
    first = slack.client.chat_postMessage(channel="#wardrop", text="t")
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        slack.client.chat_update(channel=first["channel"], ts=first["ts"], blocks=[{"type": "bogus"}])
    assert slack.messages()[0]["edited"] is None


def test_the_blocks_of_attachments_are_checked(slack: Served) -> None:
    answer = refusal(slack, attachments=[{"color": "good"}, {"blocks": [{"type": "header"}]}])
    assert answer["errors"] == ["missing required field: text [json-pointer:/attachments/1/blocks/0]"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [section(text=long("mrkdwn", 2900))] * 5}, "msg_blocks_too_long"),
        ({"attachments": [{"blocks": [section(text=long("mrkdwn", 2900))] * 5}]}, "msg_blocks_too_long"),
        ({"attachments": [{"color": "good"}] * 101}, "too_many_attachments"),
        ({"attachments": ["text"]}, "invalid_attachments"),
        ({"blocks": "no JSON"}, "invalid_blocks_format"),
        ({"blocks": '{"blocks": []}'}, "invalid_blocks_format"),
    ],
)
def test_too_many_blocks_and_blocks_that_are_no_list_are_refused(
    slack: Served, given: dict[str, Any], error: str
) -> None:
    assert refusal(slack, **given)["error"] == error


def test_the_largest_number_of_blocks_is_accepted(slack: Served) -> None:
    blocks: list[Any] = [{"type": "divider"}] * 46 + [section(text=long("mrkdwn", 3000))] * 4
    slack.client.chat_postMessage(channel="#wardrop", text="t", blocks=blocks)
    assert slack.messages()[0]["blocks"] == blocks


def test_an_empty_message_is_refused(slack: Served) -> None:
    with pytest.raises(SlackApiError, match="no_text"):
        slack.client.chat_postMessage(channel="#wardrop", text="")
