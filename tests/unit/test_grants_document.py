"""docs/security.md has a row for each grant of each role, with the reason."""

from tests import gate
from tests.grants_document import DOCUMENT, REASONS, document
from tests.unit.template_checks import Model, statements


def test_the_tables_show_the_grants_of_the_template():
    """If this fails, run: PYTHONPATH=layers/wardrop:. python -m tests.grants_document"""
    assert DOCUMENT.read_text("utf-8") == document()


def test_each_reason_belongs_to_a_grant():
    model = Model(gate.expand(gate.TEMPLATE.read_text()))
    assert {statement["Sid"] for _, statement in statements(model)} == REASONS.keys()
