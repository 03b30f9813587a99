"""Shows followed deployments: a screen that refreshes on a terminal, and lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from wardrop_cli import report
from wardrop_cli.answers import Event, Followed


class Events:
    """All events, keyed by the id of the deployment. Each answer contains only the newest events."""

    def __init__(self) -> None:
        self.by_deployment: dict[str, list[Event]] = {}

    def new(self, followed: Followed) -> list[Event]:
        known = self.by_deployment.setdefault(followed.deployment.id, [])
        fresh = [event for event in (followed.reading.events if followed.reading else []) if event not in known]
        known += fresh
        return fresh


class Lines:
    """A line for each change and for each event."""

    def __init__(self) -> None:
        self._events = Events()
        self._printed: set[str] = set()

    def show(self, deployments: list[Followed]) -> None:
        from wardrop_cli.screens.follow import change_lines, line_of_event

        for followed in deployments:
            lines = [line for line in change_lines(followed) if line not in self._printed]
            lines += [line_of_event(followed, event) for event in self._events.new(followed)]
            self._printed.update(lines)
            for line in sorted(lines, key=lambda line: line[: len("00:00:00")]):
                report.print_line(line)

    def note(self, text: str) -> None:
        report.print_note(text)


class Quiet:
    """Shows only notes, for `--json`."""

    def show(self, deployments: list[Followed]) -> None:
        """Shows nothing, because the document at the end contains the deployments."""

    def note(self, text: str) -> None:
        report.print_note(text)


class Screen:
    """Refreshes a part of the terminal."""

    def __init__(self) -> None:
        from rich.live import Live

        self.live = Live(console=report.console(), auto_refresh=False, transient=False, vertical_overflow="ellipsis")
        self._events = Events()

    def show(self, deployments: list[Followed]) -> None:
        from wardrop_cli.screens.follow import follow_screen

        for followed in deployments:
            self._events.new(followed)
        self.live.update(follow_screen(deployments, self._events.by_deployment, datetime.now(UTC)), refresh=True)

    def note(self, text: str) -> None:
        from rich.text import Text

        self.live.console.print(Text(f"! {text}", "yellow"))


@contextmanager
def view_of(*, as_json: bool) -> Iterator[Lines | Quiet | Screen]:
    if as_json:
        yield Quiet()
    elif sys.stdout.isatty():
        screen = Screen()
        with screen.live:
            yield screen
    else:
        yield Lines()
