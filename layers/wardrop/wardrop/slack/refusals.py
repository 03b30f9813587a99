"""The error codes of chat.postMessage, chat.update and incoming webhooks, by Slack's reference."""

import re
from collections.abc import Mapping

from wardrop.errors import WardropError
from wardrop.slack.errors import (
    ChannelRefused,
    CredentialsRefused,
    LayoutRefused,
    MessageGone,
    RateLimited,
    Unreachable,
)

DEFAULT_SECONDS, MAX_SECONDS = 30, 3600
"""How long to wait after a rate limit: if Slack does not say, and at most."""

UNREADABLE = "unreadable"
"""The code that is used if an answer contains none."""

WEBHOOK_LAYOUT_CODES = {"invalid_payload", "no_text", "too_many_attachments", "invalid_blocks", "invalid_attachments"}
"""All other 4xx codes of a webhook are about the webhook itself."""

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
LIMIT_CODES = {"message_limit_exceeded", "rate_limited", "ratelimited"}


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


def webhook_refusal(code: str, status: int, headers: Mapping[str, str]) -> WardropError:
    """Other than with a bot, an archived channel means that the webhook has to be replaced."""
    if 400 <= status < 500 and status != 429 and code not in WEBHOOK_LAYOUT_CODES:
        return CredentialsRefused(f"Slack refused the webhook ({_quoted(code)})")
    return refusal(code, status, headers)


def _seconds(retry_after: str | None) -> int:
    if retry_after is None or not retry_after.isdecimal():
        return DEFAULT_SECONDS
    return min(max(int(retry_after), 1), MAX_SECONDS)


def _is_code(code: str) -> bool:
    return re.fullmatch(r"[a-z0-9_]{1,60}", code) is not None


def _quoted(code: str) -> str:
    """Other text is not repeated, because it may come from elsewhere, such as a proxy."""
    return code if _is_code(code) else "without an error code"
