"""The screen of `wardrop diff`."""

import pytest

from tests.snapshots import Snapshot
from tests.unit.cli.rendering import WIDTHS, rendered
from wardrop_cli.comparison import Comparison, Difference, Side
from wardrop_cli.screens.comparison import HIDDEN, comparison_screen

ARN = "arn:aws:elasticbeanstalk:eu-central-1::platform/Tomcat 10.1 with Corretto 21 running on 64bit Amazon Linux 2023"
STAGING = Side("shop-staging", "shop", f"{ARN}/5.7.1", "Ready", "Ok", "shop-43")
PROD = Side("shop-prod", "shop", f"{ARN}/5.6.0", "Updating", "Warning", "shop-42")
DIFFERENCES = [
    Difference("aws:autoscaling:asg:MaxSize", "2", "8"),
    Difference("aws:autoscaling:launchconfiguration:SecurityGroups", "sg-1", "awseb-[b]x[/b]", certain=False),
    Difference("aws:ec2:vpc:ELBScheme", None, "internal"),
    Difference("aws:elasticbeanstalk:application:environment:DB_PASSWORD", hidden=True),
]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_differences_of_two_environments(width: int, snapshot: Snapshot) -> None:
    unknown = ["shop-prod is Updating, so its settings may be about to change"]
    snapshot(f"{width}", rendered(comparison_screen(Comparison([STAGING, PROD], DIFFERENCES, unknown)), width))


def test_equal_environments_are_called_equal_only_if_everything_was_compared() -> None:
    equal = rendered(comparison_screen(Comparison([STAGING, STAGING])), 80)
    assert "The settings do not differ." in equal
    unread = rendered(comparison_screen(Comparison([STAGING, STAGING], [], ["it is not permitted"])), 80)
    assert "do not differ" not in unread
    assert "There may be other differences, because it is not permitted." in unread


def test_hidden_values_are_not_called_unset() -> None:
    text = rendered(comparison_screen(Comparison([STAGING, PROD], [DIFFERENCES[3]])), 120)
    assert HIDDEN in text
    assert "not set" not in text
