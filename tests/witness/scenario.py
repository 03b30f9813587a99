"""The scenarios of `scenarios.yaml`: their calls, and the events and statuses that they wait for."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

FOLDER = Path(__file__).parent


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"given": "with"}):
    step: str
    call: str
    """An operation of Elastic Beanstalk, or of the service before the dot."""
    given: dict[str, Any] = {}
    """The parameters. Names in braces are replaced, see `running.Run.names`."""
    once: str | None = None
    """A pattern. The call is made when an event since the last watched step has this text."""
    until: str | None = None
    """The status of the environment that ends the step. The step is watched until then."""
    minutes: float = 0
    """An estimate of the duration on AWS, from public logs."""
    keep: str = "@"
    """The JMESPath of the part of the answer that is recorded. The shape of the answer is recorded as a whole."""
    again: str | None = None
    """A JMESPath of the kept part. The call is repeated until its result is true, for at most two minutes."""


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    steps: list[Step]
    instances: int = 0
    """Without instances, the scenario has no environment."""
    extra: int = 0
    """The instances that a deployment adds for some time."""
    settings: dict[str, dict[str, str]] = {}
    """By namespace. They are added to the settings of every environment."""

    @property
    def minutes(self) -> float:
        return sum(step.minutes for step in self.steps)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    settings: dict[str, dict[str, str]]
    scenarios: dict[str, Scenario]


@cache
def _file() -> _File:
    return msgspec.convert(yaml.safe_load((FOLDER / "scenarios.yaml").read_text()), _File)


def scenarios() -> dict[str, Scenario]:
    return _file().scenarios


def option_settings(scenario: Scenario) -> list[dict[str, str]]:
    merged = _file().settings
    merged = {
        space: merged.get(space, {}) | scenario.settings.get(space, {}) for space in {*merged, *scenario.settings}
    }
    return [
        {"Namespace": space, "OptionName": name, "Value": merged[space][name]}
        for space in sorted(merged)
        for name in merged[space]
    ]


def filled(value: Any, names: dict[str, str]) -> Any:
    """The value with its names in braces replaced."""
    match value:
        case dict():
            return {key: filled(each, names) for key, each in value.items()}
        case list():
            return [filled(each, names) for each in value]
        case str():
            for name, text in names.items():
                value = value.replace(f"{{{name}}}", text)
    return value
