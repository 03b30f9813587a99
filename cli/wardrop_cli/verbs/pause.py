"""Pauses and resumes the deployments to an environment."""

import typer

from wardrop_cli.verbs.parameters import Because, Environment
from wardrop_cli.verbs.sending import send


def pause(context: typer.Context, environment: Environment, because: Because = None) -> None:
    """Start no more deployments to ENV until it is resumed."""
    send(context, command="pause", environment=environment, because=because)


def resume(context: typer.Context, environment: Environment) -> None:
    """End the pause and the hold of ENV."""
    send(context, command="resume", environment=environment)
