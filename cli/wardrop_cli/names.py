"""Finds the application and the environments of a drop, among those that the caller is allowed to view."""

from collections.abc import Collection
from difflib import get_close_matches

from wardrop_cli.answers import Environment, Environments
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, usage


def unknown(kind: str, name: str, existing: Collection[str]) -> Failure:
    """The failure for a name that does not exist, with the most similar existing name."""
    near = get_close_matches(name, existing, 1)
    shown = ", ".join(sorted(existing)[:10])
    advice = f"Did you mean {near[0]}?" if near else f"There are: {shown}." if shown else "There are none."
    return Failure(ExitCode.REFUSED, f"there is no {kind} {name!r}, or you may not view it", advice)


def application_for(application: str | None, environment: str | None, existing: list[Environment]) -> str:
    """The application of a drop. Raises Failure if a name does not exist, or if the application is not clear."""
    applications = {each.application for each in existing}
    if application is not None and application not in applications:
        raise unknown("application", application, applications)
    if environment is not None:
        return _of_environment(application, environment, existing)
    if application is not None:
        return application
    if len(applications) == 1:
        return next(iter(applications))
    shown = ", ".join(sorted(applications)[:10])
    raise usage("the application is not clear", f"Use --app with one of: {shown}." if shown else "Use --app.")


def _of_environment(application: str | None, environment: str, existing: list[Environment]) -> str:
    by_name = {each.environment: each.application for each in existing}
    if environment not in by_name:
        candidates = [name for name, owner in by_name.items() if application in (None, owner)]
        raise unknown("environment", environment, candidates)
    if application not in (None, by_name[environment]):
        text = f"the environment {environment!r} belongs to the application {by_name[environment]!r}"
        raise usage(text, "Correct --app or --env.")
    return by_name[environment]


def first_environments(existing: Environments, application: str) -> list[str] | None:
    """The environments to which a drop without an environment is deployed. Empty: the drop is not deployed.

    None: the configuration cannot be read, so the stack does not know the environments, and the drop waits.
    """
    if any(each.application == application and each.source == "held" for each in existing.configurations):
        return None
    stages = _stages(existing, application)
    if stages:
        return stages[0]
    names = [each.environment for each in existing.environments if each.application == application]
    return names if len(names) == 1 else []


def _stages(existing: Environments, application: str) -> list[list[str]]:
    return next((each.stages for each in existing.configurations if each.application == application), [])


def last_good_commit(existing: Environments, application: str, environment: str | None) -> str | None:
    """The commit of the last good version in the environments of the drop. None: no good version states its commit."""
    stages = _stages(existing, application)
    names = [environment] if environment else stages[0] if stages else None
    good_versions = [
        good
        for each in existing.environments
        if each.application == application and (names is None or each.environment in names)
        for good in each.good_versions[:1]
    ]
    commits = [(good.at, good.origin.commit) for good in good_versions if good.origin and good.origin.commit]
    return max(commits)[1] if commits else None
