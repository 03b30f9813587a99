"""The arguments and options that several verbs have."""

from typing import Annotated

import typer

from wardrop_cli.completion import applications, environments, labels

Environment = Annotated[str, typer.Argument(metavar="ENV", autocompletion=environments, help="The environment.")]
Application = Annotated[str, typer.Option("--app", metavar="APP", autocompletion=applications, help="The application.")]
Label = Annotated[str, typer.Argument(metavar="LABEL", autocompletion=labels, help="The version.")]
Because = Annotated[str | None, typer.Option(metavar="TEXT", help="The reason, for the history and the alerts.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
