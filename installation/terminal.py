"""Asks the user for parameters. If there is no terminal, this module is not used."""

import textwrap
from collections.abc import Callable, Mapping

from installation.declarations import Declaration, fault_of
from installation.parameters import Chosen, NotPairs, Source, pairs_of

ASKED = ("Applications", "DropBucketName", "DownstreamAccess", "AlertEmail", "SlackSecretArn", "SlackChannel")
"""The parameters that a first installation asks for. The others have defaults that suit most installations."""

DEPENDS_ON = {"SlackChannel": "SlackSecretArn"}
"""Parameters that depend on another one. Each has an effect only if the parameter that it is mapped to is set."""

Ask = Callable[[str], str]
Write = Callable[[str], None]


class Terminal:
    def __init__(self, ask: Ask, write: Write) -> None:
        """`ask` shows a string and returns the line that the user enters. It raises EOFError if the input ends."""
        self._ask = ask
        self._write = write

    def first_values(self, declarations: Mapping[str, Declaration], given: Mapping[str, str]) -> dict[str, str]:
        """Returns the given values, and asks the user for values that were not given."""
        answers = dict(given)
        for name in ASKED:
            needed = DEPENDS_ON.get(name)
            if name not in answers and (needed is None or answers.get(needed)):
                answers[name] = self._value(declarations[name])
        return answers

    def _value(self, declaration: Declaration) -> str:
        self._write("\n" + textwrap.fill(declaration.description, 100))
        default = declaration.default or ""
        while True:
            value = self._ask(f"{declaration.name} [{default}]: ").strip() or default
            fault = fault_of(declaration, value)
            if fault is None:
                return value
            self._write(f"{declaration.name}={value} is not accepted: {fault}.")

    def changes(self) -> dict[str, str]:
        """Asks for parameters to change in an existing stack, and returns the user's answers."""
        while True:
            try:
                return pairs_of(self._ask("Enter NAME=VALUE to change parameters, or nothing to continue: "))
            except NotPairs as error:
                self._write(str(error))


def table(chosen: Mapping[str, Chosen]) -> str:
    width = max(map(len, chosen))
    return "\n".join(_row(name, choice, width) for name, choice in chosen.items())


def _row(name: str, choice: Chosen, width: int) -> str:
    mark = "" if choice.source is Source.DEFAULT else f"  ({choice.source})"
    return f"  {name:<{width}}  {choice.value or '-'}{mark}"
