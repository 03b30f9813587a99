"""Cancels deployments that no instance has received."""

from typing import Annotated

import typer

from wardrop_cli.completion import labels
from wardrop_cli.verbs.parameters import Environment
from wardrop_cli.verbs.sending import send


def cancel(
    context: typer.Context,
    environment: Environment,
    label: Annotated[
        str | None,
        typer.Argument(metavar="[LABEL]", autocompletion=labels, help="The version [default: all]."),
    ] = None,
) -> None:
    """Cancel deployments to ENV that no instance has received yet."""
    send(context, command="cancel", environment=environment, label=label)
