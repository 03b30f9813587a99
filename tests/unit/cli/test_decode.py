"""Answers of stacks of other versions, and answers that no stack sends."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cli.samples import environment, followed, status
from wardrop_cli.answers import Environments, Followed
from wardrop_cli.decode import decode
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure


def test_fields_of_a_newer_stack_are_ignored() -> None:
    answer = status({**environment(), "new": {"a": [1]}}, also_new=True)
    assert decode(Environments, answer) == decode(Environments, status(environment()))


def test_fields_that_an_older_stack_does_not_send_have_defaults() -> None:
    answer = followed()
    del answer["cause"], answer["logs"], answer["reading"]["instances"]
    read = decode(Followed, answer)
    assert (read.cause, read.reading and read.reading.instances) == ([], None)


@pytest.mark.parametrize(
    "answer",
    [{}, [], None, "x", {"environments": {}}, {"environments": [1]}, status({**environment(), "health": 5})],
)
def test_an_answer_of_another_form_is_explained(answer: Any) -> None:
    with pytest.raises(Failure, match="the answer of the stack cannot be read") as raised:
        decode(Environments, answer)
    assert raised.value.exit_code is ExitCode.NOT_REACHED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(followed())), JSON))
def test_no_answer_leads_to_another_error(differs: dict[str, Any]) -> None:
    with suppress(Failure):
        decode(Followed, followed() | differs)
