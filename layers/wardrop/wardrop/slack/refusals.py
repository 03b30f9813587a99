"""Translates Slack's error codes and HTTP statuses into Wardrop's errors.

The codes are from Slack's reference for chat.postMessage, chat.update and incoming webhooks.
"""

import re
from collections.abc import Mapping

import msgspec

from wardrop.errors import WardropError
from wardrop.foreign_json import JSON_ERRORS
from wardrop.slack.errors import (
    ChannelRefused,
    CredentialsRefused,
    LayoutRefused,
    MessageGone,
    RateLimited,
    Unreachable,
)

DEFAULT_SECONDS, MAX_SECONDS = 30, 3600
"""The default and the maximum time to wait after a rate limit, in seconds."""

UNREADABLE = "unreadable"
"""The code that Wardrop uses for a response without an error code."""

WEBHOOK_CODES = {
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    "invalid_token",
    "no_active_hooks",
    "no_service",
    "no_service_id",
    "no_team",
    "posting_to_general_channel_denied",
    "team_disabled",
    "user_not_found",
}
"""Codes that mean that a user must replace the webhook (Slack, "Sending messages using incoming webhooks")."""

WEBHOOK_STATUSES = {401, 403, 404, 405, 410}
"""HTTP statuses that mean that the webhook is refused, unless the response contains a code about the layout."""

WEBHOOK_LAYOUT_CODES = {
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_payload",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "too_many_attachments",
}

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
TEMPORARY_CODES = {
    "accesslimited",
    "external_channel_migrating",
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
    UNREADABLE,
    "update_failed",
}
TEMPORARY_STATUSES = {408, 425}
LIMIT_CODES = {"message_limit_exceeded", "rate_limited", "ratelimited"}


MAX_DIGITS = 20
"""The maximum length of the number in Retry-After, because Python refuses to convert very long numbers."""


def refusal(code: str, status: int, headers: Mapping[str, str]) -> WardropError:
    if status == 429 or code in LIMIT_CODES:
        return RateLimited(_seconds(headers.get("Retry-After")))
    if status >= 500 or code in TEMPORARY_CODES or not _is_code(code):
        return Unreachable(f"Slack failed (HTTP {status}, {_quoted(code)})")
    if code in CREDENTIAL_CODES or status in (401, 403):
        return CredentialsRefused(f"Slack refused the bot token ({code})")
    if code in CHANNEL_CODES or code.startswith("restricted_action"):
        return ChannelRefused(code)
    return MessageGone(code) if code in GONE_CODES else LayoutRefused(code)


def webhook_refusal(body: str, status: int, retry_after: str | None) -> WardropError:
    """Returns the error for a response whose status is not 2xx. `body` is the beginning of the response.

    An unknown 4xx status counts as LayoutRefused, so the message is posted again as plain text. If the plain text is
    also refused, the alert moves to the dead-letter queue. Otherwise, one message could delay all later messages for
    hours.
    """
    code = _code_in(body)
    if status == 429 or code in LIMIT_CODES:
        return RateLimited(_seconds(retry_after))
    if status >= 500 or status in TEMPORARY_STATUSES or code in TEMPORARY_CODES:
        return Unreachable(f"the webhook failed (HTTP {status}, {_quoted(code)})")
    if 300 <= status < 400:
        return CredentialsRefused(f"the address of the webhook redirects to another address (HTTP {status})")
    if code in WEBHOOK_CODES or (status in WEBHOOK_STATUSES and code not in WEBHOOK_LAYOUT_CODES):
        return CredentialsRefused(f"the webhook is refused (HTTP {status}, {_quoted(code)})")
    return LayoutRefused(f"HTTP {status}, {_quoted(code)}")


def _seconds(retry_after: str | None) -> int:
    if retry_after is None or not retry_after.isdecimal():
        return DEFAULT_SECONDS
    return MAX_SECONDS if len(retry_after) > MAX_DIGITS else min(max(int(retry_after), 1), MAX_SECONDS)


def _code_in(body: str) -> str:
    """Returns the error code.

    Slack responds with only the code. Other receivers respond with JSON that has the key `error`.
    """
    try:
        answer = msgspec.json.decode(body)
    except JSON_ERRORS:
        answer = body
    code = answer.get("error") if isinstance(answer, dict) else answer
    return code.strip() if isinstance(code, str) else ""


def _is_code(code: str) -> bool:
    return re.fullmatch(r"[a-z0-9_]{1,60}", code) is not None


def _quoted(code: str) -> str:
    """Returns the code for the error message.

    A string that is not a code is left out, because it may be from a proxy.
    """
    return code if _is_code(code) else "without an error code"
