"""The screen of `wardrop diff`: the versions of two environments, and the settings that differ."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wardrop_cli.comparison import Comparison, Difference, Side

HIDDEN = "The values differ. They are hidden, because they may be secret."


def comparison_screen(comparison: Comparison) -> RenderableType:
    first, second = comparison.sides
    return Group(_facts(first, second), *_differences(comparison), *_unknown(comparison))


def _facts(first: Side, second: Side) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in ("", first.environment, second.environment):
        table.add_column(Text(heading), overflow="fold")
    for name, *values in (
        ("version", first.version_label or "none", second.version_label or "none"),
        ("platform", _platform(first), _platform(second)),
        ("health", f"{first.health}, {first.status}", f"{second.health}, {second.status}"),
    ):
        style = "" if values[0] == values[1] else "yellow"
        table.add_row(Text(name, "dim"), *(Text(value, style) for value in values))
    return table


def _platform(side: Side) -> str:
    """The name in the ARN of the platform version."""
    return side.platform.rpartition(":platform/")[2]


def _differences(comparison: Comparison) -> Iterator[RenderableType]:
    names = [side.environment for side in comparison.sides]
    for difference in comparison.differences:
        yield Text("")
        yield Text(difference.option, "bold", overflow="fold")
        yield from (Padding(line, (0, 0, 0, 2)) for line in _lines(difference, names))
    if not comparison.differences and not comparison.unknown:
        yield Text("\nThe settings do not differ.", "green")


def _lines(difference: Difference, names: list[str]) -> Iterator[Text]:
    if difference.hidden:
        yield Text(HIDDEN, "dim")
        return
    for name, value in zip(names, (difference.first, difference.second), strict=True):
        yield Text(f"{name}: {'not set' if value is None else value}", overflow="fold")
    if not difference.certain:
        yield Text("Only AWS can tell whether both mean the same.", "yellow")


def _unknown(comparison: Comparison) -> Iterator[RenderableType]:
    for reason in comparison.unknown:
        yield Text(f"\nThere may be other differences, because {reason}.", "yellow")
