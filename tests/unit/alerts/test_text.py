"""The texts of alerts: every kind has a headline, and the known facts."""

from datetime import timedelta

import pytest

from tests.unit.samples import NOW, queued
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, HealthChange, LastDeployment, Running, new_alert
from wardrop.alerts.text import Fact, Role, console, facts, headline
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.state import State
from wardrop.environments.model import Health


def incident(kind: Kind = Kind.INCIDENT_OPENED, **differs: object) -> Alert:
    change = HealthChange(
        previous=Health.OK,
        current=Health.SEVERE,
        causes=["100.0 % of the requests are failing with HTTP 5xx."],
        instances={"Severe": 2, "Ok": 1},
    )
    plain: dict[str, object] = {
        "application": "shop",
        "environment": "shop-prod",
        "health": change,
        "running": Running(label="shop-42", since=NOW - timedelta(days=1)),
        "last_deployment": LastDeployment(label="shop-42", state=State.SUCCEEDED, at=NOW, by="jenkins"),
        "events": ["Command failed on instance i-1."],
    }
    return new_alert(kind, "incident/shop-prod/1", NOW, "all is lost", **(plain | differs))


def test_every_kind_has_a_headline():
    for kind in Kind:
        assert "{" not in headline(new_alert(kind, "x", NOW, "why"))


def test_a_headline_says_where_and_what():
    assert headline(alert_of(queued())) == "shop-staging: shop-2.0 is queued"
    assert headline(incident()) == "shop-prod: health is Severe"
    assert (
        headline(incident(Kind.INCIDENT_RECOVERED, duration_seconds=720)) == "shop-prod: health recovered after 12 min"
    )


def test_the_facts_of_an_incident():
    assert facts(incident()) == [
        Fact(Role.SUBJECT, "Application", "shop"),
        Fact(Role.SUBJECT, "Environment", "shop-prod"),
        Fact(Role.DETAIL, "Health", "Ok → Severe"),
        Fact(Role.DETAIL, "Instances", "2 Severe, 1 Ok"),
        Fact(Role.REPORT, "Cause", "100.0 % of the requests are failing with HTTP 5xx."),
        Fact(Role.DETAIL, "Running version", "shop-42, since 2026-01-01 03:04 UTC"),
        Fact(Role.DETAIL, "Last deployment", "shop-42 succeeded at 2026-01-02 03:04 UTC, requested by jenkins"),
        Fact(Role.REPORT, "Event", "Command failed on instance i-1."),
    ]


def test_what_is_not_known_is_no_fact():
    assert facts(new_alert(Kind.DROP_REJECTED, "x", NOW, "no")) == []


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_link_leads_to_the_console_of_partition_and_region(partition, region, host):
    assert console("e-abc", region, partition) == (
        f"https://{host}/elasticbeanstalk/home?region={region}#/environment/dashboard?environmentId=e-abc"
    )


@pytest.mark.parametrize(("seconds", "shown"), [(10**15, "11574 d 1 h"), (-(10**15), "0 s")])
def test_an_impossible_duration_is_shown_with_a_limit(seconds: int, shown: str):
    alert = incident(duration_seconds=seconds)
    assert ("Duration", shown) in [(fact.label, fact.value) for fact in facts(alert)]
