"""Shows the finished deployments of an environment."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.answers import Deployments
from wardrop_cli.completion import environments
from wardrop_cli.decode import decode
from wardrop_cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType


def history(
    context: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", autocompletion=environments, help="The environment.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="The number of deployments.")] = 20,
) -> None:
    """Show the finished deployments of ENV, the newest first."""
    session = Session.of(context)
    answer = session.ask(command="history", environment=environment, limit=limit)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.history import history_screen

        return history_screen(decode(Deployments, answer), datetime.now(UTC))

    session.show(answer, screen)
