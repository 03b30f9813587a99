"""The command line: verbs, common options, and usage errors."""

import json
import subprocess
import sys

import pytest

from wardrop_cli.__main__ import run
from wardrop_cli.app import VERBS, command_of
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, usage
from wardrop_cli.report import print_failure
from wardrop_cli.session import Session


def test_the_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == ExitCode.SUCCESS
    shown = capsys.readouterr().out
    assert all(f"\n  {name}" in shown for name in VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_the_common_options_and_a_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == ExitCode.SUCCESS
    shown = capsys.readouterr().out
    if not hasattr(command_of(name, _verb(name)), "commands"):
        assert all(option in shown for option in ("--stack", "--profile", "--region", "--json", "--debug"))


def _verb(name: str) -> object:
    module = __import__(f"wardrop_cli.verbs.{VERBS[name].module}", fromlist=[name])
    return getattr(module, name)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["staus"],
            "wardrop: there is no command 'staus'; the nearest is 'status'. See wardrop --help.\n",
        ),
        (["status", "a", "b"], "wardrop: Got unexpected extra argument(s) (b). See wardrop status --help.\n"),
        (
            ["status", "--stack", ""],
            "wardrop: --stack is empty. Name the stack, or leave the option out for wardrop.\n",
        ),
    ],
)
def test_a_usage_error_is_one_line(arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == ExitCode.USAGE
    assert capsys.readouterr() == ("", line)


def test_an_error_is_a_document_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", "--stack", "", "--json"]) == ExitCode.USAGE
    assert json.loads(capsys.readouterr().out)["exit_code"] == ExitCode.USAGE


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (usage("the text"), "wardrop: the text.\n"),
        (usage("shop-prod is held", "resume it"), "wardrop: shop-prod is held. Resume it.\n"),
        (usage("shop has no version x"), "wardrop: shop has no version x.\n"),
        (
            usage("the text", "see it: wardrop status shop-prod"),
            "wardrop: the text. See it: wardrop status shop-prod\n",
        ),
        (usage("\x1b[31mred\nsecond", "Is it?"), "wardrop:  [31mred second. Is it?\n"),
    ],
)
def test_a_failure_is_one_line_without_control_characters(
    failure: Failure, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_failure(failure, as_json=False)
    assert capsys.readouterr().err == line


def test_output_that_nobody_reads_ends_quietly() -> None:
    command = [sys.executable, "-m", "wardrop_cli", "schema", "status"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == ExitCode.OUTPUT_CLOSED


def test_an_unexpected_error_is_one_line_and_debug_shows_where_it_occurred(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault of the command")

    monkeypatch.setattr(Session, "ask", broken)
    assert run(["status"]) == ExitCode.ERROR
    err = capsys.readouterr().err
    assert (err.count("\n"), "ZeroDivisionError" in err, "--debug" in err) == (1, True, True)
    assert run(["status", "--debug"]) == ExitCode.ERROR
    assert "Traceback" in capsys.readouterr().err
