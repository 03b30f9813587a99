"""Approves a deployment."""

import typer

from wardrop_cli.verbs.parameters import Environment, Label
from wardrop_cli.verbs.waiting import Timeout, Wait, send_for_deployment


def approve(
    context: typer.Context, environment: Environment, label: Label, wait: Wait = False, timeout: Timeout = None
) -> None:
    """Approve the deployment of LABEL to ENV."""
    request = {"command": "approve", "environment": environment, "label": label}
    send_for_deployment(context, wait, timeout, **request)
