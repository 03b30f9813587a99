"""Decides which configuration is in force for an application, and gives the reason."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from wardrop.configuration.check import AllowedFunctions
from wardrop.configuration.parameter import Document
from wardrop.configuration.schema import Configuration, InvalidConfiguration, check_functions, check_names, parse


class Source(StrEnum):
    DOCUMENT = "document"
    """The document in the parameter."""

    LAST_GOOD = "last_good"
    """An earlier document, because the document in the parameter is refused."""

    DEFAULTS = "defaults"


@dataclass(frozen=True)
class InForce:
    configuration: Configuration
    source: Source
    document: Document | None = None
    """The document in force. None: the defaults are in force."""

    refused: Document | None = None
    """The refused document in the parameter. None: no document is refused."""

    error: str | None = None
    """The reason why the document is refused."""


NO_DOCUMENT = InForce(Configuration(), Source.DEFAULTS)


def accepted(document: Document, environments: Collection[str] | None, allowed: AllowedFunctions) -> InForce:
    """`environments` are the environments of the application. None: the names in the document are not checked.

    Raises InvalidConfiguration.
    """
    configuration = parse(document.text)
    check_functions(configuration, allowed)
    if environments is not None:
        check_names(configuration, environments)
    return InForce(configuration, Source.DOCUMENT, document)


def instead_of(refused: Document, error: InvalidConfiguration, last_good: Document | None) -> InForce:
    """The configuration in place of a refused document: the last good document if still valid, or the defaults."""
    defaults = InForce(Configuration(), Source.DEFAULTS, None, refused, str(error))
    if last_good is None:
        return defaults
    try:
        return InForce(parse(last_good.text), Source.LAST_GOOD, last_good, refused, str(error))
    except InvalidConfiguration:
        return defaults
