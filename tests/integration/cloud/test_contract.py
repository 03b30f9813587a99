"""The contract of the stand-in: its start and end, its two ports, and the control API."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient, WebhookClient

from local.cloud import Cloud
from local.settings import ROOT, free_port

from .conftest import TEMPLATE, SmallStack


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def descendants(group: int) -> set[int]:
    """The process and its living descendants."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(folder.name)] = int(fields[1])
    found = {group} & parents.keys()
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--speed", "fast"), "SPEED=fast"),
        (("--speed", "0"), "SPEED=0"),
        (("--port", "http"), "PORT=http"),
        (("--port", "80"), "PORT=80"),
        (("--fleet", "jetty"), "FLEET=jetty"),
        (("--template", "/nowhere.yaml"), "/nowhere.yaml"),
        (("--parameter", "Colour"), "NAME=VALUE"),
    ],
)
def test_an_error_at_the_start_is_one_line(arguments: tuple[str, ...], text: str) -> None:
    ended = run("--port", str(free_port()), *arguments)
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert text in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run("--port", str(port))
    assert ended.returncode != 0
    assert f"port {port} cannot be used" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.fixture
def make_local() -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PORT": str(free_port())}
    command = ["make", "local", f"PORT={environment['PORT']}", "SPEED=600", f"PYTHON={sys.executable}"]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    make = subprocess.Popen(command, cwd=ROOT, start_new_session=True, env=environment, **pipes)
    assert make.stdout is not None
    try:
        assert make.stdout.readline() == f"ready http://localhost:{environment['PORT']}\n"
        yield make
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(make.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_make_local_ends_cleanly_and_leaves_no_process(
    make_local: subprocess.Popen[str], number: signal.Signals
) -> None:
    before = descendants(make_local.pid)
    assert len(before) >= 2
    if number == signal.SIGINT:
        os.killpg(make_local.pid, number)
    else:
        make_local.terminate()
    out, err = make_local.communicate(timeout=10)
    assert out == ""
    assert "Traceback" not in err
    assert not {pid for pid in before if Path(f"/proc/{pid}").exists()}


def test_two_stand_ins_run_side_by_side_and_a_killed_one_leaves_no_function(small_stack: SmallStack) -> None:
    with Cloud(template=TEMPLATE, speed=600) as cloud:
        other = SmallStack(cloud)
        assert cloud.port != small_stack.cloud.port
        buckets = [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]
        assert other.ref("Bucket") in buckets
        assert small_stack.ref("Bucket") not in buckets
        other.await_invocations(other.send("Jobs"))
        before = descendants(cloud.process.pid)
        assert len(before) >= 3  # the stand-in, the emulator and the runtime
        cloud.process.kill()
        cloud.process.wait()
        small_stack.cloud.eventually(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in before))


