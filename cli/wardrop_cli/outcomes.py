"""The exit code for the end of a deployment."""

from collections.abc import Iterable

from wardrop_cli.answers import Followed
from wardrop_cli.exit_codes import ExitCode

CODES = {
    "succeeded": ExitCode.SUCCESS,
    "failed": ExitCode.FAILED,
    "rollback_failed": ExitCode.FAILED,
    "rolled_back": ExitCode.ROLLED_BACK,
    "superseded": ExitCode.ENDED_EARLY,
    "cancelled": ExitCode.ENDED_EARLY,
    "declined": ExitCode.ENDED_EARLY,
}

WORST_FIRST = (
    ExitCode.FAILED,
    ExitCode.ROLLED_BACK,
    ExitCode.ENDED_EARLY,
    ExitCode.NOT_FINISHED,
    ExitCode.SUCCESS,
)


def exit_code_of(deployments: Iterable[Followed]) -> ExitCode:
    """The worst exit code of the deployments. A deployment in a state that CODES does not contain has not ended."""
    codes = {CODES.get(each.deployment.state, ExitCode.NOT_FINISHED) for each in deployments}
    return next(code for code in WORST_FIRST if code in codes or code is ExitCode.SUCCESS)
