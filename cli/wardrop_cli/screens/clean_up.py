"""The screen of `wardrop clean --dry-run`: versions to delete, blocked versions, and the totals."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from wardrop_cli.clean_up import CleanUp, Decision

GB, MB = 1_000_000_000, 1_000_000


def clean_up_screen(plan: CleanUp) -> RenderableType:
    parts: list[RenderableType] = []
    for action, heading, style in (("delete", "To delete", "red"), ("blocked", "Blocked", "yellow")):
        decisions = [decision for decision in plan.decisions if decision.action == action]
        if decisions:
            parts += [Text(heading, "bold"), *(_row(decision, style) for decision in decisions), Text("")]
    kept = sum(decision.action == "keep" for decision in plan.decisions)
    bundles = f"{_counted(plan.bundles_to_delete, 'bundle')} ({size(plan.bytes_to_free)})"
    deleted = f"{_counted(plan.versions_to_delete, 'version')} and {bundles} would be deleted"
    parts.append(Text(f"{deleted}, and {_counted(kept, 'version')} kept. Nothing was changed."))
    parts.append(Text(f"The region has {plan.versions} of {plan.quota} application versions.", "dim"))
    return Group(*parts)


def _row(decision: Decision, style: str) -> RenderableType:
    row = Text.assemble((decision.label, style), f" of {decision.application}: ", (decision.reason, "dim"))
    row.overflow = "fold"
    return Padding(row, (0, 0, 0, 2))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size(number: int) -> str:
    """The size in decimal units, as AWS shows sizes of objects."""
    if number >= GB:
        return f"{number / GB:.1f} GB"
    return f"{number / MB:.1f} MB" if number >= MB / 10 else f"{number} bytes"
