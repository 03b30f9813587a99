"""Checks, stores, shows and forgets the configuration of an application."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.completion import applications
from wardrop_cli.configuration import Checked, ShownConfiguration
from wardrop_cli.decode import decode
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure
from wardrop_cli.questions import confirm
from wardrop_cli.session import Session
from wardrop_cli.verbs.parameters import Application, Yes
from wardrop_cli.verbs.pushing import BasedOn, Push, read_file
from wardrop_cli.verbs.sending import show_done

if TYPE_CHECKING:
    from rich.console import RenderableType

config = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)
config.info.help = "Check, store and show the configuration of an application."

Document = Annotated[Path, typer.Argument(metavar="FILE", help="A YAML document. - is the standard input.")]
Named = Annotated[str, typer.Argument(metavar="APP", autocompletion=applications, help="The application.")]


@config.command()
def check(context: typer.Context, file: Document, application: Application) -> None:
    """Check FILE as Wardrop checks a stored document, and store nothing.

    The exit code is 8 if Wardrop would refuse the document.
    """
    session = Session.of(context)
    answer = session.ask(command="config check", application=application, document=read_file(file).text)
    checked = decode(Checked, answer)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.configuration import checked_screen

        return checked_screen(checked, file.name)

    session.show(answer, screen)
    if checked.problem is not None:
        raise typer.Exit(ExitCode.REFUSED)


@config.command()
def push(
    context: typer.Context,
    file: Document,
    application: Application,
    based_on: BasedOn = None,
    yes: Yes = False,
) -> None:
    """Check FILE, and store it in the SSM parameter of APP.

    A file that config show printed states its version. If another version has been stored since then, nothing is
    stored.
    """
    session, content = Session.of(context), read_file(file)
    answer = session.ask(command="config check", application=application, document=content.text)
    if (problem := decode(Checked, answer).problem) is not None:
        text = f"the document is not valid: {problem}"
        raise Failure(ExitCode.REFUSED, text, "Nothing was stored. Correct the file.")
    shown = decode(ShownConfiguration, session.ask(command="config show", application=application))
    push = Push(shown.configuration.parameter, content, based_on, yes)
    pushed = push(session.account)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.configuration import pushed_screen

        return pushed_screen(push.parameter, pushed.version, pushed.changed)

    document = {"parameter": push.parameter, "version": pushed.version, "changed": pushed.changed}
    session.show({"answer": "pushed", **document}, screen)


@config.command()
def show(context: typer.Context, application: Named) -> None:
    """Print the document in force, with its version.

    config push accepts the output as a file: wardrop config show shop > shop.yaml
    """
    session = Session.of(context)
    answer = session.ask(command="config show", application=application)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.configuration import document_screen

        return document_screen(decode(ShownConfiguration, answer))

    session.show(answer, screen)


@config.command()
def forget(context: typer.Context, application: Named, yes: Yes = False) -> None:
    """Remove the last good document of APP.

    Delete the parameter first. Then the defaults are in force, and deployments that are queued afterwards need no
    approval.
    """
    session = Session.of(context)
    effect = "Then deployments that are queued afterwards need no approval."
    confirm(f"Remove the last good document of {application}? {effect}", assumed=yes)
    show_done(session, session.ask(command="config forget", application=application))
