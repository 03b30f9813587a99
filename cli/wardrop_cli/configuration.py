"""The stack's answers about an application's configuration, and the head of a file that contains a document.

The head is a comment in the first line. `wardrop config show` writes it, so that `wardrop config push` knows on which
version the file is based.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from wardrop_cli.answers import Configuration
from wardrop_cli.foreign_text import lines

_HEAD = re.compile(r"# version ([0-9]{1,9}) of (/\S+)\r?\n?")


@dataclass(frozen=True)
class Checked:
    application: str
    problem: str | None = None
    environments: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ShownConfiguration:
    configuration: Configuration
    document: Any = None
    """The text of the document in force, with its line breaks. None: no document is in force."""


@dataclass(frozen=True)
class File:
    text: str
    """The document, without the head of the file."""

    version: int | None = None
    """The version of the parameter on which the file is based. None: the file does not state it."""

    parameter: str | None = None


def file_of(text: str) -> File:
    head = _HEAD.match(text)
    return File(text[head.end() :], int(head[1]), head[2]) if head else File(text)


def text_of(shown: ShownConfiguration) -> list[str]:
    """The lines of a file that `push` accepts: comments with facts about the document, and then the document."""
    configuration = shown.configuration
    fault = [f"# The document in the parameter is not in force: {configuration.error}"] if configuration.error else []
    match configuration.source:
        case "document" | "last_good" if isinstance(shown.document, str):
            return [f"# version {configuration.version} of {configuration.parameter}", *fault, *lines(shown.document)]
        case "defaults":
            return [f"# {configuration.application} has no configuration, so the defaults are in force."]
        case _:
            held = f"# No configuration of {configuration.application} is in force, so its deployments are held."
            return [*fault, held]
