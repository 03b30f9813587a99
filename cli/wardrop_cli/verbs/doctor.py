"""Checks the installation step by step."""

from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType


def doctor(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also list the checks that are in order.")] = False,
) -> None:
    """Check the installation, and show a remedy for each finding.

    The exit code is 0 if nothing is broken, 3 if something is broken, and 11 if nothing is broken, but a check could
    not be made.
    """
    from wardrop_cli.aws.inspect import inspect
    from wardrop_cli.doctor.judge import document_of, exit_code, judge

    session = Session.of(context)
    findings = judge(inspect(session.account, session.ask, session.settings.stack))

    def screen() -> "RenderableType":
        from wardrop_cli.screens.doctor import doctor_screen

        return doctor_screen(findings, lists_all=every)

    session.show(document_of(findings), screen)
    if (code := exit_code(findings)) is not ExitCode.SUCCESS:
        raise typer.Exit(code)
