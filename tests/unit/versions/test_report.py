"""The report of a clean-up."""

from typing import Any

import pytest

from tests.unit.samples import NOW
from wardrop.versions.report import CleanUpReport


def report(**differs: Any) -> CleanUpReport:
    """The report of a clean-up that deleted two versions of one application."""
    plain: dict[str, Any] = {
        "deleted": 2,
        "applications": 1,
        "freed_bytes": 2_000_000,
        "quota": 1000,
        "versions_before": 3,
        "versions_after": 1,
        "failures": [],
        "blocked": [],
        "stopped": None,
        "retry_may_help": False,
    }
    return CleanUpReport(**(plain | differs))


def kinds(reported: CleanUpReport, asked_by: str | None = None) -> list[str]:
    return [str(alert.kind) for alert in reported.alerts(NOW, asked_by)]


def test_the_text_says_what_was_deleted_and_how_many_versions_the_region_has():
    assert report().text() == (
        "clean-up deleted 2 application versions and freed 2.0 MB; the region now has 1 of 1,000 versions (3 before)"
    )
    assert " and freed 1,000,000.0 MB; " in report(freed_bytes=10**12).text()
    many = report(deleted=1, applications=2).text("jane")
    assert many.startswith("clean-up, requested by jane, deleted 1 application version of 2 applications and freed")


def test_the_text_says_why_the_clean_up_stopped_early():
    text = report(stopped="the time limit was reached").text()
    assert text.endswith("; it stopped early and continues within an hour: the time limit was reached")


@pytest.mark.parametrize(
    ("differs", "complete"),
    [
        ({}, True),
        ({"failures": ["old of shop: AccessDenied"]}, True),
        ({"failures": ["old of shop: busy"], "retry_may_help": True}, False),
        ({"blocked": ["old of shop: shop-prod is Updating"]}, False),
        ({"stopped": "Rate exceeded"}, False),
    ],
)
def test_a_clean_up_is_complete_if_another_one_in_an_hour_would_find_nothing_more(differs, complete):
    assert report(**differs).is_complete is complete


def test_a_clean_up_that_deleted_nothing_sends_an_alert_only_if_a_person_requested_it():
    nothing = report(deleted=0, applications=0, freed_bytes=0)
    assert kinds(nothing) == []
    assert kinds(nothing, "jane") == ["versions_cleaned"]


def test_problems_are_listed_up_to_five():
    failures = [f"v{number} of shop: busy" for number in range(7)]
    [_, alert] = report(failures=failures, blocked=["old of shop: x"]).alerts(NOW, None)
    assert alert.text == (
        "clean-up did not delete everything and will try again: 7 could not be deleted (v0 of shop: busy; "
        "v1 of shop: busy; v2 of shop: busy; v3 of shop: busy; v4 of shop: busy; and 2 more); "
        "1 cannot be deleted safely (old of shop: x)"
    )


@pytest.mark.parametrize(("after", "low"), [(950, False), (951, True), (1200, True)])
def test_with_less_than_5_percent_of_the_quota_left_an_alert_says_so(after, low):
    assert ("version_quota_low" in kinds(report(versions_after=after))) is low


def test_problems_have_one_alert_a_day_and_reports_one_for_each_clean_up():
    problem = report(blocked=["old of shop: x"])
    ids = [[alert.alert_id for alert in problem.alerts(NOW.replace(hour=hour), None)] for hour in (5, 6)]
    assert ids[0][0] != ids[1][0]
    assert ids[0][1] == ids[1][1]


def test_an_alert_about_the_quota_says_what_to_do():
    [alert] = report(deleted=0, freed_bytes=0, versions_after=1000).alerts(NOW, None)
    assert alert.text == (
        "after clean-up, the region still has 1,000 of 1,000 application versions; find out why versions are kept, and "
        "unpin versions, keep fewer versions, or ask AWS for a higher quota"
    )


@pytest.mark.parametrize("differs", [{"deleted": 1, "freed_bytes": 0}, {"deleted": 0, "freed_bytes": 1}])
def test_a_deleted_version_or_a_deleted_bundle_is_reported(differs):
    assert kinds(report(**differs)) == ["versions_cleaned"]


def test_the_alerts_of_a_clean_up_have_different_ids_and_those_of_another_day_too():
    problem = report(failures=["old of shop: busy"], versions_after=1000)
    days = [[alert.alert_id for alert in problem.alerts(NOW.replace(day=day), None)] for day in (2, 3)]
    assert len({*days[0], *days[1]}) == 6
