"""Shows the demo on one screen, which is updated as the demo proceeds."""

import time
from collections.abc import Iterator, Sequence
from typing import Self

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.log import STYLES
from local.demo.steps import STEPS
from local.demo.view import PROD, STAGING, Environment, Instance, View

SMALLEST = (70, 24)
"""Columns and lines. On a smaller terminal the demo prints a log."""
COLOURS = {"Ok": "green", "Info": "cyan", "Pending": "cyan", "Warning": "yellow", "Degraded": "red", "Severe": "red"}
BORDERS = 4
"""The number of lines that the borders of two panels take."""


class Screen:
    """A context manager that updates the screen. When it exits, the last state stays on the terminal."""

    def __init__(self, console: Console, bundle: str, title: str) -> None:
        self._bundle = bundle
        self._title = title
        self._began = time.monotonic()
        self._step = 0
        self._finished = False
        self._command = ""
        self._answer = ""
        self._rows: list[tuple[str, ...]] = []
        self._view = View({}, (), ())
        self._live = Live(self, console=console, refresh_per_second=8, redirect_stdout=False, redirect_stderr=False)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begin(self, step: int, environment: str) -> None:  # noqa: ARG002 - the screen shows every environment
        self._step, self._command, self._answer, self._rows = step, "", "", []

    def command(self, line: str) -> None:
        self._command, self._answer = line, ""

    def answer(self, kind: str, text: str) -> None:
        self._answer = f"{kind}: {text}"

    def table(self, rows: list[tuple[str, ...]]) -> None:
        self._rows = rows

    def show(self, view: View) -> None:
        self._view = view

    def end(self, view: View) -> None:
        self.show(view)

    def finish(self, view: View) -> None:
        self.show(view)
        self._finished = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The events and Slack share the lines below the steps and the environments."""
        above = Group(self._story(), self._environments())
        left = console.size.height - len(console.render_lines(above, options)) - BORDERS
        of_slack = max(1, left // 2)
        yield above
        yield _panel("Elastic Beanstalk: events", _last(list(self._events()), max(1, left - of_slack)))
        yield _panel("Slack: #wardrop", _last(list(self._slack()), of_slack))

    def _story(self) -> RenderableType:
        lines = [self._line(number) for number in STEPS]
        if self._command:
            lines.append(Text(f"$ {self._command.splitlines()[0]}", style="bold"))
        if self._rows:
            lines.append(Text(" · ".join(" ".join(row[:2]) for row in self._rows[1:])))
        if self._answer:
            lines.append(Text(self._answer))
        seconds = f"{time.monotonic() - self._began:.0f} s"
        return _panel(f"{self._title}, {seconds}", _last(lines, len(lines)))

    def _line(self, number: int) -> Text:
        text = f"{number}. {STEPS[number].format(bundle=self._bundle)}"
        if self._finished or number < self._step:
            return Text(f"✔ {text}", style="green")
        return Text(f"▶ {text}", style="bold") if number == self._step else Text(f"  {text}", style="dim")

    def _environments(self) -> RenderableType:
        columns = Table.grid(expand=True)
        columns.add_column(ratio=1)
        columns.add_column(ratio=1)
        environments = self._view.environments
        height = max((len(environment.instances) for environment in environments.values()), default=4) + 3
        columns.add_row(*(self._environment(environments.get(name), height) for name in (STAGING, PROD)))
        return columns

    def _environment(self, environment: Environment | None, height: int) -> RenderableType:
        if environment is None:
            return _panel("", _last([], height))
        event = self._view.last_event(environment.name) if environment.status != "Ready" else None
        lines = [
            *_wardrop(environment),
            Text(f"Beanstalk: {event.message}" if event else ""),
            *map(_instance, environment.instances),
        ]
        colour = COLOURS.get(environment.health, "default")
        state = f"{environment.status}, [{colour}]{environment.health}[/]"
        return _panel(f"{environment.name} runs {environment.version}", _last(lines, height), state)

    def _events(self) -> Iterator[Text]:
        for event in self._view.events:
            text = f"{event.at:%H:%M:%S} {event.environment:<12} {event.message}"
            yield Text(text, style="red" if event.is_bad else "")

    def _slack(self) -> Iterator[Text]:
        for line in self._view.slack:
            yield Text(f"  ↳ {line.text}", style="dim") if line.is_reply else Text(line.text)


def _wardrop(environment: Environment) -> tuple[Text, Text]:
    """The state of the newest deployment, and its reason."""
    if not environment.deployments:
        return Text("Wardrop: no deployment yet", "dim"), Text("")
    deployment = environment.deployments[0]
    state = str(deployment.state).replace("_", " ")
    return (
        Text(f"Wardrop: {deployment.label} {state}", STYLES.get(deployment.state, "cyan")),
        Text(deployment.reason),
    )


def _instance(instance: Instance) -> Text:
    text = Text(f"{instance.mark} {instance.version:<8} ")
    text.append(f"{instance.health:<9}", COLOURS.get(instance.health, ""))
    return text.append(f" {instance.deployment:<12} {instance.id}", "dim")


def _panel(title: str, content: RenderableType, subtitle: str | None = None) -> Panel:
    return Panel(
        content,
        title=f"[bold]{title}[/]",
        title_align="left",
        subtitle=subtitle,
        subtitle_align="right",
        border_style="dim",
    )


def _last(lines: Sequence[Text], number: int) -> Group:
    """The last lines, each truncated to the width. Empty lines fill the panel, so that its height does not change."""
    fitting = lines[-number:] if number else []
    for line in fitting:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*fitting, *[Text("")] * (number - len(fitting)))
