"""Questions before an action that cannot be undone. They are asked only at a terminal."""

import io
import sys
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.cli.verbs.test_pushing import PUSH, Memory, pushed
from wardrop_cli.aws.parameters import Stored
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure
from wardrop_cli.questions import confirm, is_asked

ANY_VERSION = replace(PUSH, based_on=None)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that types a line at a terminal, and returns the output of the command."""

    def types(line: str) -> Terminal:
        shown = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(f"{line}\n"))
        monkeypatch.setattr(sys, "stderr", shown)
        return shown

    return types


def test_without_a_terminal_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert not is_asked()
    confirm("Delete everything?", assumed=False)


def test_with_yes_nothing_is_asked(terminal: Any) -> None:
    shown = terminal("n")
    confirm("Delete everything?", assumed=True)
    assert shown.getvalue() == ""


def test_only_a_yes_continues(terminal: Any) -> None:
    terminal("y")
    confirm("Delete everything?", assumed=False)
    for line in ("n", ""):
        terminal(line)
        with pytest.raises(Failure, match="nothing was changed") as caught:
            confirm("Delete everything?", assumed=False)
        assert caught.value.exit_code is ExitCode.INTERRUPTED


def test_a_push_shows_the_changes_before_it_asks_whether_to_replace_an_unknown_version(terminal: Any) -> None:
    memory = Memory(Stored("a\x1b[31m", 5, "String"))
    shown = terminal("n")
    with pytest.raises(Failure, match="nothing was changed"):
        pushed(ANY_VERSION, memory)
    assert "-a [31m\n+b\n" in shown.getvalue()
    assert "Replace version 5 of /wardrop/applications/shop?" in shown.getvalue()
    assert memory.stored == Stored("a\x1b[31m", 5, "String")
    terminal("y")
    assert pushed(ANY_VERSION, memory).version == 6
