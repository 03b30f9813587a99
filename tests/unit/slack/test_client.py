"""Slack's adapter: how Slack's answers are read, by its SDK and over HTTP; and that no secret is ever in an error."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.slack.test_message import SHOWN, notification
from wardrop.aws.ledger.table import Table
from wardrop.aws.ledger.threads import Threads
from wardrop.aws.secrets import NoSecret, Secrets
from wardrop.slack.client import (
    MOST_SECONDS,
    SOME_SECONDS,
    Bot,
    ChannelRefused,
    CredentialsRefused,
    LayoutRefused,
    MessageGone,
    RateLimited,
    Unreachable,
    Webhook,
    connect,
)
from wardrop.slack.message import SlackMessage, message
from wardrop.slack.thread import Thread

TOKEN, PATH = "xoxb-very-secret", "/services/T1/B1/very-secret"
SENT = message(notification(SHOWN["incident_opened"]))


@dataclass
class Server:
    """Answers every request with what the test sets, and keeps what it was asked."""

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
            """It speaks to nobody."""

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


class TestABot:
    def test_posts_with_its_token_and_lets_nothing_unfold(self, bot, server):
        assert bot.post("#shop-ops", SENT) == ("C1", "1.2")
        [(path, headers, body)] = server.asked
        assert path == "/api/chat.postMessage"
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert (body["channel"], body["blocks"], body["attachments"]) == ("#shop-ops", SENT.blocks, SENT.attachments)
        assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)
        assert "thread_ts" not in body

    def test_answers_in_a_thread(self, bot, server):
        bot.post("C1", SENT, "1.2", everybody=True)
        [(_, _, body)] = server.asked
        assert (body["thread_ts"], body["reply_broadcast"]) == ("1.2", True)

    def test_edits_away_what_plain_text_does_not_have(self, bot, server):
        bot.edit("C1", "1.2", SlackMessage("words"))
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
    def test_reads_what_slack_refuses_as_what_to_do(self, bot, server, code, error):
        server.refuses(code)
        with pytest.raises(error) as refused:
            bot.post("#shop-ops", SENT)
        assert_tells_no_secret(refused.value)

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("7", 7),
            ("0", 1),
            ("99999", MOST_SECONDS),
            ("soon", SOME_SECONDS),
            ("-1", SOME_SECONDS),
            (None, SOME_SECONDS),
        ],
    )
    def test_waits_as_long_as_slack_asks_for(self, bot, server, header, seconds):
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
    def test_tries_again_later_what_a_server_in_trouble_answers(self, bot, server, status, body):
        server.status, server.body = status, body
        with pytest.raises(Unreachable):
            bot.edit("C1", "1.2", SENT)

    @pytest.mark.parametrize("status", [500, 0])
    def test_asks_once(self, bot, server, status):
        server.status = status
        with pytest.raises(Unreachable):
            bot.post("#shop-ops", SENT)
        assert len(server.asked) == 1


class TestAWebhook:
    @pytest.fixture(autouse=True)
    def plain(self, server):
        server.body = "ok"

    def test_posts_to_its_address(self, webhook, server):
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
            (200, "<html>", Unreachable),
            (429, "ratelimited", RateLimited),
        ],
    )
    def test_reads_what_slack_refuses_as_what_to_do(self, webhook, server, status, body, error):
        server.status, server.body = status, body
        with pytest.raises(error) as refused:
            webhook.post("", SENT)
        assert_tells_no_secret(refused.value)


@pytest.mark.parametrize(
    "secret", [{"bot_token": TOKEN, "api_url": "http://localhost:1/"}, {"webhook_url": f"http://localhost:1{PATH}"}]
)
def test_a_slack_that_is_not_there_is_tried_again_later_and_nothing_of_the_secret_is_logged(secret, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Unreachable) as refused:
        connect(json.dumps(secret)).post("#shop-ops", SENT)
    assert_tells_no_secret(refused.value)
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
    assert refused.value.reason.startswith("the secret ")
    assert_tells_no_secret(refused.value)


def assert_tells_no_secret(error: BaseException) -> None:
    told = [error, error.__cause__, None if error.__suppress_context__ else error.__context__]
    assert not any("very-secret" in f"{one!r} {one}" for one in told)


class TestTheSecret:
    def test_is_read_as_it_stands(self):
        with Stubber(client("secretsmanager")) as stub:
            stub.add_response("get_secret_value", {"SecretString": "{}"}, {"SecretId": "arn"})
            assert Secrets(stub.client, "arn").read() == "{}"

    @pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure"])
    def test_that_cannot_be_read_says_why(self, code):
        with Stubber(client("secretsmanager")) as stub:
            stub.add_client_error("get_secret_value", code)
            with pytest.raises(NoSecret, match=code):
                Secrets(stub.client, "arn").read()

    def test_that_is_binary_is_none(self):
        with Stubber(client("secretsmanager")) as stub:
            stub.add_response("get_secret_value", {"SecretBinary": b"x"})
            with pytest.raises(NoSecret, match="binary"):
                Secrets(stub.client, "arn").read()


def test_a_thread_is_kept_with_what_a_newer_wardrop_knows_of_it(dynamodb):
    threads = Threads(Table(dynamodb, "ledger"))
    assert threads.read("#shop-ops", "d-1") == Thread()
    threads.keep("#shop-ops", "d-1", Thread(channel="C1", ts="1.2", told=["a"], unknown={"mood": "fine"}))
    read = threads.read("#shop-ops", "d-1")
    assert (read.channel, read.ts, read.told, read.unknown["mood"]) == ("C1", "1.2", ["a"], "fine")
    threads.keep("#shop-ops", "d-1", read)
    assert threads.read("#shop-ops", "d-1") == read
