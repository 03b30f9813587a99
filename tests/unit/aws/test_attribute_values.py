from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from wardrop.aws.ledger.attribute_values import serialized, unserialized

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(-1000, 1000, places=2).filter(lambda number: number != number.to_integral_value())
    | st.text()
    | st.binary(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@given(VALUES)
def test_the_notation_is_that_of_boto3(value: Any) -> None:
    assert serialized(value) == TypeSerializer().serialize(value)


@given(VALUES)
def test_what_is_read_is_what_was_written(value: Any) -> None:
    read = unserialized(serialized(value))
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("written", "number"), [("0", 0), ("-12", -12), ("1.50", Decimal("1.50")), ("1E+2", Decimal(100))]
)
def test_numbers_without_a_decimal_point_are_integers(written: str, number: Decimal) -> None:
    assert unserialized({"N": written}) == number


@pytest.mark.parametrize("value", [{"a"}, {1, Decimal("1.5")}, {b"x"}])
def test_a_set_is_kept(value: Any) -> None:
    assert serialized(value) == TypeSerializer().serialize(value)
    assert unserialized(serialized(value)) == value


@pytest.mark.parametrize("value", [0.5, {"a", 1}, {True}, set(), {"a": [0.5]}])
def test_a_value_that_the_ledger_cannot_contain_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot contain"):
        serialized(value)


def test_an_attribute_of_an_unknown_type_is_an_error() -> None:
    with pytest.raises(TypeError, match="type X is unknown"):
        unserialized({"M": {"a": {"X": "b"}}})
