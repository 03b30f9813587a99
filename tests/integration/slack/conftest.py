"""Fixtures for tests of Slack's stand-in, which is used through Slack's own SDK."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from werkzeug.serving import make_server

from local.faults import Faults
from local.slack.api import Slack
from local.slack.workspace import BOT_TOKEN, Workspace


class Served:
    """A stand-in of Slack on a free port."""

    def __init__(self, port: int, faults: Faults) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.faults = faults
        self.client = self.as_bot()

    def as_bot(self, token: str | None = BOT_TOKEN) -> WebClient:
        return WebClient(token, base_url=f"{self.url}/api/")

    def hook(self, path: str = "T0WARDROP01/B0WARDROP01/wardrop-test") -> str:
        return f"{self.url}/services/{path}"

    def messages(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = json.loads(self.get("/messages"))
        return messages

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - http to this machine
            return str(answer.read().decode())

    def request(self, path: str, body: bytes, **headers: str) -> tuple[int, str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, given)  # noqa: S310 - http to this machine
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A stand-in that accepts many messages at once. Tests of the rate limit set their own limit."""
    monkeypatch.setattr(Workspace, "BURST", 1000)
    faults = Faults()
    server = make_server("127.0.0.1", 0, Slack(faults), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield Served(server.server_port, faults)
    server.shutdown()
    server.server_close()
    thread.join()
