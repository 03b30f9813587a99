"""Shows which versions run where, and which deployments wait."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.answers import Environments
from wardrop_cli.completion import targets
from wardrop_cli.decode import decode
from wardrop_cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType


def status(
    context: typer.Context,
    of: Annotated[
        str | None,
        typer.Argument(metavar="[APP|ENV]", autocompletion=targets, help="An application or an environment."),
    ] = None,
) -> None:
    """Show which versions run where, and which deployments wait.

    Without APP or ENV, all environments that you may view are shown.
    """
    session = Session.of(context)
    answer = session.ask(command="status", of=of)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.status import status_screen

        return status_screen(decode(Environments, answer), datetime.now(UTC))

    session.show(answer, screen)
