"""The configuration in force after each answer of Parameter Store."""

from datetime import timedelta

import pytest

from tests.unit.configuration.samples import BROKEN, DENIED, GOOD, NOT_DECRYPTED, THROTTLED, UNKNOWN_ENVIRONMENT
from tests.unit.samples import NOW
from wardrop.configuration.in_force import InForce, Source, in_force
from wardrop.configuration.parameter import Contents, Document, Fault, FaultKind
from wardrop.configuration.record import ConfigurationRecord
from wardrop.configuration.rules import OnFailure
from wardrop.configuration.schema import Configuration, check_names

NAMES = ["shop-staging", "shop-prod"]


def document(text: str, version: int = 3) -> Document:
    return Document(text=text, version=version, modified_at=NOW + timedelta(minutes=version))


def record(last_good: str | None = None, fault: Fault | None = None) -> ConfigurationRecord:
    good = document(last_good, 2) if last_good else None
    return ConfigurationRecord(application="shop", last_good=good, fault=fault)


def decide(contents: Contents, known: ConfigurationRecord) -> InForce:
    return in_force(contents, known, lambda configuration: check_names(configuration, NAMES))


def kind(loaded: InForce) -> FaultKind | None:
    return loaded.fault.kind if loaded.fault else None


def test_an_application_that_never_had_a_document_has_the_defaults():
    loaded = decide(None, record())
    assert (loaded.source, loaded.configuration, loaded.fault) == (Source.DEFAULTS, Configuration(), None)


def test_a_valid_document_is_in_force():
    loaded = decide(document(GOOD), record())
    assert (loaded.source, loaded.document, loaded.fault) == (Source.DOCUMENT, document(GOOD), None)


UNREADABLE = [document(BROKEN), document(UNKNOWN_ENVIRONMENT), document("["), DENIED, NOT_DECRYPTED, THROTTLED]


@pytest.mark.parametrize("contents", UNREADABLE)
def test_without_a_last_good_document_no_configuration_is_in_force(contents):
    loaded = decide(contents, record())
    assert (loaded.source, loaded.configuration, loaded.document) == (Source.HELD, None, None)
    assert loaded.why_held
    rules = loaded.rules("shop-prod", OnFailure.HOLD)
    assert (rules.approval_required, rules.on_failure, rules.not_read is not None) == (True, OnFailure.HOLD, True)


@pytest.mark.parametrize("contents", [*UNREADABLE, None])
def test_the_last_good_document_stays_in_force(contents):
    loaded = decide(contents, record(GOOD))
    assert (loaded.source, loaded.document, loaded.why_held) == (Source.LAST_GOOD, document(GOOD, 2), None)
    assert kind(loaded)


def test_a_document_that_names_an_environment_that_was_terminated_later_stays_in_force():
    text = "environments: [{name: shop-prod, approval: required}, {name: shop-old}]"
    loaded = decide(document(text, 2), record(text))
    assert loaded.source is Source.DOCUMENT
    assert loaded.rules("shop-prod").approval_required


def test_a_deleted_document_that_was_never_valid_opens_nothing():
    for fault in (Fault(kind=FaultKind.REFUSED, reason="not YAML", version=3), NOT_DECRYPTED):
        loaded = decide(None, record(fault=fault))
        assert (loaded.source, kind(loaded)) == (Source.HELD, FaultKind.DELETED)
        assert decide(None, record(fault=loaded.fault)).source is Source.HELD


@pytest.mark.parametrize("fault", [DENIED, THROTTLED])
def test_an_error_that_did_not_show_whether_there_is_a_document_leaves_no_trace(fault):
    assert decide(None, record(fault=fault)).source is Source.DEFAULTS


def test_an_outdated_answer_of_parameter_store_does_not_replace_a_later_document():
    loaded = decide(document("environments: []", 1), record(GOOD))
    assert (loaded.source, loaded.document, loaded.fault) == (Source.LAST_GOOD, document(GOOD, 2), None)


def test_a_document_of_another_release_of_wardrop_is_not_replaced_by_the_defaults():
    loaded = decide(None, record("environments: [{name: shop-prod, of_another_release: 1}]"))
    assert loaded.source is Source.HELD


def test_a_refused_document_is_not_accepted_by_a_reader_that_does_not_check_names():
    refused = decide(document(UNKNOWN_ENVIRONMENT), record())
    unchecked = in_force(document(UNKNOWN_ENVIRONMENT), record(fault=refused.fault), None)
    assert (unchecked.source, unchecked.fault) == (Source.HELD, refused.fault)
    assert in_force(document(GOOD, 4), record(fault=refused.fault), None).source is Source.DOCUMENT
