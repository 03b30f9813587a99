"""The differences between the settings of two environments."""

from hypothesis import given
from hypothesis import strategies as st

from wardrop.commands.comparison import MOST_SHOWN_CHARACTERS, Difference, differences
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, Option
from wardrop.guard.descriptions import recorded

MAX_SIZE = ("aws:autoscaling:asg", "MaxSize")
SUBNETS = ("aws:ec2:vpc", "Subnets")
PASSWORD = (ENVIRONMENT_PROPERTIES, "DB_PASSWORD")

OPTIONS: st.SearchStrategy[Option] = st.tuples(
    st.sampled_from(["aws:autoscaling:asg", "aws:ec2:vpc", ENVIRONMENT_PROPERTIES]), st.text(min_size=1, max_size=9)
)
SETTINGS = st.dictionaries(OPTIONS, st.text(max_size=9), max_size=9)


def compared(first: dict[Option, str], second: dict[Option, str]) -> list[Difference]:
    return list(differences(first, second, recorded()))


def test_a_value_that_differs_is_shown_for_both_environments() -> None:
    [difference] = compared({MAX_SIZE: "4"}, {MAX_SIZE: "8"})
    assert (difference.option, difference.first, difference.second) == ("aws:autoscaling:asg:MaxSize", "4", "8")
    assert difference.certain
    assert not difference.hidden


def test_values_with_the_same_meaning_do_not_differ() -> None:
    assert compared({SUBNETS: "subnet-1, subnet-2"}, {SUBNETS: "subnet-2,subnet-1"}) == []


def test_values_that_may_be_secret_are_hidden_but_their_difference_is_reported() -> None:
    [difference] = compared({PASSWORD: "hunter2"}, {PASSWORD: "hunter3"})
    assert (difference.hidden, difference.first, difference.second) == (True, None, None)
    assert "hunter" not in repr(difference)
    assert compared({PASSWORD: "hunter2"}, {PASSWORD: "hunter2"}) == []


def test_a_long_value_is_shortened_and_has_no_control_characters() -> None:
    [difference] = compared({SUBNETS: "\x1b[31m" + "x" * 5000}, {})
    assert difference.first is not None
    assert len(difference.first) <= MOST_SHOWN_CHARACTERS
    assert "\x1b" not in difference.first


@given(SETTINGS)
def test_an_environment_does_not_differ_from_itself(settings: dict[Option, str]) -> None:
    assert compared(settings, settings) == []


@given(SETTINGS, SETTINGS)
def test_the_comparison_is_symmetrical(first: dict[Option, str], second: dict[Option, str]) -> None:
    turned = [(each.option, each.second, each.first, each.certain) for each in compared(second, first)]
    assert [(each.option, each.first, each.second, each.certain) for each in compared(first, second)] == turned
