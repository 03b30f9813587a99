"""Protects versions from the clean-up."""

import typer

from wardrop_cli.verbs.parameters import Application, Label
from wardrop_cli.verbs.sending import send


def pin(context: typer.Context, label: Label, application: Application) -> None:
    """Keep the version LABEL, even if no retention rule keeps it."""
    send(context, command="pin", application=application, label=label)


def unpin(context: typer.Context, label: Label, application: Application) -> None:
    """Unpin the version LABEL, so that the retention rules apply to it again."""
    send(context, command="unpin", application=application, label=label)
