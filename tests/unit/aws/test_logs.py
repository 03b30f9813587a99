"""The log of a function: the keys of its records, and the secrets that it never contains."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from moto import mock_aws

from tests.unit.fakes import client
from wardrop.aws.logs import SDKS, function_logger
from wardrop.aws.parameters import Parameters
from wardrop.aws.secrets import Secrets
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.client import connect

PLANTED = "xoxb-planted-secret"
LOGGERS = ("", "wardrop", *SDKS)


class Capturing(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{record.name}: {record.getMessage()} {record.args} {record.exc_info}\n"


@pytest.fixture
def everything() -> Iterator[Capturing]:
    """Collects the log of a function at the level DEBUG. Restores all loggers afterwards."""
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in LOGGERS}
    modules = logging.getLogger("wardrop")
    handlers, capturing = modules.handlers, Capturing()
    logging.getLogger().addHandler(capturing)
    logging.getLogger().setLevel(logging.DEBUG)
    for name in SDKS:
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield capturing
    logging.getLogger().removeHandler(capturing)
    modules.handlers = handlers
    for name, (level, propagates) in before.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagates


def read_secret() -> None:
    with mock_aws():
        secretsmanager = client("secretsmanager")
        arn = secretsmanager.create_secret(Name="slack", SecretString=PLANTED)["ARN"]
        assert Secrets(secretsmanager, arn).read() == PLANTED


def read_encrypted_configuration() -> None:
    with mock_aws():
        ssm = client("ssm")
        ssm.put_parameter(Name="/wardrop/applications/shop", Value=PLANTED, Type="SecureString")
        Parameters(ssm, "/wardrop/applications").read("shop")


@pytest.fixture
def slack_url() -> Iterator[str]:
    class Accepting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = json.dumps({"ok": True, "channel": "C1", "ts": "1.1"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("localhost", 0), Accepting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("read", [read_secret, read_encrypted_configuration])
def test_no_answer_of_aws_with_a_secret_is_logged_at_any_level(everything, monkeypatch, read):
    read()
    assert PLANTED in everything.text  # Without the function's logger, botocore logs the secret.
    everything.text = ""
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    function_logger()
    read()
    assert PLANTED not in everything.text


@pytest.mark.parametrize("form", ["bot token", "webhook"])
def test_no_request_to_slack_with_its_secret_is_logged_at_any_level(everything, monkeypatch, slack_url, form):
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    function_logger()
    bot = {"bot_token": PLANTED, "api_url": f"{slack_url}/api/"}
    webhook = {"webhook_url": f"{slack_url}/services/{PLANTED}"}
    slack = connect(json.dumps(bot if form == "bot token" else webhook))
    slack.post("C1", SlackMessage(text="hello", blocks=[], attachments=[]))
    assert PLANTED not in everything.text


@pytest.mark.usefixtures("everything")
def test_the_records_of_all_modules_have_the_keys_of_what_is_processed_and_lose_them_afterwards(monkeypatch):
    logger, module, stream = function_logger(), logging.getLogger("wardrop.health.watch"), io.StringIO()
    monkeypatch.setattr(logger.handlers[0], "stream", stream)
    with logger.append_context_keys(environment="shop-prod"):
        module.warning("first", extra={"deployment_id": "d-1"})
    module.warning("second")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["message"], first["environment"], first["deployment_id"]) == ("first", "shop-prod", "d-1")
    assert second["message"] == "second"
    assert {"environment", "deployment_id"}.isdisjoint(second)
