"""`wardrop plan` and `wardrop diff`: their requests, and their exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.small_stack import SmallStack
from wardrop_cli.__main__ import run
from wardrop_cli.exit_codes import ExitCode

TYPE = "aws:autoscaling:launchconfiguration:InstanceType"
SIDE = {"application": "shop", "platform": "p", "status": "Ready", "health": "Ok", "version_label": "shop-1"}


def effects(outcome: str, exit_code: int) -> dict[str, Any]:
    words = {"effect": "updates", "sentence": "the settings change", "changes": [], "unknown": [], "messages": []}
    return {"answer": "effects", "environment": "shop-prod", "outcome": outcome, "exit_code": exit_code, **words}


@pytest.mark.parametrize(
    ("outcome", "exit_code"), [("keeps_instances", 0), ("refused", 8), ("replaces", 10), ("cannot_tell", 11)]
)
def test_the_exit_code_is_the_guards(
    outcome: str, exit_code: int, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.answers["plan"] = 200, effects(outcome, exit_code)
    assert run(["plan", "shop-prod", "--set", f"{TYPE}=m5", "--remove", TYPE]) == exit_code
    assert capsys.readouterr().out.startswith("shop-prod: the settings change.\n")
    assert stack.requests == [
        {"command": "plan", "environment": "shop-prod", "settings": [f"{TYPE}=m5"], "remove": [TYPE]}
    ]


def test_the_settings_of_a_file_come_before_the_options(stack: SmallStack, tmp_path: Path) -> None:
    file = tmp_path / "options.json"
    file.write_text(json.dumps({"option_settings": {"aws:autoscaling:asg": {"MaxSize": 8}}}))
    stack.answers["plan"] = 200, effects("keeps_instances", 0)
    assert run(["plan", "shop-prod", "--file", str(file), "--set", f"{TYPE}=m5"]) == ExitCode.SUCCESS
    assert stack.requests[0]["settings"] == ["aws:autoscaling:asg:MaxSize=8", f"{TYPE}=m5"]


def test_files_of_ebextensions_are_sent_as_they_are(
    stack: SmallStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ".ebextensions"
    folder.mkdir()
    (folder / "01.config").write_text("option_settings: {}\n")
    (folder / "readme.txt").write_text("x")
    stack.answers["plan"] = 200, effects("cannot_tell", 11)
    for path in (folder, folder / "01.config"):
        assert run(["plan", "shop-prod", "--file", str(path)]) == 11
    assert [each["files"] for each in stack.requests] == [{"01.config": "option_settings: {}\n"}] * 2
    assert run(["plan", "shop-prod", "--file", str(tmp_path)]) == ExitCode.USAGE
    assert "contains 0 files" in capsys.readouterr().err


@pytest.mark.parametrize(("unknown", "exit_code"), [([], 0), (["it is not permitted"], 11)])
def test_a_comparison_that_is_not_complete_is_not_a_success(
    unknown: list[str], exit_code: int, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = [{"environment": name, **SIDE} for name in ("shop-staging", "shop-prod")]
    stack.answers["diff"] = 200, {"answer": "comparison", "sides": sides, "differences": [], "unknown": unknown}
    assert run(["diff", "shop-staging", "shop-prod"]) == exit_code
    assert stack.requests == [{"command": "diff", "environment": "shop-staging", "other": "shop-prod"}]
    assert ("do not differ" in capsys.readouterr().out) is (unknown == [])


def test_a_dry_run_of_the_clean_up_changes_nothing(stack: SmallStack, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = {"versions_to_delete": 0, "bundles_to_delete": 0, "bytes_to_free": 0}
    stack.answers["clean"] = 200, {"answer": "plan", "quota": 9, "versions": 1, **numbers, "decisions": []}
    assert run(["clean", "--dry-run", "--app", "shop"]) == ExitCode.SUCCESS
    assert stack.requests == [{"command": "clean", "dry_run": True, "application": "shop"}]
    assert "Nothing was changed." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--set", "x"], "--set x does not have the form NAMESPACE:OPTION=VALUE. Example: --set aws:autoscaling:asg"),
        (["--set", "aws:a:b"], "--set aws:a:b does not have the form"),
        (
            ["--remove", "aws:a:b=c"],
            "--remove aws:a:b=c does not have the form NAMESPACE:OPTION. Example: --remove aws",
        ),
    ],
)
def test_a_setting_without_a_form_is_not_sent(
    options: list[str], line: str, stack: SmallStack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", "shop-prod", *options]) == ExitCode.USAGE
    assert (stack.requests, line in capsys.readouterr().err) == ([], True)


def test_files_of_ebextensions_are_planned_alone(
    stack: SmallStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "01.config").write_text("option_settings: {}\n")
    assert run(["plan", "shop-prod", "--file", str(tmp_path), "--set", f"{TYPE}=m5"]) == ExitCode.USAGE
    assert (stack.requests, "cannot be planned with --set" in capsys.readouterr().err) == ([], True)
