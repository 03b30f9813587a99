"""Loads the configuration in force for an application: its document, the last good document, or the defaults."""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.parameters import Parameters
from wardrop.configuration.schema import (
    Configuration,
    InvalidConfiguration,
    VersionsConfiguration,
    check_names,
    parse,
)

REMEMBERED_FOR = timedelta(minutes=1)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Configurations:
    parameters: Parameters
    ledger: Ledger

    def in_force(self, application: str, now: datetime) -> Configuration:
        """A refused document is reported once. The environments that it names are not checked."""
        text = self.parameters.configuration(application)
        if text is None:
            return Configuration()
        try:
            return parse(text)
        except InvalidConfiguration as error:
            return self._instead_of(text, error, application, now)

    def checked(self, application: str, environments: Collection[str], now: datetime) -> Configuration:
        """Also refuses a document that names an environment that the application does not have.

        A document that passes is kept as the last good one.
        """
        text = self.parameters.configuration(application)
        if text is None:
            return Configuration()
        try:
            configuration = parse(text)
            check_names(configuration, environments)
        except InvalidConfiguration as error:
            return self._instead_of(text, error, application, now)
        self.ledger.configurations.keep(application, text)
        return configuration

    def versions(self, application: str) -> VersionsConfiguration | None:
        """Which versions to keep. None if the document is refused.

        In that case neither the last good document nor the defaults can say which versions its author wants to keep.
        """
        text = self.parameters.configuration(application)
        if text is None:
            return VersionsConfiguration()
        try:
            return parse(text).versions
        except InvalidConfiguration as error:
            _logger.warning("the configuration of %s is refused, no version of it is deleted: %s", application, error)
            return None

    def _instead_of(self, text: str, error: InvalidConfiguration, application: str, now: datetime) -> Configuration:
        last_good = self._last_good(application)
        in_force = "the last good one stays in force" if last_good else "the defaults are in force"
        reason = f"the configuration of {application} is refused, {in_force}: {error}"
        _logger.warning(reason)
        self.ledger.alerts.report(_refusal(text, reason, application, now))
        return last_good or Configuration()

    def _last_good(self, application: str) -> Configuration | None:
        """None if there is none, or if this release of Wardrop refuses what an earlier release accepted."""
        text = self.ledger.configurations.find(application)
        try:
            return parse(text) if text else None
        except InvalidConfiguration:
            return None


def _refusal(text: str, reason: str, application: str, now: datetime) -> Alert:
    """Its subject contains the document's hash, so that each refused document is reported once."""
    return new_alert(
        Kind.CONFIGURATION_REFUSED,
        f"{application}/{hashlib.sha256(text.encode()).hexdigest()[:16]}",
        now,
        reason,
        application=application,
    )


@dataclass(frozen=True)
class RememberedConfigurations:
    """Reads an application's configuration at most once a minute."""

    configurations: Configurations
    _loaded: dict[str, tuple[datetime, Configuration]] = field(default_factory=dict)

    def in_force(self, application: str, now: datetime) -> Configuration:
        loaded_at, configuration = self._loaded.get(application, (None, Configuration()))
        # A clock that was set back makes the age negative: then the configuration is read again.
        if loaded_at is None or not timedelta() <= now - loaded_at < REMEMBERED_FOR:
            configuration = self.configurations.in_force(application, now)
            self._loaded[application] = now, configuration
        return configuration

    def slack_channel(self, application: str, now: datetime) -> str | None:
        """None: the configuration names no channel. Raises Unavailable."""
        return self.in_force(application, now).slack.channel
