"""The alerts about an application's configuration: a fault, its end, and a forgotten document."""

from datetime import datetime

from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, new_alert
from wardrop.configuration.in_force import InForce, Source
from wardrop.configuration.parameter import Fault, FaultKind
from wardrop.configuration.record import ConfigurationRecord


def report(record: ConfigurationRecord, loaded: InForce, now: datetime) -> list[Alert]:
    """Returns the alert about a fault or its end. The list is empty if nothing has changed since the last report."""
    if loaded.fault is not None:
        return [] if loaded.fault.is_same_as(record.fault) else [_of_fault(record, loaded, loaded.fault, now)]
    return [_of_end(record, loaded, now)] if record.fault is not None else []


def _of_fault(record: ConfigurationRecord, loaded: InForce, fault: Fault, now: datetime) -> Alert:
    application, is_held = record.application, loaded.configuration is None
    if is_held:
        effect = "there is no last good document, so the deployments of the application are held"
    else:
        effect = "the last good document stays in force"
    if fault.kind is FaultKind.DELETED and not is_held:
        effect = f"{effect}, until it is removed with the command `config forget`"
    text = f"the configuration of {application} {fault.sentence}; {effect}"
    severity = Severity.ERROR if is_held else Severity.WARNING
    return configuration_alert(Kind.CONFIGURATION_UNREADABLE, record, now, text, severity)


def _of_end(record: ConfigurationRecord, loaded: InForce, now: datetime) -> Alert:
    match loaded.source:
        case Source.DOCUMENT if loaded.document is not None:
            effect = f"version {loaded.document.version} of the document is in force"
        case Source.LAST_GOOD:
            effect = "the last good document is in force"
        case _:
            effect = "there is no document, so the defaults are in force"
    text = f"the configuration of {record.application} can be read again; {effect}"
    return configuration_alert(Kind.CONFIGURATION_MENDED, record, now, text)


def configuration_alert(
    kind: Kind, record: ConfigurationRecord, now: datetime, text: str, severity: Severity | None = None
) -> Alert:
    """Creates an alert whose id contains the record's revision, so that each change of the record has its own alert."""
    subject = f"{record.application}/configuration/{record.revision}"
    return new_alert(kind, subject, now, text, severity=severity, application=record.application)
