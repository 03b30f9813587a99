"""Declines a deployment."""

import typer

from wardrop_cli.verbs.parameters import Because, Environment, Label
from wardrop_cli.verbs.sending import send


def decline(context: typer.Context, environment: Environment, label: Label, because: Because = None) -> None:
    """Decline the deployment of LABEL to ENV."""
    send(context, command="decline", environment=environment, label=label, because=because)
