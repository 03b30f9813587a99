"""Sends a request that queues a deployment, and follows the deployment to its end with `--wait`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from wardrop_cli import report
from wardrop_cli.answers import Done, Environments, Followed
from wardrop_cli.decode import decode
from wardrop_cli.durations import LONGEST_WAIT, longest_wait
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, Interrupted
from wardrop_cli.following import Following
from wardrop_cli.live import view_of
from wardrop_cli.outcomes import exit_code_of
from wardrop_cli.screens.promotions import promotions
from wardrop_cli.session import Session
from wardrop_cli.verbs.sending import show_done

Wait = Annotated[bool, typer.Option("--wait", help="Follow the deployment to its end, but not its promotions.")]
Timeout = Annotated[
    str | None,
    typer.Option(metavar="TIME", help=f"End --wait after this time with exit code 7 [default: {LONGEST_WAIT}]."),
]

CONTINUES = "the deployment continues"


def send_for_deployment(context: typer.Context, wait: bool, timeout: str | None, **request: Any) -> None:
    """Sends the request. With `wait`, the exit code states how the deployment ended.

    Raises Interrupted if the user interrupts the wait. The deployment continues then.
    """
    session, seconds = Session.of(context), longest_wait(timeout, wait=wait)
    answer = session.ask(**request)
    if wait:
        raise typer.Exit(_wait(session, answer, str(request["environment"]), seconds))
    show_done(session, answer)


def _wait(session: Session, answer: dict[str, Any], environment: str, seconds: int) -> ExitCode:
    done = decode(Done, answer)
    if not session.settings.json:
        report.print_line(done.text)
    documents = _follow(session, {done.deployment: environment} if done.deployment else {}, seconds)
    if session.settings.json:
        report.print_document({**answer, "deployments": documents})
    followed = [decode(Followed, document) for document in documents]
    code = exit_code_of(followed) if followed or done.deployment is None else ExitCode.NOT_FINISHED
    if code is ExitCode.NOT_FINISHED:
        note_unfinished(CONTINUES, environment)
    print_promotions(session, followed)
    return code


def _follow(session: Session, deployments: Mapping[str, str], seconds: int) -> list[Mapping[str, Any]]:
    if not deployments:
        return []
    try:
        with view_of(as_json=session.settings.json) as view:
            return Following(session.ask, view, seconds).to_the_end(deployments)
    except KeyboardInterrupt:
        [environment] = deployments.values()
        raise interrupted(CONTINUES, environment) from None


def interrupted(state: str, followed: str) -> Interrupted:
    """`followed` is an environment or an application."""
    return Interrupted(f"{state}. Follow it: wardrop watch {followed}")


def note_unfinished(state: str, followed: str) -> None:
    report.print_note(f"the time of --wait is over, and {state}. Follow it: wardrop watch {followed}")


def print_promotions(session: Session, followed: list[Followed]) -> None:
    """Prints where the followed versions are promoted to. Prints nothing if the stack does not answer."""
    if session.settings.json:
        return
    for application in {each.application for each in followed if each.deployment.state == "succeeded"}:
        try:
            existing = decode(Environments, session.ask(command="status", of=application))
        except Failure:
            continue
        for line in promotions(existing, followed):
            report.print_line(line)
