"""Plans a change of settings: asks the guard which parts of the environment it would replace."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.decode import decode
from wardrop_cli.effects import Effects
from wardrop_cli.failures import usage
from wardrop_cli.option_files import settings_in
from wardrop_cli.session import Session
from wardrop_cli.verbs.parameters import Environment

if TYPE_CHECKING:
    from rich.console import RenderableType

SETTING = re.compile(r"aws:[^=]+:[^=]+=.*", re.DOTALL)
OPTION = re.compile(r"aws:[^=]+:[^=]+")
MOST_BYTES = 100_000
MOST_FILES = 20


@dataclass(frozen=True)
class Proposed:
    settings: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """The content of files in `.ebextensions`, keyed by name. The stack parses the files as Elastic Beanstalk does."""


def plan(
    context: typer.Context,
    environment: Environment,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAMESPACE:OPTION=VALUE", help="Set an option. Repeatable.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="NAMESPACE:OPTION", help="Remove a setting. Repeatable.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A JSON file with option settings, a .config file, or a folder of .config files.",
        ),
    ] = None,
) -> None:
    """Show which parts of ENV a change of settings would replace, and change nothing.

    Files of .ebextensions are planned as a part of the next version. They replace the running version's files of the
    same name. All other files of the running version stay.

    The exit code is 0 if neither instances nor the load balancer are replaced, 8 if Elastic Beanstalk refuses the
    change, 10 if instances or the load balancer are replaced, and 11 if the result is not certain.
    """
    _check("--set", settings or [], SETTING, "NAMESPACE:OPTION=VALUE")
    _check("--remove", remove or [], OPTION, "NAMESPACE:OPTION")
    proposed = _proposed(file)
    given = [*proposed.settings, *(settings or [])]
    if not given and not remove and not proposed.files:
        raise usage(
            "there is nothing to plan", "Use --set NAMESPACE:OPTION=VALUE, --remove NAMESPACE:OPTION or --file."
        )
    if proposed.files and (given or remove):
        raise usage("files of .ebextensions cannot be planned with --set or --remove", "Plan them one after the other.")
    session = Session.of(context)
    proposal = {"settings": given or None, "remove": remove or None, "files": proposed.files or None}
    answer = session.ask(command="plan", environment=environment, **proposal)
    effects = decode(Effects, answer)

    def screen() -> "RenderableType":
        from wardrop_cli.screens.effects import effects_screen

        return effects_screen(effects)

    session.show(answer, screen)
    raise typer.Exit(effects.exit_code)


def _check(option: str, texts: list[str], form: re.Pattern[str], metavar: str) -> None:
    for text in texts:
        if not form.fullmatch(text):
            example = metavar.replace("NAMESPACE:OPTION", "aws:autoscaling:asg:MinSize").replace("VALUE", "2")
            raise usage(f"{option} {text} does not have the form {metavar}", f"Example: {option} {example}")


def _proposed(path: Path | None) -> Proposed:
    if path is None:
        return Proposed()
    if not path.is_dir() and path.suffix != ".config":
        return Proposed(settings=settings_in(_content(path), path.name))
    files = sorted(path.glob("*.config")) if path.is_dir() else [path]
    if not 0 < len(files) <= MOST_FILES:
        raise usage(f"{path} contains {len(files)} files *.config", f"A plan takes 1 to {MOST_FILES} files.")
    return Proposed(files={file.name: _content(file).decode("utf-8", "replace") for file in files})


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise usage(f"{file} cannot be read: {error.strerror}", "Check the name of the file.") from error
    if len(content) > MOST_BYTES:
        raise usage(f"{file} has more than {MOST_BYTES} bytes", "Split the file, and plan each part.")
    return content
