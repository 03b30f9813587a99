"""Shows the status continuously: a live screen on a terminal, and lines for changes elsewhere."""

import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from wardrop_cli import report
from wardrop_cli.answers import Environments
from wardrop_cli.completion import targets
from wardrop_cli.decode import decode
from wardrop_cli.failures import Unreachable
from wardrop_cli.session import Session

SECONDS = 5.0


def watch(
    context: typer.Context,
    of: Annotated[
        str | None,
        typer.Argument(metavar="[APP|ENV]", autocompletion=targets, help="An application or an environment."),
    ] = None,
) -> None:
    """Show the status every five seconds, until you press Ctrl-C.

    In a pipe, each change is a line. With --json, each status is a document in one line.
    """
    session = Session.of(context)
    answers = _answers(session, of)
    if session.settings.json:
        for answer in answers:
            report.print_document_line(answer)
    elif sys.stdout.isatty():
        _refresh(answers)
    else:
        _print_changes(answers)


def _answers(session: Session, of: str | None) -> Iterator[Mapping[str, Any]]:
    """Yields an answer every five seconds. After the first answer, network failures are only reported."""
    yield session.ask(command="status", of=of)
    is_lost = False
    while True:
        time.sleep(SECONDS)
        try:
            answer = session.ask(command="status", of=of)
        except Unreachable as failure:
            if not is_lost:
                report.print_note(f"{failure.text}; still trying")
            is_lost = True
            continue
        if is_lost:
            report.print_note("the stack answers again")
        is_lost = False
        yield answer


def _refresh(answers: Iterator[Mapping[str, Any]]) -> None:
    from rich.live import Live

    from wardrop_cli.screens.status import status_screen

    with Live(console=report.console(), auto_refresh=False, screen=True, vertical_overflow="crop") as live:
        for answer in answers:
            live.update(status_screen(decode(Environments, answer), datetime.now(UTC)), refresh=True)


def _print_changes(answers: Iterator[Mapping[str, Any]]) -> None:
    from wardrop_cli.screens.changes import lines_of

    before: set[str] = set()
    for answer in answers:
        lines = lines_of(decode(Environments, answer))
        for line in lines:
            if line not in before:
                report.print_line(f"{datetime.now():%H:%M:%S} {line}")  # noqa: DTZ005 - in the time zone of the terminal
        before = set(lines)
