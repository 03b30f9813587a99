"""Uploads a file to the drop bucket, and follows it to the end with `--wait`."""

import os
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from wardrop_cli import git, report
from wardrop_cli.answers import DropOutcome, Environments, Followed
from wardrop_cli.bundle_file import checked_file
from wardrop_cli.completion import applications, environments
from wardrop_cli.decode import decode
from wardrop_cli.durations import longest_wait
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure
from wardrop_cli.following import Following
from wardrop_cli.live import view_of
from wardrop_cli.metadata import Build, build_of, metadata_of
from wardrop_cli.names import application_for, first_environments, last_good_commit
from wardrop_cli.outcomes import exit_code_of
from wardrop_cli.session import Session
from wardrop_cli.verbs.uploading import Dropped, upload
from wardrop_cli.verbs.waiting import CONTINUES, Timeout, Wait, interrupted, note_unfinished, print_promotions


class OnFailure(StrEnum):
    ROLLBACK = "rollback"
    HOLD = "hold"


def drop(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A WAR, ZIP or JAR file.")],
    app: Annotated[
        str | None, typer.Option(metavar="NAME", autocompletion=applications, help="The application.")
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", autocompletion=environments, help="Deploy only to this environment, and do not promote."
        ),
    ] = None,
    label: Annotated[str | None, typer.Option(metavar="TEXT", help="The version label.")] = None,
    on_failure: Annotated[
        OnFailure | None, typer.Option("--on-failure", help="What Wardrop does if the version fails.")
    ] = None,
    dropped_by: Annotated[
        str | None, typer.Option("--dropped-by", metavar="NAME", help="Your name in alerts and in the history.")
    ] = None,
    wait: Wait = False,
    timeout: Timeout = None,
) -> None:
    """Upload FILE for deployment.

    Without --env, the file goes to the first environment of the application, and is promoted as configured.
    """
    session, seconds = Session.of(context), longest_wait(timeout, wait=wait)
    bundle = checked_file(file)
    existing = _existing(session, app, is_needed=wait or app is None)
    application = (
        app if existing is None and app else application_for(app, env, existing.environments if existing else [])
    )
    build = _build(dropped_by, last_good_commit(existing, application, env) if existing else None)
    metadata = metadata_of(build, label, on_failure)
    dropped = upload(session, bundle, (application, env), metadata)
    if not wait:
        _show(session, dropped, existing)
        return
    if dropped.version_id is None:
        text = f"the file was uploaded, but {dropped.bucket} has no versioning, so --wait cannot find its deployment"
        raise Failure(ExitCode.NOT_FINISHED, text, "See what runs: wardrop status")
    raise typer.Exit(_followed(session, dropped, seconds))


def _existing(session: Session, app: str | None, *, is_needed: bool) -> Environments | None:
    """The environments that the caller can view. None: the caller can upload files, but cannot send requests."""
    try:
        return decode(Environments, session.ask(command="status"))
    except Failure as failure:
        if is_needed or failure.exit_code is not ExitCode.NOT_REACHED or app is None:
            raise
        return None


def _build(dropped_by: str | None, base: str | None) -> Build:
    build = build_of(os.environ)
    return replace(
        build,
        dropped_by=dropped_by or build.dropped_by or _user(),
        commit=build.commit or git.commit(),
        changes=git.subjects_since(base) if base else None,
    )


def _user() -> str | None:
    return os.environ.get("USER") or os.environ.get("USERNAME") or None


def _show(session: Session, dropped: Dropped, existing: Environments | None) -> None:
    if session.settings.json:
        report.print_document(dropped.document)
        return
    application = dropped.application
    place = f"Uploaded to s3://{dropped.bucket}/{dropped.key} for"
    if dropped.environment or existing is None:
        report.print_line(f"{place} {dropped.environment or f'the first environment of {application}'}")
        return
    first = first_environments(existing, application)
    report.print_line(f"{place} {', '.join(first or []) or f'the first environment of {application}'}")
    if first is None:
        report.print_note(f"the configuration of {application} cannot be read, so the file waits until it can be read")
    elif not first:
        several = f"{application} has several environments and no configuration"
        report.print_note(f"{several}, so the version is created and not deployed. Next: wardrop deploy ENV LABEL")


def _followed(session: Session, dropped: Dropped, seconds: float) -> ExitCode:
    document = dropped.document
    try:
        with view_of(as_json=session.settings.json) as view:
            following = Following(session.ask, view, seconds)
            document["outcome"] = following.outcome(document["drop"])
            outcome = decode(DropOutcome, document["outcome"] or {})
            if outcome.deployments:
                document["deployments"] = following.to_the_end(outcome.deployments)
    except KeyboardInterrupt:
        state = _state(decode(DropOutcome, document["outcome"] or {}))
        raise interrupted(state, dropped.environment or dropped.application) from None
    return _report(session, dropped, document, outcome)


def _report(session: Session, dropped: Dropped, document: Mapping[str, Any], outcome: DropOutcome) -> ExitCode:
    if session.settings.json:
        report.print_document(document)
    if outcome.status == "rejected":
        report.print_note(f"Wardrop rejected the file: {outcome.reason}")
        return ExitCode.REJECTED
    followed = [decode(Followed, each) for each in document["deployments"]]
    if outcome.status is None or len(followed) < len(outcome.deployments):
        code = ExitCode.NOT_FINISHED
    else:
        code = exit_code_of(followed)
    if not outcome.deployments and outcome.reason and not session.settings.json:
        report.print_line(outcome.reason)
    if code is ExitCode.NOT_FINISHED:
        note_unfinished(_state(outcome), dropped.environment or dropped.application)
    print_promotions(session, followed)
    return code


def _state(outcome: DropOutcome) -> str:
    return "the outcome of the drop is not known yet" if outcome.status is None else CONTINUES
