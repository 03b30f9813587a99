"""Prints the demo line by line, for output that is not a terminal."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.demo.steps import STEPS
from local.demo.view import Environment, Event, View
from wardrop.deployments.deployment import Deployment, Moment
from wardrop.deployments.state import State

STYLES = {State.SUCCEEDED: "green", State.FAILED: "red", State.ROLLING_BACK: "red", State.ROLLED_BACK: "yellow"}

Line = tuple[datetime, str]


class Log:
    """Prints each change in the environment of the current step once."""

    def __init__(self, console: Console, bundle: str) -> None:
        self._console = console
        self._bundle = bundle
        self._environment = ""
        self._fleet = ""
        self._printed: set[tuple[datetime, str]] = set()
        self._moments: dict[str, int] = {}
        """By deployment id, the number of printed entries of the deployment's history."""

    def begin(self, step: int, environment: str) -> None:
        self._environment, self._fleet = environment, ""
        self._print(f"\n[bold]Step {step} of {len(STEPS)}. {escape(STEPS[step].format(bundle=self._bundle))}[/]")

    def command(self, line: str) -> None:
        self._print(f"\n[bold]$ {escape(line)}[/]")

    def answer(self, kind: str, text: str) -> None:
        self._print(f"{kind:<12} {escape(text)}")

    def table(self, rows: list[tuple[str, ...]]) -> None:
        titles, *entries = rows
        table = Table(*titles, box=None, pad_edge=False)
        for entry in entries:
            table.add_row(*map(escape, entry))
        self._console.print(table)

    def show(self, view: View) -> None:
        environment = view.environments[self._environment]
        lines = [
            *(line for deployment in environment.deployments for line in self._history(deployment)),
            *(line for event in view.events if event.environment == self._environment for line in self._event(event)),
            *self._instances(environment),
        ]
        for _, line in sorted(lines, key=lambda line: line[0]):
            self._print(line)

    def end(self, view: View) -> None:
        self.show(view)
        environment = view.environments[self._environment]
        now = f"is {environment.status} and {environment.health}"
        self._print(f"\n[bold]{environment.name}[/] runs [bold]{environment.version}[/], {now}")
        reports = [
            (each.id, each.version, each.deployment, each.health, "; ".join(each.causes))
            for each in environment.instances
        ]
        self.table([("instance", "version", "deployment", "health", "causes"), *reports])
        history = [(each.label, str(each.state), _took(each), each.reason) for each in environment.deployments]
        self.table([("deployment", "state", "took", "reason"), *history])

    def finish(self, view: View) -> None:
        self._print("\nSlack's #wardrop:")
        for line in view.slack:
            text = escape(line.text)
            self._print(f"[dim]             ↳ {text}[/]" if line.is_reply else f"[bold]slack[/]        {text}")

    def _print(self, line: str) -> None:
        self._console.print(line)

    def _history(self, deployment: Deployment) -> Iterator[Line]:
        printed = self._moments.get(deployment.id, 0)
        self._moments[deployment.id] = len(deployment.history)
        return ((moment.at, _line(moment)) for moment in deployment.history[printed:])

    def _event(self, event: Event) -> Iterator[Line]:
        if (event.at, event.message) not in self._printed:
            self._printed.add((event.at, event.message))
            style = "red" if event.is_bad else "dim"
            yield event.at, f"[{style}]beanstalk    {escape(event.message)}[/]"

    def _instances(self, environment: Environment) -> Iterator[Line]:
        fleet = "   ".join(f"{each.mark} {each.version} {each.health}" for each in environment.instances)
        if fleet != self._fleet:
            self._fleet = fleet
            yield datetime.now(UTC), f"instances    {fleet}"


def _line(moment: Moment) -> str:
    return f"[{STYLES.get(moment.state, 'cyan')}]{moment.state:<12}[/] {escape(moment.reason)}"


def _took(deployment: Deployment) -> str:
    return f"{(deployment.history[-1].at - deployment.history[0].at).total_seconds():.0f} s"
