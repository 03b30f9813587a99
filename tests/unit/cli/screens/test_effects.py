"""The screen of `wardrop plan`."""

import pytest

from tests.snapshots import Snapshot
from tests.unit.cli.rendering import WIDTHS, rendered
from wardrop_cli.effects import Change, Effects, Message
from wardrop_cli.screens.effects import effects_screen

TYPE = "aws:autoscaling:launchconfiguration:InstanceType"
SIZE = "aws:autoscaling:asg:MaxSize"
PLAN = Effects(
    environment="shop-prod",
    outcome="replaces",
    exit_code=10,
    effect="replaces_at_once",
    sentence="all 4 instances are replaced at once: downtime; 1 change without interruption",
    changes=[
        Change(
            TYPE,
            "replaces_at_once",
            f"{TYPE} changes from t3.small to m5.large: all 4 instances are replaced at once: downtime",
            "t3.small",
            "m5.large",
        ),
        Change(SIZE, "updates", f"{SIZE} changes from 4 to 8: without interruption", "4", "8"),
        Change("aws:elasticbeanstalk:application:environment:KEY", "restarts", "the application servers restart"),
    ],
    unknown=["shop-prod is Updating, so its settings may be about to change"],
    messages=[Message("The instance type [red]m5.large[/red] is not offered in every zone.", TYPE, is_error=False)],
)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_sentence_comes_first_and_unknown_facts_are_listed(width: int, snapshot: Snapshot) -> None:
    shown = rendered(effects_screen(PLAN), width)
    assert shown.startswith("shop-prod: all 4 instances")
    snapshot(f"{width}", shown)


def test_a_plan_without_changes_says_that_nothing_was_changed() -> None:
    plan = Effects("shop-prod", "keeps_instances", 0, "nothing", "nothing changes")
    assert rendered(effects_screen(plan), 80) == "shop-prod: nothing changes.\n\nNothing was changed.\n"
