"""The log of a deployment, with and without the right to read it."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.cli.samples import environment, followed, status
from wardrop_cli.__main__ import run
from wardrop_cli.aws.account import Account
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Refused
from wardrop_cli.session import Session
from wardrop_cli.stack import Outputs

KEY = "resources/environments/logs/deployments/e-1/eb-deployment-r-1.log"
ID = "20260102T115500000000-1234abcd"
OUTPUTS = Outputs("https://example.com/", "drops", "releases", "", "logs", "0.1.0")


class S3:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def get_object(self, **_: Any) -> dict[str, Any]:
        if isinstance(self.answer, str):
            raise ClientError({"Error": {"Code": self.answer, "Message": "x"}}, "GetObject")
        return {"Body": io.BytesIO(self.answer)}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the answer about the deployment, and the answer of S3."""

    def set_up(document: dict[str, Any], s3: Any) -> None:
        def ask(_session: Session, **request: Any) -> dict[str, Any]:
            if request["command"] == "status":
                return status(environment("shop-prod"), environment())
            if request["environment"] == "shop-prod":
                raise Refused({"code": "not_found", "reason": "shop-prod has no such deployment"})
            return document

        monkeypatch.setattr(Session, "ask", ask)
        monkeypatch.setattr(Account, "outputs", OUTPUTS)
        monkeypatch.setattr(Account, "client", lambda *_: S3(s3))

    return set_up


@pytest.mark.parametrize("of", ["shop-staging", ID])
def test_the_log_is_shown_without_control_characters(of: str, stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack(followed(logs=[KEY]), b"first\n\x1b[31mred\tcolumn\r\n\xff")
    assert run(["logs", of]) == ExitCode.SUCCESS
    out = capsys.readouterr().out
    assert out.splitlines()[:2] == ["==> eb-deployment-r-1.log <==", "first"]
    assert "\x1b" not in out
    assert run(["logs", of, "--json"]) == ExitCode.SUCCESS
    assert json.loads(capsys.readouterr().out)["logs"][0]["key"] == KEY


def test_without_the_right_the_lines_that_name_the_cause_are_shown(
    stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stack(followed(logs=[KEY], cause=["java.lang.IllegalStateException"]), "AccessDenied")
    assert run(["logs", "shop-staging"]) == ExitCode.NOT_REACHED
    out, err = capsys.readouterr()
    assert (out, "Ask for s3:GetObject" in err) == ("java.lang.IllegalStateException\n", True)
    assert "you may not read it, or it does not exist" in err


def test_a_log_that_does_not_exist_is_reported(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stack(followed(logs=[KEY]), "NoSuchKey")
    assert run(["logs", "shop-staging"]) == ExitCode.REFUSED
    err = capsys.readouterr().err
    assert ("has no log" in err, "may write the log later" in err) == (True, True)
    over = followed(logs=[KEY])
    over["deployment"]["state"] = "succeeded"
    stack(over, "NoSuchKey")
    assert run(["logs", "shop-staging"]) == ExitCode.REFUSED
    assert "write no logs" in capsys.readouterr().err


def test_without_a_known_log_the_command_does_not_say_that_no_update_was_started(
    stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stack(followed(logs=[]), "NoSuchKey")
    assert run(["logs", "shop-staging"]) == ExitCode.REFUSED
    assert "may have started no update, or Wardrop does not know the RequestId" in capsys.readouterr().err


def test_a_deployment_that_no_environment_has_is_reported(stack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def ask(_session: Session, **request: Any) -> dict[str, Any]:
        if request["command"] == "status":
            return status(environment())
        raise Refused({"code": "not_found", "reason": "no"})

    stack(followed(), b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "ask", ask)
        assert run(["logs", ID]) == ExitCode.REFUSED
    assert f"the deployment {ID}" in capsys.readouterr().err
