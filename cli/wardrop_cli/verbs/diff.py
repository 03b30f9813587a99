"""Compares two environments."""

from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.comparison import Comparison
from wardrop_cli.completion import environments
from wardrop_cli.decode import decode
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType


def diff(
    context: typer.Context,
    environment: Annotated[
        str, typer.Argument(metavar="ENV", autocompletion=environments, help="The first environment.")
    ],
    other: Annotated[str, typer.Argument(metavar="OTHER", autocompletion=environments, help="The second environment.")],
) -> None:
    """Compare the versions and the settings of two environments.

    Values are compared by their meaning. Values that may be secret are not shown. The exit code is 0, or 11 if some
    settings were not compared.
    """
    session = Session.of(context)
    answer = session.ask(command="diff", environment=environment, other=other)
    comparison = decode(Comparison, answer)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.comparison import comparison_screen

        return comparison_screen(comparison)

    session.show(answer, screen)
    if comparison.unknown:
        raise typer.Exit(ExitCode.CANNOT_TELL)
