"""Deploys an earlier version that was good."""

from typing import Annotated

import typer

from wardrop_cli.completion import labels
from wardrop_cli.verbs.parameters import Because, Environment
from wardrop_cli.verbs.waiting import Timeout, Wait, send_for_deployment


def rollback(
    context: typer.Context,
    environment: Environment,
    to: Annotated[
        str | None,
        typer.Option(metavar="LABEL", autocompletion=labels, help="The version [default: the last good one]."),
    ] = None,
    because: Because = None,
    wait: Wait = False,
    timeout: Timeout = None,
) -> None:
    """Return ENV to a version that was good there.

    The rollback holds the environment: later drops wait until the environment is resumed.
    """
    request = {"command": "rollback", "environment": environment, "to": to, "because": because}
    send_for_deployment(context, wait, timeout, **request)
