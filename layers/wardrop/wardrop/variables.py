"""The environment variables of the functions."""

from collections.abc import Mapping
from datetime import timedelta

from wardrop.errors import Misconfigured


class Variables:
    """A function's environment variables. Raises Misconfigured for a variable that template.yaml does not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        if value := self.optional(name):
            return value
        raise Misconfigured(f"the environment variable {name} is empty; the function cannot work without it")

    def optional(self, name: str) -> str | None:
        """The value of a variable. None: the variable is empty, because its stack parameter is empty."""
        if name not in self._environ:
            raise Misconfigured(f"the environment variable {name} is missing; template.yaml has to set it")
        return self._environ[name] or None

    def text_or_empty(self, name: str) -> str:
        return self.optional(name) or ""

    def texts(self, name: str) -> tuple[str, ...]:
        """The entries of a list that is separated by commas. The list may be empty."""
        return tuple(text for text in self.text_or_empty(name).split(",") if text)

    def if_set(self, name: str) -> str | None:
        """A variable that template.yaml does not set, but that a user may set. None: the variable is not set."""
        return self._environ.get(name) or None

    def seconds(self, name: str) -> timedelta:
        value = self.text(name)
        if not value.isdecimal():
            raise Misconfigured(f"the environment variable {name} must be a number of seconds; it is {value}")
        return timedelta(seconds=int(value))
