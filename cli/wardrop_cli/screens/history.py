"""The screen of `wardrop history`: the author, version, time, duration and end of each deployment."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from wardrop_cli.answers import Deployment, Deployments
from wardrop_cli.screens.times import ago, duration, local
from wardrop_cli.screens.words import STYLES_OF_STATES, state

WAITING = ("queued", "awaiting_approval")


def history_screen(answer: Deployments, now: datetime) -> RenderableType:
    if not answer.deployments:
        return Text(f"{answer.environment} has no finished deployments.")
    return Group(*(part for each in answer.deployments for part in _deployment(each, now)))


def _deployment(deployment: Deployment, now: datetime) -> list[RenderableType]:
    first = Text()
    first.append(f"{deployment.label} ", "bold")
    first.append(state(deployment.state), STYLES_OF_STATES.get(deployment.state, ""))
    first.append(f", {local(deployment.since)} ({ago(deployment.since, now)}){_took(deployment)}", "dim")
    details = [_who(deployment), deployment.reason, _source(deployment)]
    return [
        first,
        *(_indented(Text(line)) for line in details if line),
        _indented(Text(deployment.id, "dim")),
        Text(""),
    ]


def _took(deployment: Deployment) -> str:
    """The time from the end of the wait to the end of the deployment."""
    began = next((moment.at for moment in deployment.history if moment.state not in WAITING), None)
    return f", took {duration(deployment.since - began)}" if began and began < deployment.since else ""


def _who(deployment: Deployment) -> str:
    asked = deployment.requested
    if asked is not None:
        verb = "rollback requested" if asked.rollback else "requested"
        return f"{verb} by {asked.by}{f': {asked.because}' if asked.because else ''}"
    return f"dropped by {deployment.dropped_by} (as stated)" if deployment.dropped_by else "dropped"


def _source(deployment: Deployment) -> str:
    origin = deployment.origin
    if origin is None:
        return ""
    parts = [
        f"commit {origin.commit[:12]}" if origin.commit else "",
        f"build {origin.build}" if origin.build else "",
        f"changes: {origin.changes}" if origin.changes else "",
    ]
    return ", ".join(part for part in parts if part)


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 2), expand=False)
