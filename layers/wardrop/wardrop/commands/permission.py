"""Decides whether a caller is allowed to send a request. Every request passes this check.

IAM decides who is allowed to call the function. The lists in the configuration decide who is allowed to view, operate
and approve.
"""

from enum import StrEnum
from typing import assert_never

from wardrop.commands.answers import Refusal, RefusalCode
from wardrop.commands.caller import Caller
from wardrop.commands.requests import (
    Approve,
    Cancel,
    CheckConfiguration,
    Clean,
    Decline,
    Deploy,
    Diff,
    FindDrop,
    Follow,
    ForgetConfiguration,
    History,
    Pause,
    Pin,
    PlanSettings,
    Request,
    Resume,
    Rollback,
    ShowConfiguration,
    Status,
    Unpin,
)
from wardrop.commands.scope import Scope
from wardrop.configuration.in_force import Source
from wardrop.configuration.schema import Configuration


class Right(StrEnum):
    VIEW = "view"
    OPERATE = "operate"
    APPROVE = "approve"


_FIELDS = {Right.VIEW: "viewers", Right.OPERATE: "operators", Right.APPROVE: "approvers"}


def right_of(request: Request) -> Right:
    match request:
        case Status() | History() | PlanSettings() | Diff() | FindDrop() | Follow():
            return Right.VIEW
        case CheckConfiguration() | ShowConfiguration():
            return Right.VIEW
        case Clean() if request.dry_run:
            return Right.VIEW
        case Deploy() | Rollback() | Cancel() | Pause() | Resume() | Pin() | Unpin() | Clean():
            return Right.OPERATE
        case Approve() | Decline() | ForgetConfiguration():
            return Right.APPROVE
        case _:
            assert_never(request)


def _is_harmless(request: Request) -> bool:
    """Whether the request can only prevent deployments, or changes nothing."""
    return right_of(request) is Right.VIEW or isinstance(request, Cancel | Decline | Pause)


def refusal(request: Request, caller: Caller, scope: Scope) -> Refusal | None:
    """Returns a refusal, or None if the caller is allowed to send the request."""
    configuration = scope.loaded.configuration
    if configuration is None:
        return None if _is_harmless(request) else _unknown_lists(request, scope)
    right = right_of(request)
    scopes = [scope.environment]
    if isinstance(request, ForgetConfiguration):
        # The request removes the need for approvals in all environments, so the caller needs the right in all of them.
        scopes = [None, *(entry.name for entry in configuration.entries)]
    barring = (environment for environment in scopes if not has_right(right, caller, configuration, environment))
    for environment in barring:
        return not_listed(right, caller, scope, environment)
    return None


def has_right(right: Right, caller: Caller, configuration: Configuration | None, environment: str | None) -> bool:
    """Whether the lists give the caller the right.

    An empty list gives the right to everyone. Operators and approvers also have the right to view.

    If `configuration` is None, because the configuration cannot be read, everyone has only the right to view.
    """
    if configuration is None:
        return right is Right.VIEW
    access = configuration.access(environment)
    match right:
        case Right.VIEW:
            return not access.viewers or caller.is_one_of([*access.viewers, *access.operators, *access.approvers])
        case Right.OPERATE:
            return not access.operators or caller.is_one_of(access.operators)
        case Right.APPROVE:
            return not access.approvers or caller.is_one_of(access.approvers)
        case _:
            assert_never(right)


def not_listed(right: Right, caller: Caller, scope: Scope, environment: str | None) -> Refusal:
    """Returns the refusal. Its reason names the list, but does not show the content of the list."""
    configuration, field = scope.loaded.configuration, _FIELDS[right]
    is_own = environment is not None and configuration is not None and configuration.overrides(environment, field)
    owner = f"environment {environment}" if is_own else f"application {scope.application}"
    subject = environment or scope.application
    return Refusal(
        code=RefusalCode.FORBIDDEN,
        reason=f"{caller.name} may not {right} {subject}: the list `{field}` of the {owner} does not contain the "
        f"caller ({_document(scope)})",
        advice=f"ask a person who is in this list; to change the list, change the parameter {scope.parameter}",
    )


def _document(scope: Scope) -> str:
    document = scope.loaded.document
    which = "the last good document" if scope.loaded.source is Source.LAST_GOOD else scope.parameter
    return f"{which}, version {document.version}" if document else which


def _unknown_lists(request: Request, scope: Scope) -> Refusal:
    fault = scope.loaded.fault
    cause = f"the configuration of {scope.application} {fault.sentence}" if fault else "there is no configuration"
    return Refusal(
        code=RefusalCode.FORBIDDEN,
        reason=f"it is not known who may {right_of(request)} {scope.environment or scope.application}, because {cause}",
        advice=f"correct the parameter {scope.parameter}; until then, Wardrop accepts only `pause`, `cancel`, "
        "`decline` and requests that change nothing",
    )
