"""A run of the command: its settings, its connection to the stack, and the output of answers."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer

from wardrop_cli import report
from wardrop_cli.answers import Environments
from wardrop_cli.decode import decode
from wardrop_cli.failures import Failure, Refused
from wardrop_cli.settings import Settings, settings_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wardrop_cli.aws.account import Account
    from wardrop_cli.aws.sender import Sender


class Session:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @classmethod
    def of(cls, context: typer.Context) -> "Session":
        return cls(settings_of(context.meta))

    @cached_property
    def account(self) -> "Account":
        from wardrop_cli.aws.account import Account

        return Account(self.settings)

    @cached_property
    def _sender(self) -> "Sender":
        from wardrop_cli.aws.sender import Sender

        return Sender(self.account)

    def ask(self, **request: Any) -> dict[str, Any]:
        """Sends a request, and returns the answer of the stack. Fields that are None are not sent. Raises Failure."""
        try:
            return self._sender.send(**request)
        except Refused as refusal:
            if refusal.code != "not_found" or not {"environment", "of"} & request.keys():
                raise
            raise self._with_nearest(refusal, request) from refusal

    def _with_nearest(self, refusal: Refused, request: Mapping[str, Any]) -> Refused:
        """Adds the most similar name to the advice, because the user may have mistyped the name.

        `environment` names an environment, and `of` an environment or an application.
        """
        try:
            environments = decode(Environments, self._sender.send(command="status")).environments
        except Failure:
            return refusal
        names = {each.environment for each in environments}
        if (name := request.get("environment")) is None:
            name, names = request["of"], names | {each.application for each in environments}
        nearest = get_close_matches(str(name), names - {name}, 1)
        if name in names or not nearest:
            return refusal
        return Refused({**refusal.document, "advice": f"Did you mean {nearest[0]}?"})

    def show(self, document: Mapping[str, Any], screen: "Callable[[], RenderableType]") -> None:
        """Prints the document with `--json`, and the screen otherwise."""
        if self.settings.json:
            report.print_document(document)
        else:
            report.print_screen(screen())
