"""Connects to Slack with the credentials that the secret contains."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from wardrop.errors import Unavailable
from wardrop.slack.api import Slack
from wardrop.slack.errors import CredentialsRefused


class Secret(Protocol):
    def read(self) -> str:
        """Raises Unavailable."""


@dataclass
class Connection:
    """Reads the secret once, and again after `close`."""

    secret: Secret
    connect: Callable[[str], Slack]
    """Raises CredentialsRefused."""

    _text: str = field(default="", repr=False)
    _slack: Slack | None = None

    def slack(self) -> Slack:
        """Raises CredentialsRefused."""
        if self._slack is None:
            try:
                self._text = self.secret.read()
            except Unavailable as error:
                raise CredentialsRefused(error.reason) from error
            self._slack = self.connect(self._text)
        return self._slack

    def renew(self) -> bool:
        """Reads the secret again. Returns False if the secret has not changed. Raises CredentialsRefused."""
        before = self._text
        self.close()
        self.slack()
        return self._text != before

    def close(self) -> None:
        self._slack = None
