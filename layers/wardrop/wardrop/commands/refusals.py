"""Refusals, and parts of their sentences, that several commands use."""

from wardrop.commands.answers import Refusal, RefusalCode
from wardrop.commands.permission import Right, right_of
from wardrop.commands.requests import Request
from wardrop.commands.snapshot import EnvironmentSnapshot
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Hold


def try_again(reason: str) -> Refusal:
    return Refusal(code=RefusalCode.TRY_AGAIN, reason=reason, advice="try again in a moment")


def no_environment(name: str) -> Refusal:
    return _not_found(f"Beanstalk has no environment {name}, or Wardrop's role is not allowed to read it")


def no_application_or_environment(name: str) -> Refusal:
    return _not_found(f"no application or environment has the name {name}, or Wardrop's role is not allowed to read it")


def no_version(application: str, label: str) -> Refusal:
    return Refusal(
        code=RefusalCode.NOT_FOUND,
        reason=f"{application} has no version {label}, or Wardrop's role is not allowed to read it",
        advice=f"see which versions run: wardrop status {application}",
    )


def refused_by_beanstalk(reason: str) -> Refusal:
    return Refusal(reason=f"Beanstalk refuses the request: {reason}", advice="correct the names in the request")


def no_such_deployment(snapshot: EnvironmentSnapshot, label: str | None, state: str) -> Refusal:
    """Returns the refusal for a command if no deployment is in the required state.

    The reason names the last deployment of the label.
    """
    reason = f"no deployment{f' of {label}' if label else ''} to {snapshot.name} {state}"
    deployments = [*snapshot.active, *snapshot.finished]
    if last := next((deployment for deployment in deployments if deployment.label == label), None):
        reason += f"; the last deployment is {state_and_reason(last)}"
    return Refusal(
        reason=reason, advice=f"see all deployments: wardrop status {snapshot.name}, or wardrop history {snapshot.name}"
    )


def _not_found(reason: str) -> Refusal:
    return Refusal(code=RefusalCode.NOT_FOUND, reason=reason, advice="list all environments: wardrop status")


UNSIGNED = Refusal(
    code=RefusalCode.UNAUTHENTICATED, reason="the request is not signed", advice="sign the request with AWS credentials"
)


def internal_error(request: Request) -> Refusal:
    """Returns the response to an internal error. It does not contain the error, which may contain secrets."""
    reason, advice = "an internal error occurred", "read the log of RunCommand"
    if right_of(request) is not Right.VIEW:
        reason += ", possibly after the change was written"
        advice += "; check the state before you send the request again: wardrop status"
    return Refusal(code=RefusalCode.INTERNAL_ERROR, reason=reason, advice=advice)


def because(text: str | None) -> str:
    return f": {text}" if text else ""


def since(hold: Hold) -> str:
    return f"since {hold.at:%Y-%m-%d %H:%M} UTC by {hold.by}"


def state_and_reason(deployment: Deployment) -> str:
    return f"{deployment.state.replace('_', ' ')}: {deployment.reason}"
