"""The commands of `wardrop`. A verb's module is imported when the verb runs, so that `wardrop --help` is fast."""

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wardrop_cli import __version__
from wardrop_cli.settings import common_options


@dataclass(frozen=True)
class Verb:
    module: str
    """The module's name in `wardrop_cli.verbs`. The module contains a function or a Typer app with the verb's name."""

    help: str


VERBS = {
    "drop": Verb("drop", "Upload a file for deployment. With --wait, follow the deployment to its end."),
    "status": Verb("status", "Show which versions run where, and which deployments wait."),
    "history": Verb("history", "Show the finished deployments of an environment."),
    "watch": Verb("watch", "Show the status continuously."),
    "logs": Verb("logs", "Show the log of a deployment."),
    "deploy": Verb("deploy", "Deploy a version to an environment."),
    "rollback": Verb("rollback", "Return an environment to a version that was good there."),
    "approve": Verb("approve", "Approve a deployment."),
    "decline": Verb("decline", "Decline a deployment."),
    "cancel": Verb("cancel", "Cancel deployments that no instance has received yet."),
    "pause": Verb("pause", "Start no more deployments to an environment."),
    "resume": Verb("pause", "End the pause and the hold of an environment."),
    "pin": Verb("pin", "Keep a version, even if no retention rule keeps it."),
    "unpin": Verb("pin", "Unpin a version, so that the retention rules apply to it again."),
    "clean": Verb("clean", "Delete the versions that no retention rule protects."),
    "plan": Verb("plan", "Show what a change of settings would replace."),
    "diff": Verb("diff", "Compare two environments."),
    "doctor": Verb("doctor", "Check the installation, and show a remedy for each finding."),
    "config": Verb("config", "Check, store and show the configuration of an application."),
    "schema": Verb("schema", "Show the JSON schema of the document that --json prints."),
}
"""The verbs in the order of `wardrop --help`."""

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Verbs(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is Typer's
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the signature is Typer's
        if cmd_name not in VERBS:
            return None
        verb = getattr(import_module(f"wardrop_cli.verbs.{VERBS[cmd_name].module}"), cmd_name)
        return command_of(cmd_name, verb)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in VERBS:
            near = get_close_matches(args[0], VERBS, 1)
            nearest = f"; the nearest is {near[0]!r}" if near else ""
            ctx.fail(f"there is no command {args[0]!r}{nearest}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the signature is Typer's
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])


def command_of(name: str, verb: Any) -> Any:
    """The command of a function, or the group of commands of a Typer app, with the common options."""
    app = verb
    if not isinstance(verb, typer.Typer):
        app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=SETTINGS)
        app.command(name)(verb)
    app._add_completion = False
    command = typer.main.get_command(app)
    command.name = name
    _add_options(command)
    return command


def _add_options(command: Any) -> None:
    command.params.extend(_common_parameters())
    for each in getattr(command, "commands", {}).values():
        _add_options(each)


def _common_parameters() -> list[Any]:
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(common_options)
    parameters = typer.main.get_command(app).params
    for parameter in parameters:
        parameter.expose_value = False
    return parameters


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"wardrop {__version__}")
        raise typer.Exit


app = typer.Typer(cls=Verbs, name="wardrop", rich_markup_mode=None, no_args_is_help=True, context_settings=SETTINGS)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Deploy WAR files to Elastic Beanstalk through Wardrop, and see what runs where.

    The stack is in the account and in the region of your AWS credentials. The options below, such as --json, may also
    follow the command.
    """


def command() -> Any:
    """The whole command line."""
    command = typer.main.get_command(app)
    _add_options(command)
    return command
