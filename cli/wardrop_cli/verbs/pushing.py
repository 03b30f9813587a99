"""Stores a document, unless another user has stored another version in the meantime."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wardrop_cli.configuration import File, file_of
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, usage
from wardrop_cli.questions import confirm, is_asked

if TYPE_CHECKING:
    from wardrop_cli.aws.account import Account
    from wardrop_cli.aws.parameters import Parameters, Stored

MOST_BYTES = 8 * 1024
"""Parameter Store accepts at most 8 KB (API reference, PutParameter)."""

BasedOn = Annotated[
    int | None, typer.Option("--based-on", metavar="VERSION", help="The version of the parameter that FILE changes.")
]


@dataclass(frozen=True)
class Pushed:
    version: int
    changed: bool
    """Whether a new version was stored. It is not stored if the parameter already has this content."""


@dataclass(frozen=True)
class Push:
    parameter: str
    file: File
    based_on: int | None
    assumed: bool
    """The option --yes: any version may be replaced, unless the file or an option states its base version."""

    def __call__(self, account: "Account") -> Pushed:
        from wardrop_cli.aws.parameters import Parameters

        return self.store(Parameters(account))

    def store(self, parameters: "Parameters") -> Pushed:
        """Raises Failure if another version was stored, or if the user does not agree."""
        if self.file.parameter not in (None, self.parameter):
            text = f"the file is the configuration of {self.file.parameter}, and not of {self.parameter}"
            raise usage(text, "Correct --app, or remove the first line of the file.")
        stored = parameters.read(self.parameter)
        if stored is None:
            return self._created(parameters)
        if stored.text == self.file.text:
            return Pushed(stored.version, changed=False)
        self._check_version(stored)
        return self._replaced(parameters, stored)

    @property
    def _base(self) -> int | None:
        return self.based_on if self.based_on is not None else self.file.version

    def _created(self, parameters: "Parameters") -> Pushed:
        if self._base is not None:
            text = f"{self.parameter} does not exist any more, and the file is based on its version {self._base}"
            raise Failure(ExitCode.REFUSED, text, "Remove the first line of the file to create the parameter again.")
        return Pushed(parameters.create(self.parameter, self.file.text), changed=True)

    def _check_version(self, stored: "Stored") -> None:
        if self._base is not None:
            if self._base != stored.version:
                text = f"{self.parameter} has the version {stored.version}, and the file is based on {self._base}"
                advice = "Nothing was stored. Use --based-on after you have compared the file: wardrop config show APP"
                raise Failure(ExitCode.REFUSED, text, advice)
            return
        if self.assumed:
            return
        if not is_asked():
            text = f"{self.parameter} exists, and the file does not state on which version it is based"
            raise usage(text, f"Use --based-on {stored.version}, or --yes to replace any version.")
        _show_changes(stored.text, self.file.text)
        confirm(f"Replace version {stored.version} of {self.parameter}?", assumed=False)

    def _replaced(self, parameters: "Parameters", stored: "Stored") -> Pushed:
        """Replaces the stored version. Raises Failure if there was another write at the same time.

        Parameter Store has no conditional write, but its response contains the number of the new version.
        """
        version = parameters.replace(self.parameter, self.file.text, stored)
        if version != stored.version + 1:
            other = f"another write, perhaps an earlier attempt of this command, stored version {version - 1}"
            text = f"version {version} of {self.parameter} is stored, but {other} at the same time"
            read = "aws ssm get-parameter --with-decryption --name"
            advice = f"Read the other version: {read} {self.parameter}:{version - 1}"
            raise Failure(ExitCode.FAILED, text, advice)
        return Pushed(version, changed=True)


def _show_changes(before: str, after: str) -> None:
    from difflib import unified_diff

    from wardrop_cli.foreign_text import lines

    for line in unified_diff(lines(before), lines(after), "stored", "file", lineterm=""):
        sys.stderr.write(f"{line}\n")


def read_file(file: Path) -> File:
    try:
        content = sys.stdin.buffer.read(MOST_BYTES * 2) if str(file) == "-" else file.read_bytes()
        document = file_of(content.decode())
    except OSError as error:
        raise usage(f"{file} cannot be read: {error.strerror}", "Check the name of the file.") from error
    except UnicodeDecodeError as error:
        raise usage(f"{file} is not a text in UTF-8", "Convert the file.") from error
    if (size := len(document.text.encode())) > MOST_BYTES:
        raise usage(f"{file} has {size} bytes", f"Parameter Store accepts at most {MOST_BYTES}.")
    return document
