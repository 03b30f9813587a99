"""The application or environment of a request, with the configuration that decides who is allowed to send it."""

from dataclasses import dataclass

from wardrop.configuration.in_force import InForce


@dataclass(frozen=True)
class Scope:
    application: str
    parameter: str
    """The name of the application's SSM parameter. The parameter may not exist."""

    loaded: InForce
    environment: str | None = None
    """The environment of the request. None: the request concerns the whole application."""
