"""The evaluation of policies in the stand-in, by AWS's policy evaluation logic."""

from typing import Any

import pytest

from local.aws.policies import NotEvaluated, evaluate

KEYS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "slack/*"}}
PRESENT = {"Null": {"dynamodb:LeadingKeys": "false"}}


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", **more}


@pytest.mark.parametrize(
    ("keys", "condition", "allowed"),
    [
        (["slack/#a"], KEYS, True),
        (["slack/#a", "slack/#b"], KEYS, True),
        (["slack/#a", "environment/shop"], KEYS, None),
        ([], KEYS, True),  # the pitfall of ForAllValues
        ([], KEYS | PRESENT, None),
        (["slack/#a"], KEYS | PRESENT, True),
    ],
)
def test_a_condition_for_all_values_holds_without_any_value_unless_the_key_has_to_be_present(keys, condition, allowed):
    statement = allow(Condition=condition)
    assert evaluate([statement], "dynamodb:PutItem", "arn:table", {"dynamodb:leadingkeys": keys}) is allowed


@pytest.mark.parametrize(
    ("resource", "allowed"), [("environment/shop/shop-prod", True), ("environment/mall/mall-prod", False)]
)
def test_a_deny_with_not_resource_applies_to_all_other_resources(resource, allowed):
    deny = {"Effect": "Deny", "Action": "eb:Update*", "NotResource": ["environment/shop/*", "application/shop"]}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert evaluate([everything, deny], "eb:UpdateEnvironment", resource, {}) is allowed
    assert evaluate([everything, deny], "eb:DescribeEnvironments", resource, {}) is True


@pytest.mark.parametrize("statement", [allow(NotAction="s3:*"), allow(Condition={"NumericLessThan": {"a": "1"}})])
def test_what_is_not_supported_is_an_error_and_never_a_verdict(statement):
    with pytest.raises(NotEvaluated):
        evaluate([statement], "dynamodb:PutItem", "arn:table", {})
