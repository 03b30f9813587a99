"""The verbs that change something: their requests, and their output."""

import json
from typing import Any

import pytest

from tests.unit.cli.small_stack import SmallStack
from wardrop_cli.__main__ import run
from wardrop_cli.exit_codes import ExitCode


@pytest.mark.parametrize(
    ("line", "request_sent"),
    [
        ("deploy shop-prod shop-42", {"command": "deploy", "environment": "shop-prod", "label": "shop-42"}),
        (
            "deploy shop-prod shop-42 --now --because hotfix",
            {"command": "deploy", "environment": "shop-prod", "label": "shop-42", "now": True, "because": "hotfix"},
        ),
        ("rollback shop-prod", {"command": "rollback", "environment": "shop-prod"}),
        (
            "rollback shop-prod --to shop-41 --because errors",
            {"command": "rollback", "environment": "shop-prod", "to": "shop-41", "because": "errors"},
        ),
        ("approve shop-prod shop-42", {"command": "approve", "environment": "shop-prod", "label": "shop-42"}),
        (
            "decline shop-prod shop-42 --because slow",
            {"command": "decline", "environment": "shop-prod", "label": "shop-42", "because": "slow"},
        ),
        ("cancel shop-prod", {"command": "cancel", "environment": "shop-prod"}),
        ("cancel shop-prod shop-42", {"command": "cancel", "environment": "shop-prod", "label": "shop-42"}),
        ("pause shop-prod --because sale", {"command": "pause", "environment": "shop-prod", "because": "sale"}),
        ("resume shop-prod", {"command": "resume", "environment": "shop-prod"}),
        ("pin shop-42 --app shop", {"command": "pin", "application": "shop", "label": "shop-42"}),
        ("unpin shop-42 --app shop", {"command": "unpin", "application": "shop", "label": "shop-42"}),
        ("clean", {"command": "clean"}),
        ("config forget shop", {"command": "config forget", "application": "shop"}),
    ],
)
def test_each_verb_sends_its_request_once_and_shows_the_sentence(
    line: str, request_sent: dict[str, Any], stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == ExitCode.SUCCESS
    assert stack.requests == [request_sent]
    assert capsys.readouterr() == ("it is done.\n", "")


def test_the_id_of_a_queued_deployment_is_shown(stack: SmallStack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.answers["deploy"] = 200, {"answer": "done", "text": "shop-42 is queued", "deployment": "20261128T1-ab"}
    run(["deploy", "shop-prod", "shop-42"])
    assert capsys.readouterr().out == "shop-42 is queued.\ndeployment 20261128T1-ab\n"
    run(["deploy", "shop-prod", "shop-42", "--json"])
    assert json.loads(capsys.readouterr().out)["deployment"] == "20261128T1-ab"


def test_a_refusal_is_one_line_with_the_advice_of_the_stack(
    stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers["approve"] = (
        409,
        {
            "answer": "refusal",
            "code": "conflict",
            "reason": "no deployment of [red]shop-9[/red]\x1b[31m waits",
            "advice": "see status",
        },
    )
    assert run(["approve", "shop-prod", "shop-9"]) == ExitCode.REFUSED
    output, error = capsys.readouterr()
    assert (output, error) == ("", "wardrop: no deployment of [red]shop-9[/red] [31m waits. See status.\n")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("deploy shop-prod shop-42 --now", "--now needs --because"),
        ("clean --app shop", "--app needs --dry-run"),
        ("pin shop-42", "Missing option '--app'"),
        ("plan shop-prod", "there is nothing to plan"),
        ("plan shop-prod --file missing.json", "missing.json cannot be read"),
    ],
)
def test_an_incomplete_request_is_a_usage_error_and_is_not_sent(
    line: str, text: str, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == ExitCode.USAGE
    assert text in capsys.readouterr().err
    assert stack.requests == []
