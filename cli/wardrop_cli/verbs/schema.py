"""Shows the JSON schema of the document that a verb prints with `--json`."""

from importlib import resources
from typing import Annotated, Any

import typer

from wardrop_cli.failures import usage


def schema(
    verb: Annotated[str, typer.Argument(metavar="VERB", help="A command, such as status.")],
) -> None:
    """Show the JSON schema of the document that VERB prints with --json."""
    names = sorted(each.name.removesuffix(".json") for each in _folder().iterdir() if each.name.endswith(".json"))
    if verb not in names:
        raise usage(f"there is no schema for {verb!r}", f"There are schemas for {', '.join(names)}.")
    typer.echo((_folder() / f"{verb}.json").read_text("utf-8"), nl=False)


def _folder() -> Any:
    return resources.files("wardrop_cli") / "schemas"
