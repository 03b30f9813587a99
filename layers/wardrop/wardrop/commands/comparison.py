"""Compares the versions and the settings of two environments."""

from collections.abc import Iterator

import msgspec

from wardrop.environments.model import Environment
from wardrop.environments.option import Option, may_be_shown, written
from wardrop.environments.settings import OptionValues
from wardrop.foreign_text import clean
from wardrop.guard.descriptions import Descriptions, describe
from wardrop.guard.meaning import Sameness, compare

MOST_SHOWN_CHARACTERS = 500
"""The maximum length of a value in a response. A longer value is shortened."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    environment: str
    application: str
    version_label: str | None
    platform: str
    status: str
    health: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    option: str
    """`namespace:option`"""

    first: str | None = None
    """The value in the first environment. None: the option is not set, or the value is hidden."""

    second: str | None = None

    hidden: bool = False
    """Whether the values are hidden because they may be secret."""

    certain: bool = True
    """Whether it is certain that the values differ. If not, only AWS can decide whether they have the same meaning."""

    def __post_init__(self) -> None:
        clean(self, "option", "first", "second", limit=MOST_SHOWN_CHARACTERS)


def side(environment: Environment) -> Side:
    return Side(
        environment=environment.name,
        application=environment.application,
        version_label=environment.version_label,
        platform=environment.platform,
        status=environment.status,
        health=environment.health,
    )


def differences(first: OptionValues, second: OptionValues, descriptions: Descriptions) -> Iterator[Difference]:
    """Yields the options whose values have, or may have, different meanings."""
    for option in sorted({*first, *second}):
        values = first.get(option), second.get(option)
        sameness = _sameness(option, values, descriptions)
        if sameness is Sameness.SAME:
            continue
        is_shown = may_be_shown(option)
        yield Difference(
            option=written(option),
            first=values[0] if is_shown else None,
            second=values[1] if is_shown else None,
            hidden=not is_shown,
            certain=sameness is Sameness.DIFFERENT,
        )


def _sameness(option: Option, values: tuple[str | None, str | None], descriptions: Descriptions) -> Sameness:
    """Compares two values, as strings if the option has no description. Environment properties have no description."""
    if values[0] == values[1]:
        return Sameness.SAME
    description = describe(option, descriptions)
    return compare(description, *values) if description else Sameness.DIFFERENT
