"""Deletes application versions that no retention rule protects."""

from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.clean_up import CleanUp
from wardrop_cli.decode import decode
from wardrop_cli.failures import usage
from wardrop_cli.questions import confirm
from wardrop_cli.session import Session
from wardrop_cli.verbs.parameters import Yes
from wardrop_cli.verbs.sending import show_done

if TYPE_CHECKING:
    from rich.console import RenderableType


def clean(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted, and change nothing.")] = False,
    application: Annotated[
        str | None, typer.Option("--app", metavar="APP", help="Show only this application, with --dry-run.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Delete the versions and bundles that no retention rule protects.

    An alert reports what was deleted. Wardrop also does this by itself, once a day.
    """
    session = Session.of(context)
    if not dry_run:
        if application is not None:
            raise usage("--app needs --dry-run", "A clean-up always covers all applications.")
        confirm("Start a clean-up of all applications? Deleted versions cannot be restored.", assumed=yes)
        show_done(session, session.ask(command="clean"))
        return
    answer = session.ask(command="clean", dry_run=True, application=application)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.clean_up import clean_up_screen

        return clean_up_screen(decode(CleanUp, answer))

    session.show(answer, screen)
