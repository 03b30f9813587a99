"""Slack, through a bot's token or an incoming webhook. The only module that knows Slack's API and its SDK.

RateLimited         Not before so many seconds.
Unreachable         Slack, or the way there, is in trouble.
CredentialsRefused  The secret is missing, cannot be read, or is not what Slack takes (any more).
ChannelRefused      This channel will not take the message; another one might.
MessageGone         What was to be edited or answered is not there.
LayoutRefused       Slack will not take this message as it stands; as plain text it might.

No token and no address of a webhook is ever in one of these texts.
"""

import logging
import re
from http.client import HTTPException
from typing import Any, NamedTuple, Protocol

import msgspec
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from wardrop.errors import NotNow, WardropError
from wardrop.slack.message import SlackMessage

TIMEOUT_SECONDS = 5
SOME_SECONDS = 30
MOST_SECONDS = 3600
LOCAL = ("http://localhost:", "http://127.0.0.1:")

# The SDK logs failures by itself, also with the webhook's address.
_SILENT = logging.Logger("slack_sdk", logging.CRITICAL + 1)


class RateLimited(NotNow):
    retry_after: int

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Slack takes no more for {retry_after} s")
        self.retry_after = retry_after


class Unreachable(NotNow):
    pass


class CredentialsRefused(NotNow):
    pass


class ChannelRefused(WardropError):
    pass


class MessageGone(WardropError):
    pass


class LayoutRefused(WardropError):
    pass


class Posted(NamedTuple):
    channel: str
    """Slack's id; empty with a webhook."""

    ts: str


class Slack(Protocol):
    @property
    def edits(self) -> bool:
        """Whether messages can be edited, and answered in a thread."""

    def post(
        self, channel: str, message: SlackMessage, thread_ts: str | None = None, *, everybody: bool = False
    ) -> Posted:
        """`everybody`: the reply is seen in the channel too."""

    def edit(self, channel: str, ts: str, message: SlackMessage) -> None:
        """`channel` is the id that `post` returned."""


class Secret(msgspec.Struct, frozen=True):
    bot_token: str | None = None
    api_url: str | None = None
    """GovSlack's, for one, is another."""

    webhook_url: str | None = None


def connect(secret: str) -> Slack:
    """Raises CredentialsRefused if that is not what the secret must be."""
    try:
        read = msgspec.json.decode(secret, type=Secret)
    except msgspec.MsgspecError:
        raise CredentialsRefused('the secret is not {"bot_token": "xoxb-…"} or {"webhook_url": "https://…"}') from None
    for url in filter(None, (read.api_url, read.webhook_url)):
        if not url.startswith(("https://", *LOCAL)):
            raise CredentialsRefused("the secret names an address that does not begin with https://")
    if read.bot_token:
        return Bot(read.bot_token, read.api_url or WebClient.BASE_URL)
    if read.webhook_url:
        return Webhook(read.webhook_url)
    raise CredentialsRefused("the secret has neither bot_token nor webhook_url")


class Bot:
    edits = True

    def __init__(self, token: str, api_url: str) -> None:
        self._client = WebClient(token, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=_SILENT)

    def post(
        self, channel: str, message: SlackMessage, thread_ts: str | None = None, *, everybody: bool = False
    ) -> Posted:
        answer = self._call(
            "chat.postMessage",
            message,
            channel=channel,
            unfurl_links=False,
            unfurl_media=False,
            **({"thread_ts": thread_ts, "reply_broadcast": everybody} if thread_ts else {}),
        )
        return Posted(answer["channel"], answer["ts"])

    def edit(self, channel: str, ts: str, message: SlackMessage) -> None:
        self._call("chat.update", message, channel=channel, ts=ts)

    def _call(self, method: str, message: SlackMessage, **arguments: Any) -> Any:
        body = msgspec.to_builtins(message) | arguments
        try:
            return self._client.api_call(method, json=body)
        except SlackApiError as error:
            answer = error.response
            code = answer.get("error") if isinstance(answer.data, dict) else None
            raise _refusal(str(code or "unreadable"), answer.status_code, answer.headers) from None
        except (OSError, HTTPException, SlackRequestError, ValueError) as error:
            raise Unreachable(f"Slack cannot be reached: {type(error).__name__}") from None


class Webhook:
    edits = False

    def __init__(self, url: str) -> None:
        self._client = WebhookClient(url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=_SILENT)

    def post(
        self, channel: str, message: SlackMessage, thread_ts: str | None = None, *, everybody: bool = False
    ) -> Posted:
        """Into the channel that the webhook is bound to, whatever is asked for."""
        del channel, thread_ts, everybody
        try:
            answer = self._client.send_dict(msgspec.to_builtins(message) | {"unfurl_links": False})
        except (OSError, HTTPException, SlackRequestError, ValueError) as error:
            raise Unreachable(f"Slack cannot be reached: {type(error).__name__}") from None
        if answer.status_code == 200 and answer.body == "ok":
            return Posted("", "")
        code = answer.body.strip()
        if 400 <= answer.status_code < 500 and answer.status_code != 429 and code not in LAYOUT_CODES:
            # Also when its channel is archived: only another webhook helps.
            raise CredentialsRefused(f"Slack refuses the webhook ({_short(code)})")
        raise _refusal(code, answer.status_code, answer.headers)

    def edit(self, channel: str, ts: str, message: SlackMessage) -> None:
        del channel, ts, message
        raise MessageGone("a webhook cannot edit")


LAYOUT_CODES = {"invalid_payload", "no_text", "too_many_attachments", "invalid_blocks", "invalid_attachments"}
"""Of a webhook; what else it refuses with 4xx is about itself."""

CREDENTIAL_CODES = {
    "access_denied",
    "account_inactive",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "team_not_found",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
}
CHANNEL_CODES = {
    "channel_is_limited_access",
    "channel_not_found",
    "duplicate_channel_not_found",
    "is_archived",
    "messages_tab_disabled",
    "not_in_channel",
}
GONE_CODES = {
    "cannot_reply_to_message",
    "cant_update_message",
    "edit_window_closed",
    "message_not_found",
    "thread_not_found",
}
TROUBLE_CODES = {
    "accesslimited",
    "external_channel_migrating",
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
    "unreadable",
    "update_failed",
}
LIMIT_CODES = {"message_limit_exceeded", "rate_limited", "ratelimited"}


def _refusal(code: str, status: int, headers: Any) -> WardropError:
    """By the errors of chat.postMessage and chat.update, and those of incoming webhooks, in Slack's reference."""
    if status == 429 or code in LIMIT_CODES:
        return RateLimited(_seconds(headers.get("Retry-After")))
    if status >= 500 or code in TROUBLE_CODES or _short(code) != code:
        return Unreachable(f"Slack is in trouble (HTTP {status}, {_short(code)})")
    if code in CREDENTIAL_CODES or status in (401, 403):
        return CredentialsRefused(f"Slack refuses the bot token ({code})")
    if code in CHANNEL_CODES or code.startswith("restricted_action"):
        return ChannelRefused(code)
    return MessageGone(code) if code in GONE_CODES else LayoutRefused(code)


def _seconds(retry_after: str | None) -> int:
    stated = retry_after or ""
    return min(max(int(stated), 1), MOST_SECONDS) if stated.isdecimal() else SOME_SECONDS


def _short(code: str) -> str:
    """Nothing but a code of Slack's: whatever else stands there may come from elsewhere, such as a proxy."""
    return code if re.fullmatch(r"[a-z0-9_]{1,60}", code) else "no code of Slack's"
