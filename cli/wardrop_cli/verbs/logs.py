"""Shows the log of a deployment. The log is read in Beanstalk's bucket with the caller's own rights."""

import re
from typing import Annotated, Any

import typer

from wardrop_cli import report
from wardrop_cli.answers import Environments, Followed
from wardrop_cli.completion import environments
from wardrop_cli.decode import decode
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, Refused
from wardrop_cli.foreign_text import lines
from wardrop_cli.session import Session

DEPLOYMENT_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")


def logs(
    context: typer.Context,
    of: Annotated[
        str,
        typer.Argument(
            metavar="DEPLOYMENT|ENV", autocompletion=environments, help="The id of a deployment, or an environment."
        ),
    ],
) -> None:
    """Show the deployment log of DEPLOYMENT, or of the last deployment of ENV.

    You need the right to read the log in Elastic Beanstalk's bucket. Without this right, the command shows only the
    lines that name the cause of a failure, if Wardrop has recorded such lines.
    """
    session = Session.of(context)
    followed = decode(Followed, _deployment(session, of))
    contents = {key: _log(session, key) for key in followed.logs}
    found = {key: content for key, content in contents.items() if isinstance(content, str)}
    document = {
        "answer": "logs",
        "environment": followed.environment,
        "deployment": followed.deployment.id,
        "cause": followed.cause,
        "logs": [{"key": key, "text": text} for key, text in found.items()],
    }
    if session.settings.json:
        report.print_document(document)
    else:
        _print(followed, found)
    if not found:
        raise _no_log(followed, [content for content in contents.values() if isinstance(content, Failure)])


def _deployment(session: Session, of: str) -> dict[str, Any]:
    if not DEPLOYMENT_ID.fullmatch(of):
        return session.ask(command="deployment", environment=of)
    for each in decode(Environments, session.ask(command="status")).environments:
        try:
            return session.ask(command="deployment", environment=each.environment, id=of)
        except Refused as refusal:
            if refusal.code != "not_found":
                raise
    raise Failure(
        ExitCode.REFUSED,
        f"no environment that you may view has the deployment {of}",
        "See the deployments: wardrop history ENV",
    )


def _log(session: Session, key: str) -> str | Failure:
    from wardrop_cli.aws.logs import read_log

    bucket = session.account.outputs.log_bucket
    if bucket is None:
        return Failure(ExitCode.NOT_REACHED, "the stack is older than the command", "Upgrade the stack.")
    return read_log(session.account.client("s3"), bucket, key)


def _print(followed: Followed, found: dict[str, str]) -> None:
    for key, text in found.items():
        report.print_line(f"==> {key.rpartition('/')[2]} <==")
        for line in lines(text):
            report.print_line(line)
    if not found:
        for quote in followed.cause:
            report.print_line(quote)


def _no_log(followed: Followed, failures: list[Failure]) -> Failure:
    deployment = followed.deployment
    if failures:
        first = failures[0]
        if first.exit_code is not ExitCode.REFUSED or followed.has_ended:
            return first
        later = "The deployment continues, and Beanstalk may write the log later."
        return Failure(ExitCode.REFUSED, first.text, later)
    text = f"no log of the deployment {deployment.id} of {deployment.label} to {followed.environment} is known"
    unknown = "The deployment may have started no update, or Wardrop does not know the RequestId of the update."
    return Failure(ExitCode.REFUSED, text, unknown)
