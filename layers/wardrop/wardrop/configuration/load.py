"""The configuration in force for an application: what stands in Parameter Store, or the last good one."""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.alerts import model as alert
from wardrop.alerts.model import Kind
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.parameters import Parameters
from wardrop.configuration import schema as configuration
from wardrop.configuration.schema import Configuration, VersionsConfiguration

REMEMBERED = timedelta(minutes=1)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Configurations:
    parameters: Parameters
    ledger: Ledger

    def of(self, application: str, now: datetime, there: Collection[str] | None = None) -> Configuration:
        """What is configured; of a document that is refused people are told, once.

        `there` are the application's environments, if they are known: a document that names another one is
        refused too.
        """
        text = self.parameters.configuration(application)
        if text is None:
            return Configuration()
        try:
            configured = configuration.parse(text)
            if there is not None:
                configuration.check_names(configured, there)
        except configuration.InvalidConfiguration as error:
            return self._last_good(application, text, str(error), now)
        if there is not None:
            # Unless its names are checked too, nobody knows that it is good.
            self.ledger.keep_configuration(application, text)
        return configured

    def versions(self, application: str) -> VersionsConfiguration | None:
        """Which versions are to be kept. None for a document that is refused.

        Neither the last good one nor the defaults then: what its author wants to keep cannot be known.
        """
        text = self.parameters.configuration(application)
        if text is None:
            return VersionsConfiguration()
        try:
            return configuration.parse(text).versions
        except configuration.InvalidConfiguration as error:
            _logger.warning("the configuration of %s is refused, nothing of it is deleted: %s", application, error)
            return None

    def _last_good(self, application: str, text: str, wrong: str, now: datetime) -> Configuration:
        last_good = self._read_last_good(application)
        instead = "the last good one stays in force" if last_good else "the defaults are in force"
        told = f"the configuration of {application} is refused, {instead}: {wrong}"
        _logger.warning(told)
        subject = f"{application}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        self.ledger.tell(
            alert.alert(
                Kind.CONFIGURATION_REFUSED,
                subject,
                now,
                told,
                application=application,
                next_step=f"wardrop config show {application}",
            )
        )
        return last_good or Configuration()

    def _read_last_good(self, application: str) -> Configuration | None:
        """None also if this version of Wardrop refuses what another one took."""
        text = self.ledger.configuration(application)
        try:
            return configuration.parse(text) if text else None
        except configuration.InvalidConfiguration:
            return None


@dataclass(frozen=True)
class Recent:
    """For who asks again and again: what was in force a minute ago at most."""

    configurations: Configurations
    _known: dict[str, tuple[datetime, Configuration]] = field(default_factory=dict)

    def of(self, application: str, now: datetime) -> Configuration:
        known = self._known.get(application)
        if known is None or not timedelta() <= now - known[0] < REMEMBERED:
            known = self._known[application] = now, self.configurations.of(application, now)
        return known[1]
