"""Asks the user to confirm an action that cannot be undone. Without a terminal, nothing is asked."""

import sys

import typer

from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure


def is_asked() -> bool:
    """Whether there is a user who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, assumed: bool) -> None:
    """Raises Failure if the user does not agree. `assumed` is the option --yes."""
    if assumed or not is_asked():
        return
    if not typer.confirm(question, err=True):
        raise Failure(ExitCode.INTERRUPTED, "nothing was changed")