def answer(cloud: Cloud, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(f"http://localhost:{cloud.port + 1}{path}", method=method, data=body)
    try:
        given: Any = urllib.request.urlopen(request, timeout=10)  # noqa: S310 - http to this machine
    except urllib.error.HTTPError as error:
        given = error
    text = given.read()
    assert given.headers["Content-Type"] == "application/json"
    return given.status, json.loads(text) if text else None


@pytest.mark.parametrize("path", ["/faults", "/events"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"fault": 3}', b"\xff", b"[" * 100_000, b'"x"'])
def test_garbage_is_answered_with_its_errors(small_stack: SmallStack, path: str, body: bytes) -> None:
    status, value = answer(small_stack.cloud, "POST", path, body)
    assert status == 400
    assert value.keys() == {"errors"}
    assert all(isinstance(error, str) for error in value["errors"])


def test_an_unknown_fault_is_answered_with_the_known_faults(small_stack: SmallStack) -> None:
    _, value = answer(small_stack.cloud, "POST", "/faults", b"[]")
    assert "the faults are bundle-unreadable, cancelled, concurrency, deletion-ignored, deploy-" in value["errors"][0]


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/x-www-form-urlencoded", b"Action=NoSuchThing&Version=2010-12-01", "InvalidAction"),
        ("application/x-www-form-urlencoded", b"Action=DescribeEvents&MaxRecords=many", "InvalidParameterValue"),
        ("application/x-www-form-urlencoded", b"Action=DescribeEvents&StartTime=soon", "InvalidParameterValue"),
        ("application/x-www-form-urlencoded", b"Action=DescribeEvents&Colour=blue", "InvalidQueryParameter"),
        ("application/x-www-form-urlencoded", b"Action=CreateApplication", "ValidationError"),
        ("application/x-www-form-urlencoded", b"\xff\x00\xfe", "InvalidAction"),
        ("application/json", b"{}", "InvalidAction"),
        ("text/plain", b"", "InvalidAction"),
    ],
)
def test_beanstalk_answers_garbage_in_xml(small_stack: SmallStack, content_type: str, body: bytes, code: str) -> None:
    scope = "Credential=test/20260101/us-east-1/elasticbeanstalk/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}", "Content-Type": content_type}
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(small_stack.cloud.endpoint, body, headers), timeout=10)  # noqa: S310
    given = caught.value
    assert (given.code, given.headers["Content-Type"].split(";")[0]) == (400, "text/xml")
    assert f"<Code>{code}</Code>" in given.read().decode()


def test_unknown_paths_and_methods_are_answered_with_the_known_ones(small_stack: SmallStack) -> None:
    assert answer(small_stack.cloud, "GET", "/nowhere")[0] == 404
    assert answer(small_stack.cloud, "DELETE", "/calls")[0] == 405
    assert answer(small_stack.cloud, "PUT", "/faults", b"{}")[0] == 405


def test_a_fault_is_added_listed_and_removed(small_stack: SmallStack) -> None:
    fault = json.dumps({"fault": "health", "status": "Severe", "environment": "shop-prod", "times": 2}).encode()
    status, added = answer(small_stack.cloud, "POST", "/faults", fault)
    assert status == 201
    faults = answer(small_stack.cloud, "GET", "/faults")[1]
    assert next(fault for fault in faults if fault["id"] == added["id"])["status"] == "Severe"
    assert answer(small_stack.cloud, "DELETE", "/faults") == (204, None)
    assert answer(small_stack.cloud, "GET", "/faults") == (200, [])


def test_the_secrets_lead_to_slack_and_the_control_api_lists_its_messages(small_stack: SmallStack) -> None:
    secrets = small_stack.cloud.client("secretsmanager")
    bot = json.loads(secrets.get_secret_value(SecretId="wardrop/slack")["SecretString"])
    webhook = json.loads(secrets.get_secret_value(SecretId="wardrop/slack-webhook")["SecretString"])
    api = f"http://localhost:{small_stack.cloud.port + 1}/slack/api/"
    assert bot == {"bot_token": "xoxb-wardrop-test", "api_url": api}
    WebClient(bot["bot_token"], base_url=bot["api_url"]).chat_postMessage(channel="#wardrop", text="by the bot")
    assert WebhookClient(webhook["webhook_url"]).send(text="by the webhook").body == "ok"
    status, messages = answer(small_stack.cloud, "GET", "/slack/messages")
    assert status == 200
    assert [(message["channel"], message["text"]) for message in messages[-2:]] == [
        ("#wardrop", "by the bot"),
        ("#wardrop", "by the webhook"),
    ]
    small_stack.cloud.control("POST", "/faults", {"fault": "slack-down"})
    assert WebhookClient(webhook["webhook_url"]).send(text="t").status_code == 503
    small_stack.cloud.control("DELETE", "/faults")
    with urllib.request.urlopen(f"http://localhost:{small_stack.cloud.port + 1}/slack", timeout=10) as page:
        assert "by the webhook" in page.read().decode()
