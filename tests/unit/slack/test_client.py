"""Calls to Slack over HTTP, how its answers are read, and that no error contains a secret."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.unit.slack.test_message import SHOWN, notification
from wardrop.slack.api import Posted
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.client import Bot, connect
from wardrop.slack.errors import (
    ChannelRefused,
    CredentialsRefused,
    LayoutRefused,
    MessageGone,
    RateLimited,
    Unreachable,
)
from wardrop.slack.message import message
from wardrop.slack.refusals import DEFAULT_SECONDS, MAX_SECONDS
from wardrop.slack.webhook import Webhook

TOKEN, PATH = "xoxb-very-secret", "/services/T1/B1/very-secret"
POSTED = Posted("C1", "1.2")
SENT = message(notification(SHOWN["incident_opened"]))


@dataclass
class Server:
    """Answers each request as the test says, and keeps the requests."""

    url: str
    status: int = 200
    body: str = '{"ok": true, "channel": "C1", "ts": "1.2"}'
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def refuses(self, code: str, status: int = 200, **headers: str) -> None:
        self.status, self.body = status, json.dumps({"ok": False, "error": code})
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def server() -> Iterator[Server]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.asked.append((self.path, dict(self.headers), json.loads(body)))
            if known.status == 0:
                return  # and the connection is closed
            self.send_response(known.status)
            for name, value in known.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(known.body.encode())

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    listening = HTTPServer(("127.0.0.1", 0), Answers)
    known = Server(f"http://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    yield known
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def bot(server: Server) -> Bot:
    slack = connect(json.dumps({"bot_token": TOKEN, "api_url": f"{server.url}/api/"}))
    assert isinstance(slack, Bot)
    return slack


@pytest.fixture
def webhook(server: Server) -> Webhook:
    slack = connect(json.dumps({"webhook_url": server.url + PATH}))
    assert isinstance(slack, Webhook)
    return slack


class TestBot:
    def test_it_posts_with_its_token_and_without_previews_of_links(self, bot, server):
        assert bot.post("#shop-ops", SENT) == ("C1", "1.2")
        [(path, headers, body)] = server.asked
        assert path == "/api/chat.postMessage"
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert (body["channel"], body["blocks"], body["attachments"]) == ("#shop-ops", SENT.blocks, SENT.attachments)
        assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)
        assert "thread_ts" not in body

    @pytest.mark.parametrize("broadcast", [True, False])
    def test_it_replies_in_a_thread(self, bot, server, broadcast):
        bot.reply(POSTED, SENT, broadcast=broadcast)
        [(path, _, body)] = server.asked
        assert path == "/api/chat.postMessage"
        assert (body["channel"], body["thread_ts"], body["reply_broadcast"]) == ("C1", "1.2", broadcast)

    def test_an_edit_as_plain_text_removes_the_blocks(self, bot, server):
        bot.edit(POSTED, SlackMessage("words"))
        [(path, _, body)] = server.asked
        assert path == "/api/chat.update"
        assert body == {"channel": "C1", "ts": "1.2", "text": "words", "blocks": [], "attachments": []}

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            ("invalid_auth", CredentialsRefused),
            ("token_revoked", CredentialsRefused),
            ("account_inactive", CredentialsRefused),
            ("not_authed", CredentialsRefused),
            ("missing_scope", CredentialsRefused),
            ("invalid_blocks", LayoutRefused),
            ("msg_blocks_too_long", LayoutRefused),
            ("invalid_attachments", LayoutRefused),
            ("a_code_of_next_year", LayoutRefused),
            ("channel_not_found", ChannelRefused),
            ("not_in_channel", ChannelRefused),
            ("is_archived", ChannelRefused),
            ("restricted_action_read_only_channel", ChannelRefused),
            ("message_not_found", MessageGone),
            ("thread_not_found", MessageGone),
            ("internal_error", Unreachable),
            ("fatal_error", Unreachable),
            ("ratelimited", RateLimited),
        ],
    )
    def test_each_error_code_is_read_by_what_to_do(self, bot, server, code, error):
        server.refuses(code)
        with pytest.raises(error) as refused:
            bot.post("#shop-ops", SENT)
        assert_contains_no_secret(refused.value)

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("7", 7),
            ("0", 1),
            ("99999", MAX_SECONDS),
            ("9" * 5000, MAX_SECONDS),
            ("soon", DEFAULT_SECONDS),
            ("-1", DEFAULT_SECONDS),
            (None, DEFAULT_SECONDS),
        ],
    )
    def test_a_rate_limit_lasts_as_long_as_slack_says(self, bot, server, header, seconds):
        server.refuses("ratelimited", 429, **({"Retry_After": header} if header else {}))
        with pytest.raises(RateLimited) as refused:
            bot.post("#shop-ops", SENT)
        assert refused.value.retry_after == seconds

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, "oops"),
            (503, '{"ok": false, "error": "service_unavailable"}'),
            (502, "<html>"),
            (200, "<html>"),
            (200, ""),
        ],
    )
    def test_a_failing_server_is_unreachable(self, bot, server, status, body):
        server.status, server.body = status, body
        with pytest.raises(Unreachable):
            bot.edit(POSTED, SENT)

    @pytest.mark.parametrize("status", [500, 0])
    def test_it_does_not_retry(self, bot, server, status):
        server.status = status
        with pytest.raises(Unreachable):
            bot.post("#shop-ops", SENT)
        assert len(server.asked) == 1


class TestWebhook:
    @pytest.fixture(autouse=True)
    def plain(self, server):
        server.body = "ok"

    @pytest.mark.parametrize(
        ("status", "body"),
        [(200, "ok\n"), (200, '{"ok":true}'), (200, ""), (201, "1"), (202, "accepted"), (204, ""), (200, "<html>")],
    )
    def test_every_2xx_is_a_delivery(self, webhook, server, status, body):
        server.status, server.body = status, body
        assert webhook.post("", SENT) == ("", "")
        assert len(server.asked) == 1

    def test_an_endless_body_is_not_read(self, webhook, server):
        server.status, server.body = 400, "x" * 10_000_000
        with pytest.raises(LayoutRefused):
            webhook.post("", SENT)

    def test_a_redirect_is_not_followed(self, webhook, server):
        server.status, server.headers = 302, {"Location": f"{server.url}/login"}
        with pytest.raises(CredentialsRefused, match="redirects"):
            webhook.post("", SENT)
        assert len(server.asked) == 1

    def test_plain_text_has_no_empty_blocks(self, webhook, server):
        webhook.post("", SENT.plain)
        assert server.asked[0][2] == {"text": SENT.text, "unfurl_links": False}

    def test_it_posts_to_its_address(self, webhook, server):
        webhook.post("#ignored", SENT)
        [(path, headers, body)] = server.asked
        assert path == PATH
        assert body["attachments"] == SENT.attachments
        assert "channel" not in body
        assert "Authorization" not in headers

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (400, "invalid_payload", LayoutRefused),
            (400, "no_text", LayoutRefused),
            (403, "invalid_token", CredentialsRefused),
            (403, "action_prohibited", CredentialsRefused),
            (404, "no_service", CredentialsRefused),
            (404, "no_team", CredentialsRefused),
            (410, "channel_is_archived", CredentialsRefused),
            (404, f"<html>{PATH}</html>", CredentialsRefused),
            (500, "rollup_error", Unreachable),
            (429, "ratelimited", RateLimited),
            (400, "invalid_blocks\n", LayoutRefused),
            (400, "msg_blocks_too_long", LayoutRefused),
            (400, "invalid_attachments", LayoutRefused),
            (403, "invalid_blocks", LayoutRefused),
            (400, '{"ok":false,"error":"no_active_hooks"}', CredentialsRefused),
            (400, '{"success":false,"error":"Invalid integration id or token provided."}', LayoutRefused),
            (400, '{"id":"web.incoming_webhook.parse.app_error","status_code":400}', LayoutRefused),
            (400, "Bad payload received by generic incoming webhook.", LayoutRefused),
            (401, "<html>", CredentialsRefused),
            (408, "", Unreachable),
            (413, "<html>Request Entity Too Large</html>", LayoutRefused),
            (422, "\ufffe", LayoutRefused),
            (400, "[" * 4000, LayoutRefused),
        ],
    )
    def test_each_answer_is_read_by_what_to_do(self, webhook, server, status, body, error):
        server.status, server.body = status, body
        with pytest.raises(error) as refused:
            webhook.post("", SENT)
        assert_contains_no_secret(refused.value)

    def test_it_cannot_edit_or_reply(self, webhook, server):
        with pytest.raises(MessageGone):
            webhook.edit(POSTED, SENT)
        with pytest.raises(MessageGone):
            webhook.reply(POSTED, SENT, broadcast=True)
        assert server.asked == []


@pytest.mark.parametrize(
    "secret", [{"bot_token": TOKEN, "api_url": "http://localhost:1/"}, {"webhook_url": f"http://localhost:1{PATH}"}]
)
def test_an_unreachable_slack_is_reported_and_the_secret_is_not_logged(secret, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Unreachable) as refused:
        connect(json.dumps(secret)).post("#shop-ops", SENT)
    assert_contains_no_secret(refused.value)
    assert "very-secret" not in caplog.text


@pytest.mark.parametrize(
    "secret",
    [
        "",
        TOKEN,
        "[]",
        "{}",
        f'{{"bot_token": ["{TOKEN}"]}}',
        '{"bot_token": ""}',
        f'{{"webhook_url": "http://evil{PATH}"}}',
        f'{{"webhook_url": "file://{PATH}"}}',
        f'{{"bot_token": "{TOKEN}", "api_url": "ftp://evil/"}}',
    ],
)
def test_a_malformed_secret_is_refused_without_its_text(secret):
    with pytest.raises(CredentialsRefused) as refused:
        connect(secret)
    assert refused.value.reason.startswith("the Slack secret ")
    assert_contains_no_secret(refused.value)


def assert_contains_no_secret(error: BaseException) -> None:
    errors = [error, error.__cause__, None if error.__suppress_context__ else error.__context__]
    assert not any("very-secret" in f"{each!r} {each}" for each in errors)
