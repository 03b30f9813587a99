"""Alerts for Slack as the queue delivers them, and the answers of Slack and of webhooks."""

import json
from typing import Any

import msgspec
from hypothesis import strategies as st

from tests.fuzz.oracle import SECRET, check_line, check_notification
from tests.fuzz.strategies import DOCUMENTS, TEXT, mutated, written
from tests.fuzz.target import Target
from tests.unit.alert_samples import SAMPLES
from wardrop.alerts.model import Notification
from wardrop.errors import Malformed, WardropError
from wardrop.slack.client import connect
from wardrop.slack.post import read_notification
from wardrop.slack.refusals import refusal, webhook_refusal

SEEDS = [json.loads(msgspec.json.encode(Notification(alert=alert, channel="#shop"))) for alert in SAMPLES]
_ANSWERS = st.one_of(
    TEXT,
    DOCUMENTS.map(written),
    st.builds(
        lambda code: json.dumps({"ok": False, "error": code}), TEXT | st.sampled_from(["no_text", "invalid_blocks"])
    ),
    st.integers(1, 100_000).map(lambda depth: "[" * depth),
)
ANSWERS = _ANSWERS.map(lambda text: text.encode(errors="replace").decode())
"""Bytes are decoded with replacement, so that an answer contains no half surrogate pair."""

STATUSES = st.sampled_from([200, 204, 301, 400, 401, 403, 404, 408, 429, 500, 503, 599, 999])
SECRETS = st.one_of(
    st.just(SECRET),
    st.builds(lambda url: json.dumps({"webhook_url": f"{url}{SECRET}"}), TEXT),
    st.builds(lambda token: json.dumps({"bot_token": token, "api_url": f"ftp://{SECRET}"}), TEXT),
    st.integers(1, 100_000).map(lambda depth: SECRET + "[" * depth),
    st.integers(1, 100_000).map(lambda depth: '{"x": ' + "[" * depth),
    TEXT,
)


def check_message(document: Any) -> None:
    try:
        notification = read_notification(written(document))
    except Malformed as error:
        check_line(error.reason)
    else:
        check_notification(notification)


def check_refusal(answer: tuple[str, int, str | None]) -> None:
    body, status, retry_after = answer
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    for error in (refusal(body, status, headers), webhook_refusal(body, status, retry_after)):
        check_line(error.reason)


def check_secret(secret: str) -> None:
    try:
        connect(secret)
    except WardropError as error:
        check_line(error.reason)


MESSAGES = Target(st.sampled_from(SEEDS).flatmap(mutated), check_message)
REFUSALS = Target(st.tuples(ANSWERS, STATUSES, st.none() | TEXT), check_refusal)
CONNECTIONS = Target(SECRETS, check_secret)
