"""A followed deployment, for the live screen and for lines."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from shlex import quote

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wardrop_cli.answers import Event, Followed, Moment, Reading
from wardrop_cli.screens.times import clock_time, duration
from wardrop_cli.screens.words import STYLES_OF_EVENTS, STYLES_OF_HEALTH, STYLES_OF_STATES, state

MOST_EVENTS, MOST_INSTANCES = 8, 12


def follow_screen(followed: Sequence[Followed], events: dict[str, list[Event]], now: datetime) -> RenderableType:
    """`events` are all events, keyed by the id of the deployment. An answer contains only the new events."""
    parts = [part for each in followed for part in _deployment(each, events.get(each.deployment.id, []), now)]
    return Group(*parts)


def _deployment(followed: Followed, events: list[Event], now: datetime) -> Iterator[RenderableType]:
    deployment = followed.deployment
    until = deployment.since if followed.has_ended else now
    began = deployment.history[0].at if deployment.history else deployment.since
    line = Text()
    line.append(f"{deployment.label} ", "bold")
    line.append(f"to {followed.environment}: ")
    line.append(state(deployment.state), STYLES_OF_STATES.get(deployment.state, "cyan"))
    line.append(f" ({duration(until - began)})", "dim")
    yield line
    yield Padding(Text(deployment.reason), (0, 0, 0, 2), expand=False)
    if deployment.state == "awaiting_approval":
        yield Padding(Text(approval(followed)), (0, 0, 0, 2), expand=False)
    for line_of_log in followed.cause:
        yield Padding(Text(line_of_log, "red"), (0, 0, 0, 4), expand=False)
    if followed.reading and not followed.has_ended:
        yield from _reading(followed.reading)
    for event in events[-MOST_EVENTS:]:
        yield Padding(event_line(event), (0, 0, 0, 2), expand=False)


def _reading(reading: Reading) -> Iterator[RenderableType]:
    line = Text("  ")
    line.append(reading.health, STYLES_OF_HEALTH.get(reading.health, ""))
    line.append(f", {reading.status}", "dim")
    yield line
    for cause in reading.causes[:3]:
        yield Padding(Text(cause, "yellow"), (0, 0, 0, 4), expand=False)
    if reading.instances:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        for _ in range(3):
            table.add_column(overflow="fold")
        for instance in reading.instances[:MOST_INSTANCES]:
            table.add_row(Text(instance.id, "dim"), Text(instance.version_label or "-"), Text(instance.status or "-"))
        yield Padding(table, (0, 0, 0, 4), expand=False)
        if (more := len(reading.instances) - MOST_INSTANCES) > 0:
            yield Text(f"    and {more} more instances", "dim")


def event_line(event: Event) -> Text:
    line = Text(f"{clock_time(event.at)} ", "dim")
    line.append(event.message, STYLES_OF_EVENTS.get(event.severity, ""))
    return line


def line_of_event(followed: Followed, event: Event) -> str:
    return f"{clock_time(event.at)} {followed.environment}: {event.message}"


def change_lines(followed: Followed) -> list[str]:
    """All changes of the deployment, the oldest first. The reason may change while the state stays the same."""
    deployment = followed.deployment
    moments = [*deployment.history, Moment(deployment.since, deployment.state, deployment.reason)]
    lines = [
        f"{clock_time(each.at)} {deployment.label} to {followed.environment}: {state(each.state)}: {each.reason}"
        for each in moments
    ]
    if deployment.state == "awaiting_approval":
        lines.append(f"{clock_time(deployment.since)} {approval(followed)}")
    return list(dict.fromkeys(lines))


def approval(followed: Followed) -> str:
    """How to approve a deployment that waits for an approval."""
    return f"to approve it: wardrop approve {followed.environment} {quote(followed.deployment.label)}"
