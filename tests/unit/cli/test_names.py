"""The application and the environment of a drop."""

from typing import Any

import pytest

from tests.unit.cli.samples import at, environment, status
from wardrop_cli.answers import Environments
from wardrop_cli.decode import decode
from wardrop_cli.durations import seconds_of
from wardrop_cli.failures import Failure
from wardrop_cli.names import application_for, first_environments, last_good_commit

SHOP = (environment(), environment("shop-prod"))
BOTH = (*SHOP, environment("mall-1", application="mall"))


def existing(environments: Any) -> Any:
    return decode(Environments, status(*environments)).environments


@pytest.mark.parametrize(
    ("app", "env", "environments", "application"),
    [
        (None, None, SHOP, "shop"),
        (None, "mall-1", BOTH, "mall"),
        ("shop", None, BOTH, "shop"),
        ("shop", "shop-prod", BOTH, "shop"),
    ],
)
def test_the_application_is_found(app: Any, env: Any, environments: Any, application: str) -> None:
    assert application_for(app, env, existing(environments)) == application


@pytest.mark.parametrize(
    ("app", "env", "environments", "advice"),
    [
        (None, None, BOTH, "Use --app with one of: mall, shop."),
        (None, None, (), "Use --app."),
        ("shopp", None, BOTH, "Did you mean shop?"),
        (None, "shop-pord", BOTH, "Did you mean shop-prod?"),
        ("shop", "mall-1", BOTH, "Correct --app or --env."),
        (None, "zzz", BOTH, "There are: mall-1, shop-prod, shop-staging."),
    ],
)
def test_a_name_that_is_not_clear_is_refused_with_advice(app: Any, env: Any, environments: Any, advice: str) -> None:
    with pytest.raises(Failure) as raised:
        application_for(app, env, existing(environments))
    assert raised.value.advice == advice


def good_at(minutes: float, commit: str | None) -> list[dict[str, Any]]:
    return [
        {"label": "x", "at": at(minutes), "origin": {"commit": commit}},
        {"label": "y", "at": at(0), "origin": None},
    ]


def test_changes_are_counted_from_the_last_good_version_of_the_first_stage() -> None:
    answer = status(
        environment(good_versions=good_at(60, "aaa")),
        environment("shop-prod", good_versions=good_at(10, "bbb")),
        environment("mall-1", application="mall", good_versions=good_at(1, None)),
    )
    existing = decode(Environments, answer)
    assert last_good_commit(existing, "shop", None) == "aaa"
    assert last_good_commit(existing, "shop", "shop-prod") == "bbb"
    assert last_good_commit(existing, "mall", None) is None
    unconfigured = decode(Environments, {**answer, "configurations": []})
    assert last_good_commit(unconfigured, "shop", None) == "bbb"


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("45m", 2700), ("2h", 7200), ("30", 30)])
def test_a_duration_has_a_unit(text: str, seconds: int) -> None:
    assert seconds_of(text, "--timeout") == seconds


@pytest.mark.parametrize("text", ["", "0", "-1m", "1d", "x", "1.5h", "9999999s"])
def test_what_is_no_duration_is_a_usage_error(text: str) -> None:
    with pytest.raises(Failure, match="is not a duration"):
        seconds_of(text, "--timeout")


def test_a_drop_without_an_environment_goes_to_the_first_stage_or_to_the_only_environment() -> None:
    configured = status(*SHOP)
    assert first_environments(decode(Environments, configured), "shop") == ["shop-staging"]
    unconfigured = status(*BOTH, configurations=[])
    assert first_environments(decode(Environments, unconfigured), "mall") == ["mall-1"]
    assert first_environments(decode(Environments, unconfigured), "shop") == []


def test_the_first_environments_are_not_known_while_the_configuration_cannot_be_read() -> None:
    held = {"application": "shop", "parameter": "/wardrop/applications/shop", "source": "held"}
    for environments in (SHOP, SHOP[:1]):
        answer = status(*environments, configurations=[held])
        assert first_environments(decode(Environments, answer), "shop") is None
