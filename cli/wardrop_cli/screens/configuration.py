"""The screens of `wardrop config`."""

from rich.console import Group, RenderableType
from rich.text import Text

from wardrop_cli.configuration import Checked, ShownConfiguration, text_of


def checked_screen(checked: Checked, name: str) -> RenderableType:
    if checked.problem is not None:
        return Text(f"{name} is not valid for {checked.application}: {checked.problem}.", "red")
    environments = ", ".join(checked.environments) or "no environment"
    return Text(f"{name} is valid for {checked.application}. It configures {environments}.", "green")


def pushed_screen(parameter: str, version: int, changed: bool) -> RenderableType:
    if not changed:
        return Text(f"Version {version} of {parameter} already has this content, so nothing was stored.")
    waiting = (
        "A deployment that already waits keeps the rules that were in force when it was queued, but may now need an "
        "approval."
    )
    stored = f"Version {version} of {parameter} is stored."
    return Text(f"{stored} It applies to deployments that are queued from now on. {waiting}")


def document_screen(shown: ShownConfiguration) -> RenderableType:
    """The lines are not broken, so that the output is the document."""
    return Group(*(Text(line, no_wrap=True, overflow="ignore") for line in text_of(shown)))
