"""Schedule expressions, and the template's intrinsic functions."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.schedules import Cron, InvalidExpression, parse
from local.settings import CannotStart
from local.template import Resolver, parameter_values


@pytest.mark.parametrize(
    ("expression", "after", "fires"),
    [
        ("cron(0 3 * * ? *)", "2026-02-28T03:00", "2026-03-01T03:00"),
        ("cron(0/15 8-9 ? * MON-FRI *)", "2026-05-01T09:45", "2026-05-04T08:00"),
        ("cron(30 2 1 1,7 ? *)", "2026-01-01T02:30", "2026-07-01T02:30"),
        ("cron(0 0 29 2 ? *)", "2026-01-01T00:00", "2028-02-29T00:00"),
        ("cron(0 12 ? * 1 *)", "2026-05-01T00:00", "2026-05-03T12:00"),
    ],
)
def test_cron_fires_when_aws_says(expression: str, after: str, fires: str) -> None:
    cron = parse(expression)
    assert isinstance(cron, Cron)
    assert cron.after(datetime.fromisoformat(after).replace(tzinfo=UTC)) == datetime.fromisoformat(fires).replace(
        tzinfo=UTC
    )


def test_cron_is_in_the_schedules_own_time_zone() -> None:
    cron = parse("cron(0 3 * * ? *)", "Asia/Seoul")
    assert isinstance(cron, Cron)
    assert cron.after(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 1, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "seconds"), [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 day)", 86400)]
)
def test_a_rate_is_read_in_seconds(expression: str, seconds: int) -> None:
    assert parse(expression) == seconds


@pytest.mark.parametrize(
    "expression",
    ["rate(0 minutes)", "cron(* * * * * *)", "cron(0 3 ? * ? *)", "cron(0 3 L * ? *)", "cron(60 * * * ? *)", ""],
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(InvalidExpression):
        parse(expression)


TEMPLATE: dict[str, Any] = {
    "Parameters": {"Size": {"Type": "Number", "Default": 3}, "Name": {"Default": "", "AllowedPattern": "^[a-z]*$"}},
    "Conditions": {
        "Small": {"Fn::Equals": [{"Ref": "Size"}, "3"]},
        "Named": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]},
        "Both": {"Fn::And": [{"Condition": "Small"}, {"Condition": "Named"}]},
        "Either": {"Fn::Or": [{"Condition": "Small"}, {"Condition": "Named"}]},
    },
    "Mappings": {"Sizes": {"small": {"cpu": "1"}}},
}


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Fn::Sub": "a ${Size} ${!Literal} ${Q.Arn} ${AWS::Region}"}, "a 3 ${Literal} Q/Arn us-east-1"),
        ({"Fn::Sub": ["${x}-${Size}", {"x": {"Ref": "Q"}}]}, "ref-Q-3"),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ([1, {"Fn::If": ["Named", 1, {"Ref": "AWS::NoValue"}]}], [1]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ({"Fn::Join": ["-", ["a", {"Ref": "Size"}]]}, "a-3"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", "small", "cpu"]}, "1"),
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
