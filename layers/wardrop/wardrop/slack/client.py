"""Connects to Slack with a bot token or through an incoming webhook. Only this module uses Slack's SDK."""

import logging
from http.client import HTTPException
from typing import Any

import msgspec
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from wardrop.foreign_json import JSON_ERRORS
from wardrop.slack.api import Posted, Slack
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.errors import CredentialsRefused
from wardrop.slack.refusals import UNREADABLE, refusal
from wardrop.slack.webhook import TIMEOUT_SECONDS, Webhook, unreachable

LOCAL = ("http://localhost:", "http://127.0.0.1:")

# This logger is silent, because the SDK would log the URL with each failure.
_SILENT = logging.Logger("slack_sdk", logging.CRITICAL + 1)


class Credentials(msgspec.Struct, frozen=True):
    """The content of the secret: a bot token or a webhook's URL."""

    bot_token: str | None = None
    api_url: str | None = None
    """The URL of Slack's Web API. None: the API of slack.com is used. GovSlack needs a different URL."""

    webhook_url: str | None = None


def connect(secret: str) -> Slack:
    """Raises CredentialsRefused if the secret is malformed."""
    try:
        credentials = msgspec.json.decode(secret, type=Credentials)
    except JSON_ERRORS:
        form = '{"bot_token": "xoxb-…"} or {"webhook_url": "https://…"}'
        raise CredentialsRefused(f"the Slack secret must be {form}") from None
    for url in filter(None, (credentials.api_url, credentials.webhook_url)):
        if not url.startswith(("https://", *LOCAL)):
            raise CredentialsRefused("the Slack secret contains a URL that does not start with https://")
    if credentials.bot_token:
        return Bot(credentials.bot_token, credentials.api_url or WebClient.BASE_URL)
    if credentials.webhook_url:
        return Webhook(credentials.webhook_url)
    raise CredentialsRefused("the Slack secret contains neither bot_token nor webhook_url")


class Bot:
    edits = True

    def __init__(self, token: str, api_url: str) -> None:
        self._client = WebClient(token, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=_SILENT)

    def post(self, channel: str, message: SlackMessage) -> Posted:
        answer = self._post(message, channel=channel)
        return Posted(answer["channel"], answer["ts"])

    def edit(self, posted: Posted, message: SlackMessage) -> None:
        self._call("chat.update", message, channel=posted.channel, ts=posted.ts)

    def reply(self, posted: Posted, message: SlackMessage, *, broadcast: bool) -> None:
        self._post(message, channel=posted.channel, thread_ts=posted.ts, reply_broadcast=broadcast)

    def _post(self, message: SlackMessage, **arguments: Any) -> Any:
        return self._call("chat.postMessage", message, unfurl_links=False, unfurl_media=False, **arguments)

    def _call(self, method: str, message: SlackMessage, **arguments: Any) -> Any:
        try:
            return self._client.api_call(method, json=msgspec.to_builtins(message) | arguments)
        except SlackApiError as error:
            answer = error.response
            code = answer.get("error") if isinstance(answer.data, dict) else None
            raise refusal(str(code or UNREADABLE), answer.status_code, answer.headers) from None
        except (OSError, HTTPException, SlackRequestError, ValueError) as error:
            raise unreachable(error) from None
