"""The checks in a document: the accepted and the refused ones, and the functions that may be invoked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW
from tests.unit.world import World
from wardrop.configuration.check import MOST_CHECKS, NO_FUNCTIONS, AllowedFunctions, Check, is_path
from wardrop.configuration.duration import Duration
from wardrop.configuration.in_force import Source
from wardrop.configuration.load import Configurations
from wardrop.configuration.schema import InvalidConfiguration, parse

SMOKE = "arn:aws:lambda:us-east-1:123456789012:function:shop-smoke-test"


def document(*checks: dict[str, object]) -> str:
    return json.dumps({"environments": [{"name": "shop-prod", "checks": checks}]})


def checks_in(*checks: dict[str, object]) -> tuple[Check, ...]:
    return parse(document(*checks)).rules("shop-prod").checks


def test_the_defaults_of_a_request():
    [check] = checks_in({"http": "/health"})
    assert (check.expected_status, check.contains, check.time_limit) == (200, None, Duration(seconds=5))
    assert check.title == "http /health"


def test_every_setting_of_a_request():
    [check] = checks_in(
        {"https": "/h?a=b", "host": "shop.example.com", "status": 204, "contains": "UP", "within": "10s"}
    )
    assert check == Check(
        https="/h?a=b", host="shop.example.com", status=204, contains="UP", within=Duration(seconds=10)
    )
    assert check.title == "https shop.example.com/h?a=b"


@pytest.mark.parametrize("function", ["shop-smoke-test", "shop-smoke-test:live", "f:$LATEST", SMOKE, f"{SMOKE}:7"])
def test_a_function_is_a_name_or_an_arn_with_or_without_an_alias(function):
    assert checks_in({"function": function}) == (Check(function=function),)


REFUSED = [
    ({}, "exactly one of http, https and function"),
    ({"http": "/a", "function": "f"}, "exactly one of http, https and function"),
    ({"http": "health"}, "is not a path such as /health"),
    ({"http": "http://169.254.169.254/"}, "is not a path"),
    ({"http": "//evil.example.com/"}, "is not a path"),
    ({"http": "/a\\b"}, "is not a path"),
    ({"http": "/a b"}, "is not a path"),
    ({"http": "/a\r\nHost: evil"}, "is not a path"),
    ({"http": "/ü"}, "is not a path"),
    ({"http": "/" + "a" * 512}, "is not a path"),
    ({"http": ""}, "is not a path"),
    ({"http": "/", "host": "10.0.0.1"}, "is not a host"),
    ({"http": "/", "host": "a b.example.com"}, "is not a host"),
    ({"http": "/", "host": "user@example.com"}, "is not a host"),
    ({"https": "/"}, "needs `host`"),
    ({"http": "/", "status": 99}, "`status` is 99, but must be from 200 to 599"),
    ({"http": "/", "status": True}, "Expected `int | null`"),
    ({"http": "/", "contains": ""}, "from 1 to 200 characters"),
    ({"http": "/", "contains": "x" * 201}, "from 1 to 200 characters"),
    ({"http": "/", "within": "0s"}, "`within` is 0s, but must be from 1s to 10s"),
    ({"http": "/", "within": "11s"}, "`within` is 11s, but must be from 1s to 10s"),
    ({"http": "/", "withing": "1s"}, "unknown field `withing`"),
    ({"function": "a b"}, "is not the name or the ARN"),
    ({"function": "arn:aws:s3:::bucket"}, "is not the name or the ARN"),
    ({"function": "f", "status": 200}, "`status` is allowed only with http and https"),
    ({"function": "f", "within": "1s"}, "`within` is allowed only with http and https"),
]


@pytest.mark.parametrize(("check", "words"), REFUSED)
def test_an_invalid_check_is_refused_with_its_reason(check, words):
    with pytest.raises(InvalidConfiguration) as refusal:
        checks_in(check)
    assert words in str(refusal.value)


def test_too_many_checks_are_refused():
    assert len(checks_in(*[{"http": "/"}] * MOST_CHECKS)) == MOST_CHECKS
    with pytest.raises(InvalidConfiguration, match="11 checks are configured; at most 10 are allowed"):
        checks_in(*[{"http": "/"}] * (MOST_CHECKS + 1))


@given(st.text(max_size=600))
def test_a_path_never_leaves_its_line_and_never_names_a_host(text):
    if is_path(text):
        assert text.isascii()
        assert text.isprintable()
        assert text.startswith("/")
        assert not text.startswith("//")
        assert "\\" not in text
        assert " " not in text
        assert len(text) <= 512


class TestAllowedFunctions:
    def test_without_a_pattern_no_function_is_allowed(self):
        assert NO_FUNCTIONS.refusal("shop-smoke-test") == (
            "the stack's parameter CheckFunctions does not allow shop-smoke-test"
        )

    @pytest.mark.parametrize(
        ("pattern", "function", "is_allowed"),
        [
            (SMOKE, "shop-smoke-test", True),
            (SMOKE, SMOKE, True),
            (SMOKE, "shop-smoke-test:live", False),
            (f"{SMOKE}:live", "shop-smoke-test:live", True),
            (f"{SMOKE}*", "shop-smoke-test:live", True),
            (f"{SMOKE}*", "shop-smoke-test-2", True),
            (SMOKE, "other", False),
            (SMOKE, SMOKE.replace("123456789012", "210987654321"), False),
            (SMOKE, SMOKE.replace("us-east-1", "eu-west-1"), False),
        ],
    )
    def test_iam_and_wardrop_compare_the_same_patterns(self, pattern, function, is_allowed):
        assert (AllowedFunctions((pattern,)).refusal(function) is None) is is_allowed

    def test_a_document_that_names_another_function_is_refused(self):
        world = World()
        world.parameters.documents["shop"] = document({"function": "other"})
        configurations = world.verb(Configurations, allowed_functions=AllowedFunctions((SMOKE,)))
        assert configurations.load("shop", None, NOW).source is Source.HELD
        [alert] = world.alerts
        assert (
            "the function other cannot be used: the stack's parameter CheckFunctions does not allow other"
            " - at the checks of shop-prod"
        ) in alert.text

    def test_a_document_that_names_an_allowed_function_is_in_force(self):
        world = World()
        world.parameters.documents["shop"] = document({"function": "shop-smoke-test"})
        configurations = world.verb(Configurations, allowed_functions=AllowedFunctions((SMOKE,)))
        assert configurations.load("shop", None, NOW).rules("shop-prod").checks == (Check(function="shop-smoke-test"),)
        assert world.alerts == []
