"""The screen of `wardrop plan`: the sentence of the guard, each change, and what is not known."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from wardrop_cli.effects import Change, Effects

STYLES = {"keeps_instances": "green", "refused": "bold red", "replaces": "bold red", "cannot_tell": "bold yellow"}
STYLES_OF_EFFECTS = {
    "nothing": "dim",
    "updates": "green",
    "restarts": "green",
    "cannot_tell": "yellow",
}
"""The style of every other effect is red."""


def effects_screen(plan: Effects) -> RenderableType:
    sentence = f"{plan.environment}: {plan.sentence.removesuffix('.')}."
    return Group(Text(sentence, STYLES.get(plan.outcome, "bold")), *_details(plan))


def _details(plan: Effects) -> Iterator[RenderableType]:
    for change in plan.changes:
        yield Text("")
        yield from _change(change)
    if plan.unknown:
        yield Text("\nNot known", "bold")
        yield from (_indented(Text(reason)) for reason in plan.unknown)
    if plan.messages:
        yield Text("\nElastic Beanstalk says", "bold")
        for message in plan.messages:
            text = f"{message.subject}: {message.message}" if message.subject else message.message
            yield _indented(Text(text, "red" if message.is_error else "yellow"))
    yield Text("\nNothing was changed.", "dim")


def _change(change: Change) -> Iterator[RenderableType]:
    yield Text(change.subject, "bold", overflow="fold")
    if change.before is not None or change.after is not None:
        before, after = change.before or "not set", change.after or "not set"
        yield _indented(Text(f"{before} → {after}", overflow="fold"))
    yield _indented(Text(_without_values(change), STYLES_OF_EFFECTS.get(change.effect, "red")))


def _without_values(change: Change) -> str:
    """The end of the sentence `OPTION changes from A to B: EFFECT`. The lines above show the beginning."""
    _, is_long, effect = change.sentence.partition(f" to {change.after}: ")
    return effect if is_long and change.sentence.startswith(f"{change.subject} changes from ") else change.sentence


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 2))
