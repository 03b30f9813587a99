"""Loads the configuration in force for an application: its document, the last good document, or the defaults."""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.aws.cloudwatch import Alarms
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.parameters import Parameters
from wardrop.configuration.alarm_pattern import no_alarm
from wardrop.configuration.check import NO_FUNCTIONS, AllowedFunctions
from wardrop.configuration.in_force import NO_DOCUMENT, InForce, Source, accepted, instead_of
from wardrop.configuration.parameter import Document
from wardrop.configuration.schema import Configuration, InvalidConfiguration, VersionsConfiguration, alarms_unusable
from wardrop.errors import Unavailable

REMEMBERED_FOR = timedelta(minutes=1)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Configurations:
    parameters: Parameters
    ledger: Ledger
    alarms: Alarms
    allowed_functions: AllowedFunctions = NO_FUNCTIONS

    def in_force(self, application: str, now: datetime) -> Configuration:
        """The configuration in force. A refused document is reported once. Names of environments are not checked."""
        return self._reported(application, self.examine(application), now)

    def checked(self, application: str, environments: Collection[str], now: datetime) -> Configuration:
        """The configuration in force. A document with a missing environment is refused, too.

        A document that is accepted becomes the last good document.
        """
        examined = self.examine(application, environments)
        if examined.source is Source.DOCUMENT and examined.document is not None:
            self.ledger.configurations.keep(application, examined.document)
        return self._reported(application, examined, now)

    def versions(self, application: str) -> VersionsConfiguration | None:
        """The retention rules. None: the document is refused.

        Neither the last good document nor the defaults state which versions the author of the document wants to keep.
        """
        examined = self.examine(application)
        if examined.error is None:
            return examined.configuration.versions
        _logger.warning(
            "the configuration of %s is refused, so none of its versions are deleted: %s", application, examined.error
        )
        return None

    def examine(self, application: str, environments: Collection[str] | None = None) -> InForce:
        """The configuration in force, without alerts and changes of the ledger.

        With `environments`, their names and the alarms are checked. Raises Unavailable, and NotNow if CloudWatch does
        not answer.
        """
        document = self.parameters.document(application)
        if document is None:
            return NO_DOCUMENT
        try:
            in_force = accepted(document, environments, self.allowed_functions)
            if environments is not None:
                self._check_alarms(in_force.configuration)
            return in_force
        except InvalidConfiguration as error:
            return instead_of(document, error, self.ledger.configurations.find(application))

    def _check_alarms(self, configuration: Configuration) -> None:
        """Raises InvalidConfiguration for alarms that do not exist or cannot be read, and NotNow."""
        for entry in configuration.entries:
            if not entry.alarms:
                continue
            try:
                missing = self.alarms.read(entry.alarms).missing
            except Unavailable as error:
                raise alarms_unusable(entry.name, error.reason) from error
            if missing:
                raise alarms_unusable(entry.name, no_alarm(missing[0]))

    def _reported(self, application: str, examined: InForce, now: datetime) -> Configuration:
        if examined.refused is not None:
            last_good = examined.source is Source.LAST_GOOD
            effect = "the last good one stays in force" if last_good else "the defaults are in force"
            reason = f"the configuration of {application} is refused, {effect}: {examined.error}"
            _logger.warning(reason)
            self.ledger.alerts.report(_refusal(examined.refused, reason, application, now))
        return examined.configuration


def _refusal(refused: Document, reason: str, application: str, now: datetime) -> Alert:
    """The alert. Its subject contains the document's hash, so that each refused document is reported once."""
    return new_alert(
        Kind.CONFIGURATION_REFUSED,
        f"{application}/{hashlib.sha256(refused.text.encode()).hexdigest()[:16]}",
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
        # If the clock was set back, the age is negative, and the configuration is read again.
        if loaded_at is None or not timedelta() <= now - loaded_at < REMEMBERED_FOR:
            configuration = self.configurations.in_force(application, now)
            self._loaded[application] = now, configuration
        return configuration

    def slack_channel(self, application: str, now: datetime) -> str | None:
        """The configured channel. None: no channel is configured. Raises Unavailable."""
        return self.in_force(application, now).slack.channel
