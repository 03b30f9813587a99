"""The status in lines that change only if the state changes, for `wardrop watch` in a pipe."""

from wardrop_cli.answers import Environment, Environments, Hold
from wardrop_cli.screens.words import state


def lines_of(answer: Environments) -> list[str]:
    return [line for each in answer.environments for line in _of_environment(each)]


def _of_environment(environment: Environment) -> list[str]:
    name = environment.environment
    lines = [f"{name}: {environment.version_label or 'no version'}, {environment.health}, {environment.status}"]
    lines += [f"{name}: {each.label} is {state(each.state)}: {each.reason}" for each in environment.deployments]
    lines += [f"{name}: {each.label} is quarantined: {each.because}" for each in environment.quarantined]
    if environment.pause:
        lines.append(f"{name}: paused by {environment.pause.by}{_because(environment.pause)}")
    if environment.hold:
        lines.append(f"{name}: held by {environment.hold.by}{_because(environment.hold)}")
    return lines


def _because(hold: Hold) -> str:
    return f": {hold.because}" if hold.because else ""
