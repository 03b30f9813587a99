"""The environment variables of the functions."""

from collections.abc import Mapping
from datetime import timedelta

from wardrop.errors import Misconfigured


class Variables:
    """A function's environment variables.

    Every method except `if_set` raises Misconfigured if the variable is missing. Some also do if its value is invalid.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        if value := self.optional(name):
            return value
        raise Misconfigured(f"the environment variable {name} is empty; the function cannot work without it")

    def optional(self, name: str) -> str | None:
        """Returns the value of a variable, or None if it is empty. It is empty if its stack parameter is empty."""
        if name not in self._environ:
            raise Misconfigured(f"the environment variable {name} is missing; template.yaml has to set it")
        return self._environ[name] or None

    def text_or_empty(self, name: str) -> str:
        return self.optional(name) or ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Returns the entries of a comma-separated list. The list may be empty."""
        return tuple(text for text in self.text_or_empty(name).split(",") if text)

    def if_set(self, name: str) -> str | None:
        """Returns the value of a variable that only users set, not template.yaml. Returns None if it is not set."""
        return self._environ.get(name) or None

    def seconds(self, name: str) -> timedelta:
        value = self.text(name)
        if not value.isdecimal():
            raise Misconfigured(f"the environment variable {name} must be a number of seconds; it is {value}")
        return timedelta(seconds=int(value))
