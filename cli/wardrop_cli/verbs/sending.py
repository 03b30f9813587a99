"""Sends a request that changes something, and shows the sentence of the answer."""

from typing import TYPE_CHECKING, Any

import typer

from wardrop_cli.answers import Done
from wardrop_cli.decode import decode
from wardrop_cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType


def send(context: typer.Context, **request: Any) -> None:
    show_done(session := Session.of(context), session.ask(**request))


def show_done(session: Session, answer: dict[str, Any]) -> None:
    def screen() -> "RenderableType":
        from wardrop_cli.screens.done import done_screen

        return done_screen(decode(Done, answer))

    session.show(answer, screen)
