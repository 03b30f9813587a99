"""The screen of `wardrop status`: applications, their environments by stage, and what waits."""

from collections.abc import Iterator
from datetime import datetime
from shlex import quote

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wardrop_cli.answers import Configuration, Environment, Environments, Hold, Quota
from wardrop_cli.foreign_text import one_line
from wardrop_cli.screens.times import ago, duration
from wardrop_cli.screens.words import STYLES_OF_HEALTH, state

NEARLY_FULL = 0.9
WAITING = ("queued", "awaiting_approval")
"""The states of deployments that have not begun."""


def status_screen(answer: Environments, now: datetime) -> RenderableType:
    if not answer.environments:
        return Text("There are no environments, or you may not view them.")
    parts: list[RenderableType] = []
    configurations = {each.application: each for each in answer.configurations}
    for application in sorted({each.application for each in answer.environments}):
        environments = [each for each in answer.environments if each.application == application]
        parts += _application(application, configurations.get(application), environments, now)
    if answer.quota:
        parts.append(_quota(answer.quota, now))
    return Group(*parts)


def _quota(quota: Quota, now: datetime) -> Text:
    style = "yellow" if quota.used > NEARLY_FULL * quota.quota else "dim"
    return Text(f"{quota.used} of {quota.quota} application versions, counted {ago(quota.at, now)}", style)


def _application(
    name: str, configuration: Configuration | None, environments: list[Environment], now: datetime
) -> Iterator[RenderableType]:
    yield Text(name, "bold")
    stages = configuration.stages if configuration else []
    stage_of = {environment: number for number, stage in enumerate(stages, 1) for environment in stage}
    ordered = sorted(environments, key=lambda each: (stage_of.get(each.environment, len(stages) + 1), each.environment))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for number in range(5):
        table.add_column(overflow="ellipsis", no_wrap=number in (1, 2))
    for environment in ordered:
        table.add_row(*_row(environment, stage_of.get(environment.environment), now))
    yield Padding(table, (0, 0, 0, 2), expand=False)
    for line in (line for environment in ordered for line in notes(environment, now)):
        yield Padding(line, (0, 0, 0, 2), expand=False)
    if configuration and configuration.error:
        yield Padding(Text(f"! {configuration.parameter}: {configuration.error}", "yellow"), (0, 0, 0, 2), expand=False)
    yield Text("")


def _row(environment: Environment, stage: int | None, now: datetime) -> list[Text]:
    label = environment.version_label or "no version"
    at = next((good.at for good in environment.good_versions if good.label == environment.version_label), None)
    return [
        Text(f"{stage}" if stage else "-", "dim"),
        Text(environment.environment),
        Text(label, "bold"),
        Text(duration(now - at) if at else ""),
        Text(environment.health, STYLES_OF_HEALTH.get(environment.health, "")),
    ]


def notes(environment: Environment, now: datetime) -> Iterator[Text]:
    """The facts about an environment that have no column."""
    name = environment.environment
    if environment.status != "Ready" and not environment.deployments:
        yield Text(f"{name}: Elastic Beanstalk shows the status {environment.status}")
    begun = next((each.label for each in environment.deployments if each.state not in WAITING), None)
    for deployment in environment.deployments:
        text = f"{name}: {deployment.label} is {state(deployment.state)}: {deployment.reason}"
        if begun is not None and deployment.state in WAITING:
            text += f"; it waits until the deployment of {begun} has ended"
        yield Text(f"{text} ({ago(deployment.since, now)})", "cyan")
        if deployment.state == "awaiting_approval":
            yield Text(f"{name}: to approve it: wardrop approve {name} {quote(deployment.label)}")
    if environment.pause:
        yield _hold(name, "paused", environment.pause, now)
    if environment.hold:
        yield _hold(name, "held", environment.hold, now)
    for quarantined in environment.quarantined:
        yield Text(f"{name}: {quarantined.label} is quarantined: {one_line(quarantined.because, 120)}", "dim")


def _hold(environment: str, verb: str, hold: Hold, now: datetime) -> Text:
    because = f": {hold.because}" if hold.because else ""
    return Text(
        f"{environment}: {verb} by {hold.by} {ago(hold.at, now)}{because}; to end it: wardrop resume {environment}"
    )
