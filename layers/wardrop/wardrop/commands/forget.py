"""Removes the last good configuration document of an application at a user's request."""

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert
from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.scope import Scope
from wardrop.configuration.in_force import Source
from wardrop.configuration.parameter import FaultKind
from wardrop.configuration.record import ConfigurationRecord, Forgotten
from wardrop.configuration.reports import configuration_alert
from wardrop.structs import replace


def forget(caller: Caller, scope: Scope, record: ConfigurationRecord) -> tuple[ConfigurationRecord, Alert] | Refusal:
    """Returns the record without its document, and the alert about this change.

    Refuses the request while the parameter's document is in force, because Wardrop would record this document as the
    last good document again when it next reads the parameter.
    """
    application, fault = scope.application, scope.loaded.fault
    is_deleted = fault is not None and fault.kind is FaultKind.DELETED
    if record.last_good is None:
        return Refusal(
            reason=f"{application} has no last good document that could be removed",
            advice=f"see which configuration is in force: wardrop status {application}",
        )
    if scope.loaded.source is Source.DOCUMENT or fault is None:
        return Refusal(
            reason=f"the parameter {scope.parameter} exists, and its document is in force",
            advice=f"delete the parameter first: aws ssm delete-parameter --name {scope.parameter}",
        )
    version = record.last_good.version
    forgotten = Forgotten(by=caller.name, principal=caller.principal, at=caller.at, version=version)
    effect = (
        "the defaults are in force, so deployments that are queued from now on need no approval"
        if is_deleted
        else f"the deployments of the application are held until the parameter can be read: {fault.reason}"
    )
    removed = f"version {version} of the configuration of {application}, which was the last good document"
    text = f"{caller.name} removed {removed}; {effect}"
    remaining_fault = None if is_deleted else record.fault
    changed = replace(record, last_good=None, fault=remaining_fault, forgotten=forgotten)
    return changed, configuration_alert(Kind.CONFIGURATION_FORGOTTEN, record, caller.at, text)
