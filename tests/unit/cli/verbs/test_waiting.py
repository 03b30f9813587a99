"""With `--wait`, the exit code of `deploy`, `rollback` and `approve` states how the deployment ended."""

import json
from typing import Any

import pytest

from tests.unit.cli.samples import deployment, environment, followed, status
from tests.unit.cli.small_stack import SmallStack
from wardrop_cli.__main__ import run
from wardrop_cli.exit_codes import ExitCode

ID = "20261128T120000000000-ab"
QUEUED = {"answer": "done", "text": "shop-42 is queued", "deployment": ID}


def ended(state: str) -> dict[str, Any]:
    document = followed()
    return {**document, "deployment": {**document["deployment"], "id": ID, "state": state}}


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("succeeded", ExitCode.SUCCESS),
        ("failed", ExitCode.FAILED),
        ("rolled_back", ExitCode.ROLLED_BACK),
        ("superseded", ExitCode.ENDED_EARLY),
    ],
)
@pytest.mark.parametrize(
    "line", ["deploy shop-prod shop-42 --wait", "rollback shop-prod --wait", "approve shop-prod shop-42 --wait"]
)
def test_the_exit_code_is_the_end_of_the_deployment(
    line: str, state: str, code: ExitCode, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers |= dict.fromkeys(("deploy", "rollback", "approve"), (200, QUEUED)) | {
        "deployment": (200, ended(state))
    }
    assert run(line.split()) == code
    assert capsys.readouterr().out.startswith("shop-42 is queued\n")
    assert stack.requests[1] == {"command": "deployment", "id": ID, "environment": "shop-prod"}


def test_the_document_contains_the_followed_deployment(stack: SmallStack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.answers |= {"rollback": (200, QUEUED), "deployment": (200, ended("succeeded"))}
    assert run(["rollback", "shop-prod", "--wait", "--json"]) == ExitCode.SUCCESS
    document = json.loads(capsys.readouterr().out)
    assert (document["answer"], document["deployments"][0]["deployment"]["state"]) == ("done", "succeeded")


def test_after_the_time_the_deployment_goes_on(stack: SmallStack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.answers |= {"deploy": (200, QUEUED), "deployment": (200, ended("deploying"))}
    assert run(["deploy", "shop-prod", "shop-42", "--wait", "--timeout", "1s"]) == ExitCode.NOT_FINISHED
    assert "the deployment continues. Follow it: wardrop watch shop-prod" in capsys.readouterr().err


def test_a_refused_request_is_not_followed(stack: SmallStack) -> None:
    refusal = {"answer": "refusal", "code": "conflict", "reason": "nothing good", "advice": "deploy"}
    stack.answers["rollback"] = 409, refusal
    assert run(["rollback", "shop-prod", "--wait"]) == ExitCode.REFUSED
    assert len(stack.requests) == 1


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (
            "awaiting_approval",
            "awaiting approval for shop-prod, and --wait does not follow it there. "
            "Next: wardrop approve shop-prod shop-41 --wait",
        ),
        ("queued", "queued for shop-prod, and --wait does not follow it there. Next: wardrop watch shop-prod"),
    ],
)
def test_a_promotion_is_named_and_not_followed(
    state: str, shown: str, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    promoted = environment("shop-prod", deployments=[deployment(state=state)])
    stack.answers |= {"approve": (200, QUEUED), "status": (200, status(environment(), promoted))}
    stack.answers["deployment"] = 200, ended("succeeded")
    assert run(["approve", "shop-staging", "shop-41", "--wait"]) == ExitCode.SUCCESS
    out, err = capsys.readouterr()
    assert (out.splitlines()[-1], err) == (f"shop-41 is {shown}", "")


def test_a_version_that_is_not_good_is_promoted_nowhere(stack: SmallStack) -> None:
    stack.answers |= {"approve": (200, QUEUED), "deployment": (200, ended("rolled_back"))}
    assert run(["approve", "shop-staging", "shop-41", "--wait"]) == ExitCode.ROLLED_BACK
    assert [each["command"] for each in stack.requests] == ["approve", "deployment"]


def test_a_deployment_that_waits_for_approval_says_how_to_approve_it(
    stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers |= {"deploy": (200, QUEUED), "deployment": (200, ended("awaiting_approval"))}
    assert run(["deploy", "shop-staging", "shop-41", "--wait", "--timeout", "1s"]) == ExitCode.NOT_FINISHED
    assert "to approve it: wardrop approve shop-staging shop-41\n" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["deploy a b", "rollback a", "approve a b"])
def test_a_timeout_needs_wait(line: str, stack: SmallStack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*line.split(), "--timeout", "5m"]) == ExitCode.USAGE
    assert (stack.requests, "--timeout needs --wait" in capsys.readouterr().err) == ([], True)
