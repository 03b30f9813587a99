"""The answers of RunCommand, Lambda, API Gateway and proxies."""

import json
from typing import Any

import pytest

from wardrop_cli import __version__
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, Refused, Unreachable
from wardrop_cli.http_answer import Reply, answer_of
from wardrop_cli.versions import mismatch


def reply(status: int, document: Any) -> Reply:
    return Reply(status, document, json.dumps(document).encode())


def test_an_answer_is_returned_as_it_came() -> None:
    document = {"answer": "done", "text": "x", "new": 1}
    assert answer_of(reply(200, document), __version__) == document


def test_a_refusal_has_its_reason_and_exit_code() -> None:
    refusal = {"answer": "refusal", "code": "conflict", "reason": "it is held", "advice": "resume it"}
    with pytest.raises(Refused, match="it is held") as raised:
        answer_of(reply(409, refusal), __version__)
    assert (raised.value.exit_code, raised.value.code) == (ExitCode.REFUSED, "conflict")
    assert raised.value.document == refusal


@pytest.mark.parametrize("version", [None, "0.0.1", "9.0.0"])
def test_a_request_that_another_version_does_not_know_names_what_to_upgrade(version: str | None) -> None:
    refusal = {"answer": "refusal", "code": "malformed", "reason": "unknown command", "advice": "send JSON"}
    with pytest.raises(Refused) as raised:
        answer_of(reply(400, refusal), version)
    assert "Upgrade the" in raised.value.advice
    with pytest.raises(Refused) as raised:
        answer_of(reply(400, refusal), __version__)
    assert (raised.value.exit_code, raised.value.advice) == (ExitCode.USAGE, "Check the arguments of the command.")


@pytest.mark.parametrize(
    ("status", "document", "text"),
    [
        (403, {"Message": "Forbidden"}, "may not send requests"),
        (403, {"message": "Forbidden"}, "may not send requests"),
        (403, {"message": "The request signature we calculated does not match"}, "does not accept the signature"),
        (403, {"Message": "Signature expired: 20260101T000000Z is now earlier than"}, "refuses the time"),
        (403, {"message": "The security token included in the request is expired"}, "have expired"),
        (403, {"message": "The security token included in the request is invalid."}, "does not accept the credentials"),
        (404, {"Message": None}, "does not exist any more"),
        (407, None, "the proxy asks for a password"),
        (200, None, "did not answer as Wardrop does"),
        (200, ["x"], "did not answer as Wardrop does"),
        (302, None, "did not answer as Wardrop does"),
    ],
)
def test_every_other_answer_is_explained(status: int, document: Any, text: str) -> None:
    with pytest.raises(Failure, match=text) as raised:
        answer_of(reply(status, document), __version__)
    assert raised.value.exit_code is ExitCode.NOT_REACHED
    assert raised.value.advice


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_answer_that_may_pass_is_unreachable(status: int) -> None:
    with pytest.raises(Unreachable):
        answer_of(Reply(status, None, b"<html>Bad Gateway</html>"), __version__)


def test_html_of_a_proxy_is_quoted_in_one_line() -> None:
    with pytest.raises(Failure, match="<html> <title>Sign in</title>"):
        answer_of(Reply(200, None, b"<html>\n<title>Sign in</title>\x1b[31m"), __version__)


def test_equal_versions_do_not_differ() -> None:
    assert mismatch("1.2.3", "1.2.3") is None
    assert "Upgrade the command" in str(mismatch("1.10.0", "1.9.9"))
    assert "Upgrade the stack" in str(mismatch("1.9.9", "1.10.0"))
