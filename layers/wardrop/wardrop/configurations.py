"""The configuration in force for an application: what stands in Parameter Store, or the last good one."""

import hashlib
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.ledger import Ledger
from wardrop.aws.parameters import Parameters
from wardrop.domain import alert, configuration
from wardrop.domain.alert import Alert, Kind
from wardrop.domain.configuration import Configuration, VersionsConfiguration

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Configurations:
    parameters: Parameters
    ledger: Ledger

    def of(
        self, application: str, now: datetime, there: Collection[str] | None = None
    ) -> tuple[Configuration, list[Alert]]:
        """What is configured, and the alert that tells of a refused document.

        `there` are the application's environments, if they are known: a document that names another one is
        refused too.
        """
        text = self.parameters.configuration(application)
        if text is None:
            return Configuration(), []
        try:
            configured = configuration.parse(text)
            if there is not None:
                configuration.check_names(configured, there)
        except configuration.InvalidConfiguration as error:
            return self._last_good(application, text, str(error), now)
        self.ledger.keep_configuration(application, text)
        return configured, []

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

    def _last_good(self, application: str, text: str, wrong: str, now: datetime) -> tuple[Configuration, list[Alert]]:
        last_good = self.ledger.configuration(application)
        instead = "the last good one stays in force" if last_good else "the defaults are in force"
        told = f"the configuration of {application} is refused, {instead}: {wrong}"
        _logger.warning(told)
        subject = f"{application}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        refused = alert.alert(Kind.CONFIGURATION_REFUSED, subject, now, told, application=application)
        return configuration.parse(last_good) if last_good else Configuration(), [refused]
