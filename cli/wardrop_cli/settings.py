"""The options of every verb, which may be before or after the verb."""

import os
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from wardrop_cli.failures import usage

DEFAULT_STACK = "wardrop"
_PREFIX = "wardrop."


@dataclass(frozen=True)
class Settings:
    stack: str
    profile: str | None
    region: str | None
    json: bool
    debug: bool


def settings_of(meta: dict[str, Any]) -> Settings:
    """`meta` belongs to the context of Typer. An empty variable counts as unset, as AWS's variables do."""
    given = {name.removeprefix(_PREFIX): value for name, value in meta.items() if name.startswith(_PREFIX)}
    if given.get("stack") == "":
        raise usage("--stack is empty", f"Name the stack, or leave the option out for {DEFAULT_STACK}.")
    return Settings(
        stack=given.get("stack") or os.environ.get("WARDROP_STACK") or DEFAULT_STACK,
        profile=given.get("profile") or None,
        region=given.get("region") or None,
        json=bool(given.get("json")),
        debug=bool(given.get("debug") or os.environ.get("WARDROP_DEBUG")),
    )


def _keep(context: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
    """Options after the verb replace options before the verb."""
    if value not in (None, False):
        context.meta[f"{_PREFIX}{param.name}"] = value
    return value


def common_options(
    stack: Annotated[
        str | None,
        typer.Option(callback=_keep, metavar="NAME", help="The stack [default: $WARDROP_STACK, or wardrop]."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(callback=_keep, metavar="NAME", help="The profile of AWS's configuration.")
    ] = None,
    region: Annotated[str | None, typer.Option(callback=_keep, metavar="NAME", help="The region of the stack.")] = None,
    json: Annotated[bool, typer.Option("--json", callback=_keep, help="Print one JSON document.")] = False,
    debug: Annotated[bool, typer.Option("--debug", callback=_keep, help="Show where an error occurred.")] = False,
) -> None:
    """The declaration of the options. `app` adds them to every verb."""
