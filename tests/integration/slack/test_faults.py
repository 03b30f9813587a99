"""The faults of Slack's stand-in."""

import pytest
from slack_sdk import WebhookClient
from slack_sdk.errors import SlackApiError

from local.faults import InvalidFault

from .conftest import Served

HERE = "C0WARDROP01"


def failure(slack: Served) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_postMessage(channel=HERE, text="t")
    return caught.value


def test_slack_may_be_down(slack: Served) -> None:
    slack.faults.add({"fault": "slack-down", "times": 2})
    assert failure(slack).response.status_code == 503
    assert WebhookClient(slack.hook()).send(text="t").status_code == 503
    assert slack.messages() == []
    slack.client.chat_postMessage(channel=HERE, text="up again")


def test_slack_may_answer_429(slack: Served) -> None:
    slack.faults.add({"fault": "slack-429", "seconds": 17, "times": 2})
    response = failure(slack).response
    assert (response.status_code, response.headers["Retry-After"]) == (429, "17")
    assert WebhookClient(slack.hook()).send(text="t").headers["Retry-After"] == "17"
    slack.client.chat_postMessage(channel=HERE, text="t")


def test_the_token_and_the_webhook_may_be_revoked(slack: Served) -> None:
    slack.faults.add({"fault": "slack-revoked"})
    assert failure(slack).response["error"] == "token_revoked"
    answer = WebhookClient(slack.hook()).send(text="t")
    assert (answer.status_code, answer.body) == (404, "no_service")
    slack.faults.clear()
    slack.client.chat_postMessage(channel=HERE, text="t")


def test_an_answer_may_be_lost_after_the_message_is_posted(slack: Served) -> None:
    slack.faults.add({"fault": "fails-after-effect", "action": "chat.postMessage", "times": 1})
    assert failure(slack).response.status_code == 500
    assert len(slack.messages()) == 1
    slack.faults.add({"fault": "fails-after-effect", "action": "webhook", "times": 1})
    assert WebhookClient(slack.hook()).send(text="t").status_code == 500
    assert len(slack.messages()) == 2


def test_a_seed_always_strikes_the_same_calls(slack: Served) -> None:
    def struck_calls() -> list[bool]:
        slack.faults.clear()
        slack.faults.add({"fault": "slack-down", "rate": 0.5, "seed": 3})
        return [WebhookClient(slack.hook()).send(text="t").status_code == 503 for _ in range(12)]

    first = struck_calls()
    assert struck_calls() == first
    assert set(first) == {True, False}


def test_retry_after_must_be_a_number(slack: Served) -> None:
    with pytest.raises(InvalidFault, match="seconds: must be a whole number"):
        slack.faults.add({"fault": "slack-429", "seconds": "soon"})
