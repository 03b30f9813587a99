"""Clean-up: the deletions and their order, and the versions that it keeps because others use them meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.samples import NOW, environment, queued, release, reserve, version
from tests.unit.versions.samples import key
from tests.unit.versions.world import FAR_DEADLINE, ONLY_FIXED_RULES, PROD, SCOPE_ALL, STAGING, CleanUpWorld
from tests.unit.world import Crash, once, raising
from wardrop.commands.answers import RefusalCode
from wardrop.commands.requests import Deploy, Pin, Unpin
from wardrop.deployments.change import Change
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.errors import NotNow, Outdated, Refused
from wardrop.versions.plan import BATCH_SIZE

DEPLOY_OLD = Deploy(environment=STAGING, label="old")
LOOK = "beanstalk.lasting_environments"


@pytest.fixture
def world() -> CleanUpWorld:
    return CleanUpWorld()


class TestDeletions:
    def test_the_oldest_version_goes_first_with_its_bundle_and_is_recorded_as_deleted(self, world):
        world.make("old", 50)
        world.make("older", 60)
        world.make("live", 70)
        report = world.clean()
        assert world.beanstalk.deleted == ["older", "old"]
        assert sorted(world.bundles.deleted) == [key("old"), key("older")]
        assert (report.deleted, report.freed_bytes, report.versions_before, report.versions_after) == (2, 2000, 3, 1)
        assert [world.is_recorded(label) for label in ("old", "live")] == [False, True]
        assert list(world.alert_texts) == ["versions_cleaned"]

    def test_the_label_stays_reserved_for_its_bytes(self, world):
        world.make("old")
        world.clean()
        other_bytes = release(key="shop/new/old.war", sha256=b"other".hex())
        assert reserve(world.ledger, version("old", release=other_bytes, drop="other")) is None
        same_bytes = release(key="shop/new/old.war", sha256=b"oldshop".hex())
        again = version("renamed", release=same_bytes, drop="again")
        assert reserve(world.ledger, again) == replace(again, label="old")

    def test_a_clean_up_without_work_sends_no_alert(self, world):
        world.make("live")
        assert world.clean().is_complete
        assert world.alerts == []

    def test_a_requested_clean_up_sends_its_report_even_without_work(self, world):
        world.clean("jane")
        assert world.alert_texts["versions_cleaned"].startswith("clean-up, requested by jane, deleted 0 application")

    def test_applications_that_are_not_served_are_left_alone(self, world):
        world.make("old", application="mall")
        world.parameters.documents["mall"] = ONLY_FIXED_RULES
        world.cleaner(applications="shop*")(lambda: world.now, FAR_DEADLINE)
        assert (world.beanstalk.deleted, world.bundles.deleted) == ([], [])
        world.clean()
        assert world.beanstalk.deleted == ["old"]

    def test_a_version_that_somebody_else_made_goes_with_scope_all_and_its_bundle_stays(self, world):
        world.beanstalk.make("theirs", 900, bucket="elsewhere", key="theirs.war")
        world.beanstalk.make("sample", 900, bucket=None, key=None)
        world.clean()
        assert world.beanstalk.deleted == []
        world.parameters.documents["shop"] = SCOPE_ALL
        world.clean()
        assert sorted(world.beanstalk.deleted) == ["sample", "theirs"]
        assert world.bundles.deleted == []

    @pytest.mark.parametrize("label", ["release 1.0 + hotfix: a", "..", "v1 \"final\" 'x'", "릴리스 1", "a\\b #1?%20"])
    def test_somebody_elses_label_may_have_every_character_that_beanstalk_accepts(self, world, label):
        world.parameters.documents["shop"] = SCOPE_ALL
        world.beanstalk.make(label, 900)
        assert world.ask(Pin(application="shop", label=label)).text.startswith(f"{label} of shop is pinned by jane")
        world.clean()
        world.ask(Unpin(application="shop", label=label))
        world.clean()
        assert world.beanstalk.deleted == [label]

    def test_a_pinned_version_of_somebody_else_stays_until_it_is_unpinned_and_leaves_nothing_in_the_ledger(self, world):
        world.parameters.documents["shop"] = SCOPE_ALL
        world.beanstalk.make("theirs", 900)
        assert "is pinned by jane" in world.ask(Pin(application="shop", label="theirs")).text
        world.clean()
        assert world.beanstalk.deleted == []
        world.ask(Unpin(application="shop", label="theirs"))
        world.clean()
        assert world.beanstalk.deleted == ["theirs"]
        world.beanstalk.make("theirs", 1)
        assert "is queued" in world.ask(Deploy(environment=STAGING, label="theirs")).text

    def test_a_bundle_stays_that_a_version_made_in_the_meantime_references(self, world):
        world.make("old")
        world.once_before("beanstalk.delete_version", lambda: world.beanstalk.make("copy", 0, key=key("old")))
        world.clean()
        assert (world.beanstalk.deleted, world.bundles.deleted) == (["old"], [])

    def test_a_bundle_that_is_already_gone_is_no_failure(self, world):
        world.make("old")
        world.bundles.objects.clear()
        report = world.clean()
        assert (report.deleted, report.freed_bytes, report.failures) == (1, 0, [])

    def test_the_label_and_the_bundle_of_a_failed_drop_go_after_a_week(self, world):
        for label, age in (("stuck", 8), ("in-progress", 1)):
            world.bundles.put(label, age)
            world.reserve(label, age)
        report = world.clean()
        assert world.bundles.deleted == [key("stuck")]
        assert (report.deleted, report.freed_bytes) == (0, 1000)
        assert [world.is_recorded(label) for label in ("stuck", "in-progress")] == [False, True]

    def test_an_application_that_was_deleted_leaves_no_bundles(self, world):
        world.bundles.put("old", 30, "closed")
        world.reserve("old", 30, "closed")
        world.clean()
        assert world.bundles.deleted == [key("old", "closed")]
        assert not world.is_recorded("old", "closed")


class TestThePlan:
    def test_a_plan_changes_nothing(self, world):
        world.make("old", 50)
        world.make("live", 40)
        items = dict(world.table.items)
        plan = world.cleaner().plan(NOW)
        assert [(decision.label, decision.action.value) for decision in plan.decisions] == [
            ("old", "delete"),
            ("live", "keep"),
        ]
        assert world.table.items == items
        assert (world.beanstalk.deleted, world.bundles.deleted) == ([], [])

    def test_a_plan_may_cover_one_application(self, world):
        world.make("old")
        world.make("old", application="mall")
        assert {decision.application for decision in world.cleaner().plan(NOW, "mall").decisions} == {"mall"}


class TestOthersAtWork:
    """Somebody else changes something while a clean-up runs."""

    def test_a_version_that_a_new_environment_runs_since_the_first_look_is_kept(self, world):
        world.make("old")
        created = environment(name="new", id="e-9", version_label="old", status="Launching")
        world.before_second(LOOK, lambda: world.beanstalk.described.update(new=created))
        world.clean()
        assert (world.beanstalk.deleted, world.bundles.deleted) == ([], [])
        assert world.is_recorded("old")
        assert not world.is_marked("old")

    def test_the_environments_are_read_again_before_each_batch(self, world):
        for number in range(BATCH_SIZE + 1):
            world.make(f"v{number:03}", 500 - number)
        world.clean()
        delete = "beanstalk.delete_version"
        calls = [call for call in world.calls if call in (LOOK, delete)]
        assert calls == [LOOK, LOOK, *[delete] * BATCH_SIZE, LOOK, delete]

    def test_an_environment_that_disappears_blocks_the_deletion_of_what_it_ran(self, world):
        world.make("old")
        world.make("other")
        world.beanstalk.described["extra"] = environment(name="extra", id="e-9", version_label="old")
        world.before_second(LOOK, lambda: world.beanstalk.described.pop("extra"))
        world.clean()
        assert world.beanstalk.deleted == []

    def test_an_environment_that_only_the_ledger_has_blocks_every_deletion(self, world):
        world.make("old")
        world.record(queued())
        world.beanstalk.described.clear()
        assert not world.clean().is_complete
        assert world.beanstalk.deleted == []
        assert "does not list shop-staging" in world.alert_texts["clean_up_incomplete"]

    def test_a_deployment_requested_before_the_mark_keeps_its_version(self, world):
        world.make("old")
        world.once_before("beanstalk.application_versions", lambda: world.ask(DEPLOY_OLD))
        world.clean()
        assert world.beanstalk.deleted == []

    @pytest.mark.parametrize("request_after", [DEPLOY_OLD, Pin(application="shop", label="old")])
    def test_a_request_after_the_mark_must_be_tried_again(self, world, request_after):
        world.make("old")
        answers: list[Any] = []
        world.once_before("beanstalk.delete_version", lambda: answers.append(world.ask(request_after)))
        world.clean()
        assert world.beanstalk.deleted == ["old"]
        assert [answer.code for answer in answers] == [RefusalCode.TRY_AGAIN]
        assert world.environment(STAGING).deployments == []

    def test_a_pin_between_the_look_and_the_mark_keeps_its_version_and_no_other(self, world):
        world.make("old", 60)
        world.make("other", 50)
        world.once_before("ledger.marks.mark_for_deletion", lambda: world.ask(Pin(application="shop", label="old")))
        world.clean()
        assert world.beanstalk.deleted == ["other"]

    @pytest.mark.parametrize(
        ("call", "shares"), [("ledger.marks.mark_for_deletion", True), ("beanstalk.delete_version", False)]
    )
    def test_a_second_label_keeps_the_bundle_or_gets_its_own(self, world, call, shares):
        """Before the mark, the second label shares the bundle. After the mark, the second label gets a new copy."""
        world.make("old")
        copy = release(key="shop/new/old.war", sha256=b"oldshop".hex())
        second = version("2.0", release=copy, drop="again", reserved_at=NOW)
        reserved: list[Any] = []
        world.once_before(call, lambda: reserved.append(reserve(world.ledger, second, is_stated=True)))
        world.clean()
        assert world.beanstalk.deleted == ["old"]
        assert (reserved[0].release.key == key("old")) is shares
        assert world.bundles.deleted == ([] if shares else [key("old")])

    def test_a_drop_of_the_same_bytes_waits_while_its_version_is_deleted(self, world):
        world.make("old")
        again = version("old", release=release(sha256=b"oldshop".hex()), drop="again", reserved_at=NOW)
        refusals: list[bool] = []

        def drop() -> None:
            with pytest.raises(NotNow):
                reserve(world.ledger, again)
            refusals.append(True)

        world.once_before("beanstalk.delete_version", drop)
        world.clean()
        assert refusals == [True]
        assert reserve(world.ledger, again) == again

    def test_a_drop_that_found_its_version_before_the_mark_is_not_accepted_after_it(self, world):
        world.make("old")
        receipt = Receipt(drop="again", status=ReceiptStatus.ACCEPTED, reason="", at=NOW, label="old")
        refusals: list[bool] = []

        def accept() -> None:
            with pytest.raises(Outdated):
                world.ledger.write(Change([queued(label="old")]), receipt)
            refusals.append(True)

        world.once_before("beanstalk.delete_version", accept)
        world.clean()
        accept()
        assert refusals == [True, True]

    def test_a_mark_expires_after_20_minutes(self, world):
        world.make("old")
        world.ledger.marks.mark_for_deletion(world.cleaner().plan(NOW).decisions, NOW)
        world.now = NOW + timedelta(minutes=19)
        assert world.ask(DEPLOY_OLD).code is RefusalCode.TRY_AGAIN
        world.now = NOW + timedelta(minutes=21)
        assert "is queued" in world.ask(DEPLOY_OLD).text

    def test_a_clean_up_during_somebody_elses_update_is_finished_after_it(self, world):
        world.make("old")
        world.show(PROD, id="e-2", status="Updating", version_label="live")
        report = world.clean()
        assert (world.beanstalk.deleted, report.is_complete) == ([], False)
        world.show(PROD, id="e-2", version_label="live")
        assert world.clean().is_complete
        assert world.beanstalk.deleted == ["old"]


class TestFailures:
    def test_each_failure_is_reported_and_the_other_versions_go(self, world):
        for number, label in enumerate(["busy", "a", "forbidden", "b"]):
            world.make(label, 100 - number)
        world.beanstalk.failing = {
            "busy": NotNow("An operation is already in progress, please retry again shortly."),
            "forbidden": Refused("AccessDenied: no"),
        }
        report = world.clean()
        assert world.beanstalk.deleted == ["a", "b"]
        assert sorted(world.bundles.deleted) == [key("a"), key("b")]
        assert not report.is_complete
        assert "2 could not be deleted (busy of shop: An operation is" in world.alert_texts["clean_up_incomplete"]
        assert not world.is_marked("busy")
        world.beanstalk.failing.clear()
        assert world.clean().is_complete
        assert world.beanstalk.deleted == ["a", "b", "busy", "forbidden"]

    def test_a_version_that_is_already_gone_is_not_counted_and_its_bundle_goes(self, world):
        world.make("old")
        world.once_before("beanstalk.delete_version", world.beanstalk.listed.clear)
        report = world.clean()
        assert (report.deleted, report.freed_bytes, report.failures) == (0, 1000, [])

    def test_a_version_that_remains_after_its_deletion_is_a_failure_and_is_deleted_later(self, world):
        for label in ("old", "stays"):
            world.make(label)
        world.beanstalk.staying = {"stays"}
        report = world.clean()
        assert (report.deleted, report.versions_after, report.is_complete) == (1, 1, False)
        assert world.bundles.deleted == [key("old")]
        assert (
            "1 could not be deleted (stays of shop: Beanstalk accepted the deletion, but still lists the version)"
            in world.alert_texts["clean_up_incomplete"]
        )
        assert world.is_recorded("stays")
        assert not world.is_marked("stays")
        world.beanstalk.staying = set()
        assert world.clean().is_complete
        assert world.beanstalk.deleted == ["old", "stays"]

    def test_a_version_of_another_application_with_the_same_label_does_not_count(self, world):
        world.make("old")
        world.beanstalk.make("old", 0, application="other")
        assert world.clean().deleted == 1

    def test_three_versions_that_remain_stop_the_clean_up(self, world):
        labels = {f"v{number}" for number in range(4)}
        for label in labels:
            world.make(label)
        world.beanstalk.staying = labels
        report = world.clean()
        assert (report.deleted, report.stopped) == (0, "3 versions in a row could not be deleted")
        assert not any(world.is_marked(label) for label in labels)

    def test_if_the_versions_cannot_be_listed_after_a_deletion_it_is_confirmed_by_the_next_clean_up(self, world):
        world.make("old", 5)
        world.before["beanstalk.delete_version"] = lambda: world.before.update(
            {"beanstalk.application_versions": once(raising(NotNow("Rate exceeded")))}
        )
        report = world.clean()
        assert (report.deleted, report.stopped) == (0, "Rate exceeded")
        assert world.is_marked("old")
        world.before.clear()
        assert world.clean().freed_bytes == 1000
        assert not world.is_recorded("old")

    def test_three_failures_in_a_row_stop_the_clean_up_and_leave_no_mark(self, world):
        labels = [f"v{number}" for number in range(6)]
        for number, label in enumerate(labels):
            world.make(label, 100 - number)
        world.beanstalk.failing = {label: NotNow("Rate exceeded") for label in labels[1:]}
        report = world.clean()
        assert world.beanstalk.deleted == ["v0"]
        assert len(report.failures) == 3
        assert report.stopped == "3 versions in a row could not be deleted"
        assert not any(world.is_marked(label) for label in labels)
        assert not world.is_recorded("v0")

    def test_a_throttled_look_stops_the_clean_up_and_leaves_no_mark(self, world):
        world.make("old")
        world.before_second(LOOK, raising(NotNow("Rate exceeded")))
        report = world.clean()
        assert (world.beanstalk.deleted, report.stopped, report.is_complete) == ([], "Rate exceeded", False)
        assert not world.is_marked("old")

    def test_a_bundle_that_could_not_be_deleted_is_deleted_by_the_next_clean_up(self, world):
        world.make("old")
        world.bundles.failing = {key("old"): "AccessDenied: no"}
        report = world.clean()
        assert (report.deleted, report.freed_bytes, report.is_complete) == (1, 0, False)
        world.bundles.failing = {}
        assert world.clean().freed_bytes == 1000

    def test_at_its_deadline_it_stops_and_the_next_clean_up_continues(self, world):
        labels = [f"v{number}" for number in range(5)]
        for number, label in enumerate(labels):
            world.make(label, 100 - number)
        world.deadline = NOW + timedelta(seconds=90)
        world.before["beanstalk.delete_version"] = lambda: world.wait(30)
        report = world.clean()
        assert world.beanstalk.deleted == ["v0", "v1", "v2"]
        assert (report.stopped, report.is_complete) == ("the time limit was reached", False)
        assert world.bundles.deleted == []
        world.deadline = FAR_DEADLINE
        assert world.clean().is_complete
        assert world.beanstalk.deleted == labels
        assert sorted(world.bundles.deleted) == [key(label) for label in labels]

    def test_a_clean_up_that_is_killed_after_a_deletion_is_finished_by_the_next_one(self, world):
        """The bundles are too young to count as unreferenced. Their marks show that they belong to deleted versions."""
        world.make("old", 5)
        world.make("other", 4)
        for call in ("ledger.marks.record_deleted", "ledger.marks.unmark"):
            world.before[call] = raising(Crash())
        with pytest.raises(Crash):
            world.clean()
        assert world.beanstalk.deleted == ["old", "other"]
        world.before.clear()
        world.wait(60)
        report = world.clean()
        assert (report.deleted, report.freed_bytes) == (0, 2000)
        assert not world.is_recorded("old")

    def test_an_invalid_configuration_blocks_its_own_application_only(self, world):
        world.make("old")
        world.make("old", application="mall")
        world.parameters.documents |= {"shop": "versions: {keep_last: many}", "mall": ONLY_FIXED_RULES}
        report = world.clean()
        assert set(world.beanstalk.listed) == {("shop", "old")}
        assert [entry.partition(":")[0] for entry in report.blocked] == ["old of shop"]


class TestWhenItRuns:
    @pytest.mark.parametrize(("hours", "runs"), [(23, False), (23.49, False), (23.5, True), (24, True)])
    def test_a_tick_cleans_up_if_the_last_clean_up_began_23_and_a_half_hours_ago(self, world, hours, runs):
        assert world.tick() is not None
        world.now = NOW + timedelta(hours=hours)
        assert (world.tick() is not None) is runs

    def test_with_a_nearly_full_quota_every_tick_cleans_up_and_one_alert_a_day_says_so(self, world):
        world.clean()
        world.beanstalk.quota = 20
        for number in range(20):
            world.beanstalk.make(f"theirs{number}", 50)
        for hour in (1, 2):
            world.now = NOW + timedelta(hours=hour)
            assert world.tick() is not None
        assert world.alert_kinds == ["version_quota_low"]

    def test_the_next_tick_continues_a_clean_up_that_left_work_over(self, world):
        world.make("busy")
        world.beanstalk.failing = {"busy": NotNow("busy")}
        world.clean()
        world.beanstalk.failing = {}
        world.now = NOW + timedelta(hours=1)
        assert world.tick() is not None
        assert world.beanstalk.deleted == ["busy"]

    def test_a_requested_clean_up_that_left_work_over_is_continued_within_an_hour(self, world):
        assert world.tick().is_complete
        world.make("busy")
        world.beanstalk.failing = {"busy": NotNow("busy")}
        assert not world.clean("jane").is_complete
        world.beanstalk.failing = {}
        world.now = NOW + timedelta(hours=1)
        assert world.tick() is not None
        assert world.beanstalk.deleted == ["busy"]

    def test_two_clean_ups_do_not_run_at_once(self, world):
        world.make("old")
        second: list[Any] = []
        cleaner = world.cleaner()
        world.once_before("beanstalk.delete_version", lambda: second.append(cleaner(lambda: world.now, FAR_DEADLINE)))
        world.clean()
        assert second == [None]

    def test_a_killed_clean_up_blocks_others_until_two_minutes_after_its_deadline(self, world):
        world.deadline = NOW + timedelta(minutes=14)
        world.before["ledger.clean_ups.end"] = raising(Crash())
        with pytest.raises(Crash):
            world.clean()
        world.before.clear()
        cleaner = world.cleaner()
        world.now = NOW + timedelta(minutes=16)
        assert cleaner(lambda: world.now, FAR_DEADLINE) is None
        world.now = NOW + timedelta(minutes=16, seconds=1)
        assert cleaner(lambda: world.now, FAR_DEADLINE) is not None
