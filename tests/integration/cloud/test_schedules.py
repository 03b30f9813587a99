"""Schedule expressions, and the template's intrinsic functions."""

from typing import Any

import pytest

from local.aws.schedules import seconds_of
from local.aws.template import Resolver, parameter_values
from local.settings import CannotStart


@pytest.mark.parametrize(
    ("expression", "seconds"), [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 day)", 86400)]
)
def test_a_rate_is_read_in_seconds(expression: str, seconds: int) -> None:
    assert seconds_of(expression) == seconds


@pytest.mark.parametrize("expression", ["rate(0 minutes)", "rate(5 parsecs)", ""])
def test_an_expression_that_is_not_a_rate_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="Invalid Schedule Expression"):
        seconds_of(expression)


TEMPLATE: dict[str, Any] = {
    "Parameters": {"Size": {"Type": "Number", "Default": 3}, "Name": {"Default": "", "AllowedPattern": "^[a-z]*$"}},
    "Conditions": {
        "Small": {"Fn::Equals": [{"Ref": "Size"}, "3"]},
        "Named": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]},
        "Either": {"Fn::Or": [{"Condition": "Small"}, {"Condition": "Named"}]},
        "Both": {"Fn::And": [{"Condition": "Small"}, {"Condition": "Named"}]},
    },
}


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Fn::Sub": "a ${Size} ${Q.Arn} ${AWS::Region}"}, "a 3 Q/Arn us-east-1"),
        ({"Fn::Sub": ["${x}-${Size}", {"x": {"Ref": "Q"}}]}, "ref-Q-3"),
        ({"Fn::If": ["Named", 1, 2]}, 2),
        ({"Fn::If": ["Small", 1, 2]}, 1),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ([1, {"Fn::If": ["Named", 1, {"Ref": "AWS::NoValue"}]}], [1]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ({"Condition": {"Bool": {"x": "true"}}}, {"Condition": {"Bool": {"x": "true"}}}),
    ],
)
def test_intrinsic_functions_are_resolved_as_cloudformation_does(value: Any, resolved: Any) -> None:
    resolve = Resolver(TEMPLATE, {}, lambda name: f"ref-{name}", lambda name, attribute: f"{name}/{attribute}")
    assert resolve(value) == resolved


def test_parameters_are_checked() -> None:
    for wrong in ({"Nme": "x"}, {"Name": "X"}):
        with pytest.raises(CannotStart):
            parameter_values(TEMPLATE, wrong)
