"""Queues a deployment of a version."""

from typing import Annotated

import typer

from wardrop_cli.failures import usage
from wardrop_cli.verbs.parameters import Because, Environment, Label
from wardrop_cli.verbs.waiting import Timeout, Wait, send_for_deployment


def deploy(
    context: typer.Context,
    environment: Environment,
    label: Label,
    now: Annotated[bool, typer.Option("--now", help="Ignore freeze windows, a pause, a bake and the queue.")] = False,
    because: Because = None,
    wait: Wait = False,
    timeout: Timeout = None,
) -> None:
    """Deploy the version LABEL to ENV.

    If LABEL is older than the running version or a good version, ENV is held: later drops wait until ENV is resumed.
    A required approval is still needed with --now.
    """
    if now and because is None:
        raise usage("--now needs --because", "State the reason, for example --because 'hotfix for the checkout'.")
    request = {"command": "deploy", "environment": environment, "label": label, "now": now or None, "because": because}
    send_for_deployment(context, wait, timeout, **request)
