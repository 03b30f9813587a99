"""Decides which configuration is in force for an application.

If the document in the parameter is not in force, the result contains the reason.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from wardrop.configuration.check import NO_FUNCTIONS, AllowedFunctions
from wardrop.configuration.parameter import Contents, Document, Fault, FaultKind
from wardrop.configuration.record import ConfigurationRecord
from wardrop.configuration.rules import OnFailure, Rules, unread_rules
from wardrop.configuration.schema import Configuration, InvalidConfiguration, check_functions, parse

Names = Callable[[], Collection[str]]
"""A function that reads the names of the application's environments. It is called only if the names are needed."""

Examination = Callable[[Configuration], None]
"""A function that checks the names of environments and alarms in a document. Raises InvalidConfiguration."""


class Source(StrEnum):
    DOCUMENT = "document"
    """The document in the parameter."""

    LAST_GOOD = "last_good"
    """The last good document, because the document in the parameter cannot be read, is refused, or is outdated."""

    DEFAULTS = "defaults"
    """The application has no document."""

    HELD = "held"
    """No configuration is in force, because neither the parameter's document nor a last good document can be used."""


@dataclass(frozen=True)
class InForce:
    source: Source
    configuration: Configuration | None
    """The configuration in force. None: the source is HELD."""

    document: Document | None = None
    """The document in force. None: no document is in force."""

    fault: Fault | None = None
    """The reason why the document in the parameter is not in force.

    None: the document is in force, there is no document, or Parameter Store returned an outdated document.
    """

    @property
    def why_held(self) -> Fault | None:
        """The reason why no configuration is in force. None: a configuration is in force."""
        return self.fault if self.source is Source.HELD else None

    @property
    def for_alerts(self) -> Configuration:
        """The configuration for alerts. If none is in force, the defaults apply, because alerts are always sent."""
        return self.configuration or Configuration()

    def stage_after(self, environment: str) -> list[str]:
        return self.configuration.stage_after(environment) if self.configuration else []

    def rules(self, environment: str, on_failure: OnFailure | None = None) -> Rules:
        """Returns the rules for a new deployment to the environment. The deployment's record stores these rules.

        `on_failure` is the value in the drop's metadata. None: the metadata contains no such value.
        """
        if self.configuration is None:
            return unread_rules(on_failure)
        return self.configuration.rules(environment, on_failure)


NO_DOCUMENT = InForce(Source.DEFAULTS, Configuration())


def in_force(
    contents: Contents,
    record: ConfigurationRecord,
    examination: Examination | None,
    allowed: AllowedFunctions = NO_FUNCTIONS,
) -> InForce:
    """Decides which configuration is in force, from the parameter's contents and the ledger's record.

    If `examination` is None, the names in the document are not checked. In this case, a document that was refused
    before is still refused, because wrong names may have been the reason.
    """
    match contents:
        case Document():
            return _of_document(contents, record, examination, allowed)
        case Fault():
            return _instead(contents, record)
        case None:
            return _without_parameter(record)


def _of_document(
    document: Document, record: ConfigurationRecord, examination: Examination | None, allowed: AllowedFunctions
) -> InForce:
    last_good, refused = record.last_good, record.fault
    if last_good is not None and document.modified_at < last_good.modified_at:
        # Parameter Store's response is outdated, because Wardrop has already read a later document.
        return _instead(None, record)
    try:
        configuration = parse(document.text)
        check_functions(configuration, allowed)
        if configuration.entries and (last_good is None or document.text != last_good.text):
            if examination is not None:
                examination(configuration)
            elif refused is not None and refused.kind is FaultKind.REFUSED and refused.version == document.version:
                return _instead(refused, record)
    except InvalidConfiguration as error:
        return _instead(Fault(kind=FaultKind.REFUSED, reason=str(error), version=document.version), record)
    return InForce(Source.DOCUMENT, configuration, document)


def _without_parameter(record: ConfigurationRecord) -> InForce:
    if record.last_good is None and (record.fault is None or not record.fault.proves_a_document):
        return NO_DOCUMENT
    return _instead(Fault(kind=FaultKind.DELETED, reason="the parameter was deleted"), record)


def _instead(fault: Fault | None, record: ConfigurationRecord) -> InForce:
    """Returns the last good document as the configuration in force.

    If there is no such document, or this release of Wardrop refuses it, no configuration is in force.
    """
    last_good = record.last_good
    if last_good is None:
        return InForce(Source.HELD, None, fault=fault)
    try:
        return InForce(Source.LAST_GOOD, parse(last_good.text), last_good, fault)
    except InvalidConfiguration as error:
        reason = f"this release of Wardrop refuses the last good document: {error}"
        refused = Fault(kind=FaultKind.REFUSED, reason=reason, version=last_good.version)
        return InForce(Source.HELD, None, fault=fault or refused)
