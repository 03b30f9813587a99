"""The names of parameters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.configuration.parameter import application_of, parameter_name

NAMES = st.text(st.sampled_from("ab0_._- ()[]\"'+,\\\t2f5é商🚀"), max_size=100) | st.text(max_size=100)


@pytest.mark.parametrize("name", ["shop", "my_shop", "my.shop-2", "_", "a_", "_a", "Shop_v2", "a_b_c"])
def test_ordinary_names_stay_as_they_are(name: str):
    assert parameter_name(name) == name


@pytest.mark.parametrize(
    ("application", "name"),
    [
        ("my shop", "my__20shop"),
        ("my__shop", "my__5f_shop"),
        ("a_ b", "a__5f__20b"),
        ("a _b", "a__20_b"),
        (
            'my shop (v2), "blue" + green [x]',
            "my__20shop__20__28v2__29__2c__20__22blue__22__20__2b__20green__20__5bx__5d",
        ),
    ],
)
def test_other_characters_are_written_as_hexadecimal_bytes(application: str, name: str):
    assert parameter_name(application) == name


@given(NAMES)
def test_every_name_is_accepted_by_parameter_store_and_can_be_read_back(application: str):
    name = parameter_name(application)
    assert re.fullmatch(r"[A-Za-z0-9_.-]*", name)
    assert application_of(name) == application


@given(NAMES, NAMES)
def test_two_applications_never_have_the_same_parameter(one: str, other: str):
    assert (parameter_name(one) == parameter_name(other)) == (one == other)


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=100))
def test_the_longest_name_of_an_application_fits_into_a_parameters_name(application: str):
    """1,011 characters with the ARN before it, and at most 128 of the stack (AWS Systems Manager user guide)."""
    arn = "arn:aws-us-gov:ssm:ap-southeast-1:123456789012:parameter/" + "s" * 128 + "/applications/"
    assert len(arn + parameter_name(application)) <= 1011
