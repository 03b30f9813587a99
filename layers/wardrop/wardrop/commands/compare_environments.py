"""Reads two environments and their settings, and compares them."""

from collections.abc import Sequence
from dataclasses import dataclass

from wardrop.aws.option_settings import OptionSettings
from wardrop.commands.answers import Comparison
from wardrop.commands.comparison import differences, side
from wardrop.environments.model import Environment
from wardrop.environments.option import Option
from wardrop.errors import Unavailable
from wardrop.guard.descriptions import recorded


@dataclass(frozen=True)
class EnvironmentComparer:
    option_settings: OptionSettings

    def __call__(self, first: Environment, second: Environment) -> Comparison:
        """Reads and compares the environments.

        Raises NotNow. Raises Refused if an environment was terminated after the caller had read it.
        """
        unknown: list[str] = []
        of_first, of_second = self._in_force(first, unknown), self._in_force(second, unknown)
        return Comparison(
            sides=(side(first), side(second)),
            differences=list(differences(of_first, of_second, recorded())) if not unknown else [],
            unknown=[*unknown, *_changing((first, second))],
        )

    def _in_force(self, environment: Environment, unknown: list[str]) -> dict[Option, str]:
        try:
            return self.option_settings.in_force(environment)
        except Unavailable as error:
            unknown.append(error.reason)
            return {}


def _changing(environments: Sequence[Environment]) -> list[str]:
    return [
        f"{environment.name} is {environment.status}, so its settings may be about to change"
        for environment in environments
        if not environment.is_ready
    ]
