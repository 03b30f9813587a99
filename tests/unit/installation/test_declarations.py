"""The values that the template's parameters accept."""

import pytest

from installation.declarations import declarations_of, fault_of, template_of
from tests import gate

DECLARED = declarations_of(template_of(gate.TEMPLATE.read_text()))


def test_each_default_is_accepted():
    assert {name: fault for name, one in DECLARED.items() if (fault := fault_of(one, one.default or ""))} == {}


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("Architecture", "x86", "it must be arm64 or x86_64"),
        ("AlertEmail", "ops", "it must match"),
        ("DropPrefix", "releases", "it must match"),
        ("SettleSeconds", "0", "it must be at least 1"),
        ("SettleSeconds", "901", "it must be at most 900"),
        ("KeepDropsDays", "ten", "it must be a whole number"),
        ("Applications", "shop\n", "it must match"),
    ],
)
def test_a_value_that_cloudformation_would_refuse_has_a_fault(name, value, fault):
    assert (fault_of(DECLARED[name], value) or "").startswith(fault)


def test_intrinsic_functions_in_the_template_do_not_prevent_reading_it():
    assert template_of("Conditions: {A: !Equals [!Ref B, c]}\nParameters: {}") == {
        "Conditions": {"A": None},
        "Parameters": {},
    }
