"""Reads all that `wardrop doctor` judges: the stack's own answers, and the account with the user's credentials."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wardrop_cli import __version__
from wardrop_cli.answers import Configuration, Environment, Environments
from wardrop_cli.aws.account import Account
from wardrop_cli.aws.inspect_environments import EnvironmentsInspection
from wardrop_cli.aws.inspect_stack import StackInspection, described_stack
from wardrop_cli.clean_up import CleanUp
from wardrop_cli.decode import decode
from wardrop_cli.doctor.findings import CannotTell
from wardrop_cli.doctor.readings import NotAnswered, Overview, Quota, Readings
from wardrop_cli.failures import Failure

Ask = Callable[..., dict[str, Any]]

AT_ONCE = 4
"""The number of threads. It is small because Elastic Beanstalk throttles an account, and the stack also makes calls."""


def inspect(account: Account, ask: Ask, stack_name: str) -> Readings:
    """Raises Failure if there are no credentials, or if the stack has no outputs."""
    outputs = account.outputs
    with ThreadPoolExecutor(AT_ONCE) as pool:
        overview, quota = pool.submit(_overview, ask), pool.submit(_quota, ask)
        stack = described_stack(account, stack_name)
        of_stack = StackInspection(account, pool, stack_name, stack)
        of_environments = EnvironmentsInspection(account, pool, stack)
        installed = of_environments.installed()
        return Readings(
            stack_name=stack_name,
            region=account.region,
            command_version=__version__,
            stack_version=outputs.version,
            stack=stack,
            switches=of_stack.switches(),
            drop_bucket=of_stack.drop_bucket(outputs.drop_bucket),
            release_bucket=of_stack.release_bucket(outputs.release_bucket),
            dead_letters=of_stack.dead_letters(),
            slack=of_stack.slack(),
            rights=of_stack.rights(of_environments.arns(), outputs.release_bucket),
            overview=overview.result(),
            quota=quota.result(),
            installed=installed,
        )


def _overview(ask: Ask) -> Overview | NotAnswered:
    try:
        answer = decode(Environments, ask(command="status"))
    except Failure as failure:
        return NotAnswered(failure.text, failure.advice)
    environments: list[Environment] = answer.environments
    configurations: list[Configuration] = answer.configurations
    return Overview(environments, configurations)


def _quota(ask: Ask) -> Quota | CannotTell:
    """Counts the versions of the region with a dry run. No other request counts them."""
    try:
        plan = decode(CleanUp, ask(command="clean", dry_run=True))
    except Failure as failure:
        return CannotTell(failure.text)
    return Quota(plan.versions, plan.quota)
