"""The entries of `alarms` in the configuration."""

import pytest

from wardrop.configuration.alarm_pattern import check_alarms, matches_any
from wardrop.configuration.schema import InvalidConfiguration, parse


@pytest.mark.parametrize(
    ("entry", "name", "matches"),
    [
        ("shop-5xx", "shop-5xx", True),
        ("shop-5xx", "shop-5xx-b", False),
        ("shop-*", "shop-5xx", True),
        ("shop-*", "shop-", True),
        ("shop-*", "Shop-5xx", False),
        ("shop.*", "shop-5xx", False),
    ],
)
def test_a_name_matches_itself_and_a_pattern_matches_what_begins_with_it(entry, name, matches):
    assert matches_any([entry], name) is matches


def test_names_may_contain_every_character_but_a_star():
    check_alarms(["shop 5xx (prod) / 한국어", "shop-latency-*"])


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (["shop-*-5xx"], "* is allowed only at the end of an entry"),
        (["*"], "names no alarm"),
        (["  "], "names no alarm"),
        (["arn:aws:cloudwatch:us-east-1:123456789012:alarm:shop-5xx"], "write the alarm's name"),
        (["a" * 256], "an alarm's name has at most 255 characters"),
        (["shop-5xx", "shop-5xx"], "occurs twice"),
        ([f"shop-{number}-*" for number in range(6)], "at most 5"),
        ([f"shop-{number}" for number in range(101)], "at most 100"),
    ],
)
def test_other_entries_are_refused_with_a_reason(entries, words):
    with pytest.raises(ValueError, match="(?s)" + words.replace("*", r"\*")):
        check_alarms(entries)


def test_the_refusal_names_the_environment():
    with pytest.raises(InvalidConfiguration, match="at the alarms of shop-prod"):
        parse('environments: [{name: shop-prod, alarms: ["*-5xx"]}]')
