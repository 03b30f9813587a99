"""Completes names of applications, environments and versions in shells. After an error, no name is offered."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from wardrop_cli.answers import Environment, Environments

SECONDS = 4


def applications(context: typer.Context, incomplete: str) -> list[str]:
    return _names(context, incomplete, lambda each: [each.application])


def environments(context: typer.Context, incomplete: str) -> list[str]:
    return _names(context, incomplete, lambda each: [each.environment])


def targets(context: typer.Context, incomplete: str) -> list[str]:
    return _names(context, incomplete, lambda each: [each.application, each.environment])


def labels(context: typer.Context, incomplete: str) -> list[str]:
    """The running, good and waiting labels. If an earlier argument names an environment, only that environment's."""
    given = {str(value) for value in context.params.values() if isinstance(value, str)}

    def of(each: Environment) -> list[str]:
        if given and each.environment not in given and each.application not in given:
            return []
        deploying = [deployment.label for deployment in each.deployments]
        running = [each.version_label] if each.version_label else []
        return [*running, *(good.label for good in each.good_versions), *deploying]

    return _names(context, incomplete, of)


def _names(context: typer.Context, incomplete: str, of: Callable[[Environment], list[str]]) -> list[str]:
    from wardrop_cli.decode import decode
    from wardrop_cli.session import Session

    try:
        with _quiet():
            answer = Session.of(context).ask(command="status")
            found = {name for each in decode(Environments, answer).environments for name in of(each)}
    except (Exception, KeyboardInterrupt):  # an error would disturb the line that the user types
        return []
    return sorted(name for name in found if name.startswith(incomplete))


@contextmanager
def _quiet() -> Iterator[Any]:
    """Runs without output to the terminal, for at most SECONDS."""
    import signal

    def end(*_: Any) -> None:
        raise TimeoutError

    stderr, sys.stderr = sys.stderr, open("/dev/null", "w")  # noqa: SIM115 - the process ends after the completion
    previous = signal.signal(signal.SIGALRM, end) if hasattr(signal, "SIGALRM") else None
    if previous is not None:
        signal.alarm(SECONDS)
    try:
        yield
    finally:
        sys.stderr = stderr
        if previous is not None:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)
