"""The age up to which an earlier reading may be used: the examples of the module."""

from datetime import UTC, datetime, timedelta

from tests.unit.samples import environment, queued, release, rolling_back
from wardrop.deployments.asked import Asked
from wardrop.deployments.freshness import is_new, most_recent

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SHOWN = environment(status="Updating")


def after(**duration: float) -> datetime:
    return NOON + timedelta(**duration)


class TestEnvironments:
    def test_one_that_was_read_up_to_ten_seconds_ago_is_used(self):
        assert most_recent([(NOON, SHOWN)], None, after(seconds=9)) is SHOWN
        assert most_recent([(NOON, SHOWN)], None, after(seconds=10)) is None
        assert most_recent([(NOON, SHOWN)], None, after(seconds=11)) is None

    def test_one_from_before_the_claim_is_not_used(self):
        assert most_recent([(NOON, SHOWN)], after(seconds=5), after(seconds=6)) is None
        assert most_recent([(after(seconds=6), SHOWN)], after(seconds=5), after(seconds=7)) is SHOWN

    def test_of_several_the_most_recent_is_used(self):
        newer = environment(status="Ready")
        assert most_recent([(after(seconds=2), newer), (NOON, SHOWN)], None, after(seconds=3)) is newer

    def test_of_two_that_were_read_at_the_same_time_either_is_used(self):
        other = environment(status="Ready")
        assert most_recent([(NOON, SHOWN), (NOON, other)], None, NOON) in (SHOWN, other)

    def test_a_wake_up_without_an_environment_is_not_used(self):
        assert most_recent([(None, None), (NOON, None)], None, NOON) is None


class TestVersions:
    ARRIVAL = (NOON, NOON - timedelta(hours=1), "")

    def test_the_version_of_a_drop_is_new_for_five_minutes(self):
        drop = queued(arrival=self.ARRIVAL)
        assert is_new(drop, after(minutes=4, seconds=59))
        assert not is_new(drop, after(minutes=5))

    def test_no_other_version_is_new(self):
        request = Asked(by="jane", at=NOON)
        assert not is_new(queued(arrival=self.ARRIVAL, asked=request), NOON)
        assert not is_new(queued(arrival=self.ARRIVAL, release=None), NOON)
        assert not is_new(rolling_back(arrival=self.ARRIVAL, release=release()), NOON)
