"""Loads the configuration in force for an application: its document, the last good document, or the defaults."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.aws.cloudwatch import Alarms
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.parameters import Parameters
from wardrop.configuration.alarm_pattern import no_alarm
from wardrop.configuration.check import NO_FUNCTIONS, AllowedFunctions
from wardrop.configuration.in_force import Examination, InForce, Names, Source, in_force
from wardrop.configuration.parameter import Contents, Fault
from wardrop.configuration.record import ConfigurationRecord
from wardrop.configuration.reports import report
from wardrop.configuration.schema import (
    Configuration,
    VersionsConfiguration,
    alarms_unusable,
    check_functions,
    check_names,
    parse,
)
from wardrop.errors import Outdated, Unavailable
from wardrop.structs import replace

REMEMBERED_FOR = timedelta(minutes=1)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Configurations:
    parameters: Parameters
    ledger: Ledger
    alarms: Alarms
    allowed_functions: AllowedFunctions = NO_FUNCTIONS

    def load(self, application: str, names: Names | None, now: datetime) -> InForce:
        """Returns the configuration in force. A fault is reported once, and its end is reported once.

        If the environments and alarms in the document exist, the document becomes the last good document. If `names` is
        None, environments and alarms are not checked, and the last good document does not change. Raises NotNow if
        CloudWatch does not respond.
        """
        contents = self.parameters.read(application)
        record, loaded = self._decide(application, contents, names)
        change = _change(record, loaded, names)
        if change and self._is_current(application, contents):
            try:
                self.ledger.configurations.write(change, report(record, loaded, now))
            except Outdated:
                _logger.info("another invocation has recorded the configuration of %s", application)
        if loaded.fault is not None:
            _logger.warning("the configuration of %s cannot be read: %s", application, loaded.fault.reason)
        return loaded

    def examine(self, application: str, names: Names | None = None) -> InForce:
        """Returns the configuration in force, but sends no alerts and does not change the ledger.

        Raises NotNow as `load` does.
        """
        return self._decide(application, self.parameters.read(application), names)[1]

    def check(self, text: str, names: Names) -> Configuration:
        """Parses and checks a document before it is stored.

        Raises InvalidConfiguration. Raises NotNow if CloudWatch does not respond.
        """
        configuration = parse(text)
        check_functions(configuration, self.allowed_functions)
        if configuration.entries:
            check_names(configuration, names())
            self._check_alarms(configuration)
        return configuration

    def versions(self, application: str, now: datetime) -> VersionsConfiguration | None:
        """Returns the retention rules. None: the document in the parameter cannot be read.

        In this case, the last good document and the defaults are not used, because the unreadable document may keep
        more versions than they do.
        """
        loaded = self.load(application, None, now)
        return loaded.configuration.versions if loaded.configuration and loaded.fault is None else None

    def _decide(self, application: str, contents: Contents, names: Names | None) -> tuple[ConfigurationRecord, InForce]:
        """Reads the record after the parameter.

        In the other order, a document that a user just removed could be in force.
        """
        record = self.ledger.configurations.read(application)
        return record, in_force(contents, record, self._examination(names), self.allowed_functions)

    def _is_current(self, application: str, contents: Contents) -> bool:
        """Whether the parameter has not changed since it was read. If it has, the next invocation records its state.

        Example: a document is read. Before the record is read, a user deletes the parameter and removes the last good
        document. Without this check, the deleted document would become the last good document again. If a user removes
        it after the record was read, the write fails, because the record has changed.
        """
        current = self.parameters.read(application)
        if isinstance(contents, Fault) and isinstance(current, Fault):
            return contents.is_same_as(current)
        return contents == current

    def _examination(self, names: Names | None) -> Examination | None:
        if names is None:
            return None

        def examine(configuration: Configuration) -> None:
            check_names(configuration, names())
            self._check_alarms(configuration)

        return examine

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


def _change(record: ConfigurationRecord, loaded: InForce, names: Names | None) -> ConfigurationRecord | None:
    """Returns the record to write. None: the record does not change."""
    fault = record.fault if loaded.fault and loaded.fault.is_same_as(record.fault) else loaded.fault
    is_checked = loaded.source is Source.DOCUMENT and names is not None
    last_good = loaded.document if is_checked else record.last_good
    if (fault, last_good) == (record.fault, record.last_good):
        return None
    return replace(record, fault=fault, last_good=last_good)


@dataclass(frozen=True)
class RememberedConfigurations:
    """Reads an application's configuration at most once a minute. It is used only for alerts, never for approvals."""

    configurations: Configurations
    _loaded: dict[str, tuple[datetime, Configuration]] = field(default_factory=dict)

    def for_alerts(self, application: str, now: datetime) -> Configuration:
        loaded_at, configuration = self._loaded.get(application, (None, Configuration()))
        # If the clock was set back, the age is negative, and the configuration is read again.
        if loaded_at is None or not timedelta() <= now - loaded_at < REMEMBERED_FOR:
            configuration = self.configurations.examine(application).for_alerts
            self._loaded[application] = now, configuration
        return configuration

    def slack_channel(self, application: str, now: datetime) -> str | None:
        """Returns the configured channel. None: no channel is configured."""
        return self.for_alerts(application, now).slack.channel
