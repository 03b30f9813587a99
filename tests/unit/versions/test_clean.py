"""What clean-up deletes, in which order, and what it leaves alone while others are at work."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from msgspec.structs import replace

from tests.unit.conftest import ledger_table
from tests.unit.fakes import FakeCleanUps, FakeMailbox, FakeParameters
from tests.unit.samples import (
    NOW,
    TABLE,
    drop,
    environment,
    good,
    queued,
    release,
    version,
)
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Marks
from wardrop.aws.ledger.table import Table
from wardrop.commands.answers import RefusalCode
from wardrop.commands.caller import Caller
from wardrop.commands.requests import Deploy, Pin, Resume, Rollback, Unpin
from wardrop.commands.run import RunCommand
from wardrop.configuration.load import Configurations
from wardrop.deployments.change import Change
from wardrop.deployments.state import State
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.environments.model import Environment, Instance
from wardrop.environments.version import ApplicationVersion
from wardrop.errors import NotNow, Outdated, Refused
from wardrop.versions.clean import CleanVersions
from wardrop.versions.inventory import StoredBundle
from wardrop.versions.plan import BATCH_SIZE
from wardrop.versions.report import CleanUpReport

BARE = "versions: {keep_last: 0, keep_for: 0s, keep_good_per_environment: 1}"
LATER = NOW + timedelta(days=100)
HERE, PROD = "shop-staging", "shop-prod"


def key(label: str, application: str = "shop") -> str:
    return f"{application}/{'0' * 32}/{label}.war"


class Region:
    """Beanstalk, whose DeleteApplicationVersion takes also what runs; `before` hears of every call."""

    def __init__(self) -> None:
        self.quota = 1000
        self.there: dict[tuple[str, str], ApplicationVersion] = {}
        self.shown: dict[str, Environment] = {
            name: environment(name=name, id=f"e-{name}", version_label="live") for name in (HERE, PROD)
        }
        self.deleted: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.before: Callable[[str], None] = lambda _: None
        self.check: Callable[[str], None] = lambda _: None
        """Gets the label that is about to be deleted."""

        self.calls: list[str] = []

    def make(self, label: str, age: float = 0, application: str = "shop", **bundle: Any) -> None:
        where = {"bucket": "releases", "key": key(label, application)} | bundle
        made = ApplicationVersion(application=application, label=label, created_at=NOW - timedelta(days=age), **where)
        self.there[application, label] = made

    def version_quota(self) -> int:
        return self._called("version_quota", self.quota)

    def application_versions(self) -> list[ApplicationVersion]:
        self._called("application_versions")
        return list(self.there.values())

    def version_count(self) -> int:
        return len(self.application_versions())

    def lasting_environments(self, application: str | None = None) -> list[Environment]:
        self._called("lasting_environments")
        return [one for one in self.shown.values() if application in (None, one.application)]

    def delete_version(self, application: str, label: str) -> bool:
        self._called("delete_version")
        self.check(label)
        if error := self.failing.get(label):
            raise error
        self.deleted.append(label)
        return self.there.pop((application, label), None) is not None

    # For people's wishes

    def environments(self, names: list[str]) -> dict[str, Environment]:
        return {name: one for name, one in self.shown.items() if name in names}

    def versions(self, application: str, labels: list[str]) -> dict[str, datetime]:
        found = {label: self.there.get((application, label)) for label in labels}
        return {label: one.created_at for label, one in found.items() if one}

    def has_version(self, application: str, label: str) -> bool:
        return (application, label) in self.there

    def instances(self, _environment: str) -> tuple[Instance, ...]:
        return ()

    def _called(self, name: str, answer: Any = None) -> Any:
        self.calls.append(name)
        self.before(name)
        return answer


class Store:
    """The release bucket."""

    release_bucket = "releases"

    def __init__(self) -> None:
        self.objects: list[StoredBundle] = []
        self.wrong: dict[str, str] = {}
        self.deleted: list[str] = []

    def put(self, label: str, age: float = 0, application: str = "shop", version_id: str = "r1") -> None:
        at = NOW - timedelta(days=age)
        self.objects.append(StoredBundle(key=key(label, application), version_id=version_id, size=1000, modified_at=at))

    def kept(self) -> Iterator[StoredBundle]:
        return iter(list(self.objects))

    def delete(self, bundles: Any) -> dict[str, str]:
        self.deleted += [one.key for one in bundles if one.key not in self.wrong]
        self.objects = [one for one in self.objects if one not in bundles or one.key in self.wrong]
        return {one.key: self.wrong[one.key] for one in bundles if one.key in self.wrong}


class World:
    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.ledger, self.marks = Ledger(Table(dynamodb, TABLE)), Marks(Table(dynamodb, TABLE))
        self.region, self.store, self.parameters = Region(), Store(), FakeParameters()
        self.parameters.documents["shop"] = BARE
        self.now = NOW
        outside: list[Any] = [self.region, self.store, self.ledger, self.marks]
        configurations = Configurations(self.parameters, self.ledger)  # type: ignore[arg-type]
        self.clean = CleanVersions(*outside, configurations, "*")
        commands: list[Any] = [self.region, self.ledger, FakeMailbox(), configurations, self.marks, FakeCleanUps()]
        self.ask = RunCommand(*commands)
        self.run_until = LATER

    def own(self, label: str, age: float = 100, application: str = "shop", **differs: Any) -> None:
        """A version of Wardrop's: in Beanstalk, in the release bucket and in the ledger."""
        self.region.make(label, age, application)
        self.store.put(label, age, application)
        self.reserve(label, age, application, **differs)

    def reserve(self, label: str, age: float = 100, application: str = "shop", **differs: Any) -> None:
        made = release(key=key(label, application), sha256=f"{label}{application}".encode().hex())
        about = {"release": made, "application": application, "reserved_at": NOW - timedelta(days=age), "drop": label}
        assert self.ledger.reserve(version(label, **(about | differs))) is not None

    def go(self, asked_by: str | None = None) -> CleanUpReport:
        cleaned = self.clean(lambda: self.now, self.run_until, asked_by)
        assert cleaned is not None
        return cleaned

    def wish(self, request: Any) -> Any:
        return self.ask(request, Caller(arn="arn:aws:iam::1:user/jane", at=self.now))

    def once(self, call: str, happens: Callable[[], Any]) -> None:
        """Somebody does something right before the first such call."""

        def before(name: str) -> None:
            if name == call:
                self.region.before = lambda _: None
                happens()

        self.region.before = before

    @property
    def alerts(self) -> dict[str, str]:
        items = self.dynamodb.scan(TableName=TABLE)["Items"]
        return {one["kind"]["S"]: one["text"]["S"] for one in items if one["pk"]["S"].startswith("alerts/")}


@pytest.fixture
def world(dynamodb) -> World:
    return World(dynamodb)


class TestDeleting:
    def test_the_oldest_goes_first_with_its_bundle_and_its_label_stays_that_of_its_bytes(self, world):
        world.own("old", 50)
        world.own("older", 60)
        world.own("live", 70)
        cleaned = world.go()
        assert world.region.deleted == ["older", "old"]
        assert sorted(world.store.deleted) == [key("old"), key("older")]
        assert (cleaned.deleted, cleaned.freed_bytes, cleaned.versions_before, cleaned.versions_after) == (
            2,
            2000,
            3,
            1,
        )
        assert world.ledger.version("shop", "old") is None
        assert world.ledger.version("shop", "live") is not None
        assert world.alerts == {
            "versions_cleaned": "clean-up deleted 2 application versions and freed 0.0 MB; "
            "the region now has 1 of 1,000 versions (3 before)"
        }

    def test_the_same_bytes_again_get_their_label_again_and_other_bytes_do_not(self, world):
        world.own("old")
        world.go()
        new = release(key="shop/new/old.war", sha256=b"other".hex())
        assert world.ledger.reserve(version("old", release=new, drop="other")) is None
        again = version("renamed", release=release(key="shop/new/old.war", sha256=b"oldshop".hex()), drop="again")
        found = world.ledger.reserve(again)
        assert found == replace(again, label="old")
        assert world.ledger.version("shop", "old") == found
        assert world.ledger.reserve(replace(again, drop="third")) == found

    def test_nothing_to_do_is_not_told(self, world):
        world.own("live")
        assert world.go().is_complete
        assert world.alerts == {}

    def test_who_asked_is_told_also_of_nothing(self, world):
        world.go("jane")
        assert world.alerts["versions_cleaned"].startswith(
            "clean-up, requested by jane, deleted 0 application versions"
        )

    def test_only_applications_that_are_served(self, world):
        world.own("old", application="mall")
        world.parameters.documents["mall"] = BARE
        shop_only = dataclasses.replace(world.clean, applications="shop*")
        assert shop_only(lambda: world.now, LATER) is not None
        assert (world.region.deleted, world.store.deleted) == ([], [])
        world.go()
        assert world.region.deleted == ["old"]

    def test_by_default_what_others_made_stays_and_with_scope_all_it_goes_without_its_bundle(self, world):
        world.region.make("theirs", 900, bucket="elsewhere", key="theirs.war")
        world.region.make("sample", 900, bucket=None, key=None)
        world.go()
        assert world.region.deleted == []
        world.parameters.documents["shop"] = "versions: {keep_last: 0, scope: all}"
        world.go()
        assert sorted(world.region.deleted) == ["sample", "theirs"]
        assert world.store.deleted == []

    def test_what_somebody_else_made_may_be_pinned(self, world):
        world.parameters.documents["shop"] = "versions: {keep_last: 0, scope: all}"
        world.region.make("theirs", 900)
        assert "is pinned by jane" in world.wish(Pin(application="shop", label="theirs")).text
        world.go()
        assert world.region.deleted == []
        world.wish(Unpin(application="shop", label="theirs"))
        world.go()
        assert world.region.deleted == ["theirs"]
        # Nothing of it stays: made anew, it can be deployed.
        world.region.make("theirs", 1)
        assert "is queued" in world.wish(Deploy(environment=HERE, label="theirs")).text

    def test_a_bundle_that_another_version_names_stays(self, world):
        world.own("old")
        world.region.make("live", 1, key=key("old"))
        world.go()
        assert (world.region.deleted, world.store.deleted) == (["old"], [])

    def test_a_bundle_that_a_version_made_meanwhile_names_stays(self, world):
        world.own("old")
        world.once("delete_version", lambda: world.region.make("theirs", 0, key=key("old")))
        world.go()
        assert (world.region.deleted, world.store.deleted) == (["old"], [])

    def test_a_bundle_that_somebody_deleted_already_is_no_trouble(self, world):
        world.own("old")
        world.store.objects.clear()
        cleaned = world.go()
        assert (cleaned.deleted, cleaned.freed_bytes, cleaned.failures) == (1, 0, [])

    def test_orphans_go_after_a_week_and_a_plan_says_so(self, world):
        world.own("live", 30)
        for label, age in (("copy", 8), ("fresh", 6)):
            world.store.put(label, age)
        plan = world.clean.plan(NOW)
        assert (plan.versions_to_delete, plan.bundles_to_delete, plan.bytes_to_free) == (0, 1, 1000)
        world.go()
        assert world.store.deleted == [key("copy")]

    def test_a_drop_that_stopped_between_copy_and_version_goes_after_a_week(self, world):
        world.store.put("stuck", 8)
        world.reserve("stuck", 8)
        world.store.put("on-its-way", 1)
        world.reserve("on-its-way", 1)
        cleaned = world.go()
        assert world.store.deleted == [key("stuck")]
        assert (cleaned.deleted, cleaned.freed_bytes) == (0, 1000)
        assert world.ledger.version("shop", "stuck") is None
        assert world.ledger.version("shop", "on-its-way") is not None

    def test_an_application_that_is_gone_leaves_nothing_behind(self, world):
        world.store.put("old", 30, "closed")
        world.reserve("old", 30, "closed")
        world.go()
        assert world.store.deleted == [key("old", "closed")]
        assert world.ledger.version("closed", "old") is None


class TestThePlan:
    def test_it_tells_of_every_version_why_and_changes_nothing(self, world):
        world.own("old", 50)
        world.own("live", 40)
        world.region.make("theirs", 30)
        before = world.dynamodb.scan(TableName=TABLE)["Items"]
        plan = world.clean.plan(NOW)
        assert [(one.label, one.action.value, one.reason) for one in plan.decisions] == [
            ("old", "delete", "no retention rule keeps it; it was created on 2025-11-13"),
            ("live", "keep", "shop-staging runs it"),
            ("theirs", "keep", "Wardrop did not make it, and `scope` is `own`"),
        ]
        assert (plan.quota, plan.versions, plan.versions_to_delete, plan.bundles_to_delete, plan.bytes_to_free) == (
            1000,
            3,
            1,
            1,
            1000,
        )
        assert world.dynamodb.scan(TableName=TABLE)["Items"] == before
        assert world.region.deleted == []

    def test_it_may_be_of_one_application(self, world):
        world.own("old")
        world.own("old", application="mall")
        assert {one.application for one in world.clean.plan(NOW, "mall").decisions} == {"mall"}


class TestOthersAtWork:
    """Each is told when the versions are marked already, or just before."""

    def test_an_environment_created_since_the_plan_keeps_what_it_runs(self, world):
        world.own("old")
        created = environment(name="new", id="e-9", version_label="old", status="Launching")

        def create(name: str) -> None:
            if name == "lasting_environments" and world.region.calls.count(name) == 2:
                world.region.shown["new"] = created

        world.region.before = create
        world.go()
        assert (world.region.deleted, world.store.deleted) == ([], [])
        assert world.ledger.version("shop", "old").marked_at is None

    def test_environments_are_read_again_before_each_batch(self, world):
        for number in range(BATCH_SIZE + 1):
            world.own(f"v{number:03}", 500 - number)
        world.go()
        looks = [name for name in world.region.calls if name in ("lasting_environments", "delete_version")]
        assert looks == [
            "lasting_environments",
            "lasting_environments",
            *["delete_version"] * BATCH_SIZE,
            "lasting_environments",
            "delete_version",
        ]

    def test_one_that_vanishes_meanwhile_is_no_reason_to_delete_what_it_ran(self, world):
        world.own("old")
        world.region.shown["extra"] = environment(name="extra", id="e-9", version_label="old")
        world.own("other")

        def hide(name: str) -> None:
            if name == "lasting_environments" and world.region.calls.count(name) == 2:
                del world.region.shown["extra"]

        world.region.before = hide
        world.go()
        assert world.region.deleted == []

    def test_an_environment_that_wardrop_knows_and_beanstalk_does_not_show_stops_everything(self, world):
        world.own("old")
        world.ledger.write(Change([queued()]))
        world.region.shown.clear()
        cleaned = world.go()
        assert world.region.deleted == []
        assert not cleaned.is_complete
        assert "does not list shop-staging" in world.alerts["clean_up_incomplete"]

    def test_a_wish_before_the_mark_keeps_its_version(self, world):
        world.own("old")
        world.once("application_versions", lambda: world.wish(Deploy(environment=HERE, label="old")))
        world.go()
        assert world.region.deleted == []

    def test_a_wish_after_the_look_is_refused_until_it_is_over(self, world):
        world.own("old")
        answers: list[Any] = []
        world.once("delete_version", lambda: answers.append(world.wish(Deploy(environment=HERE, label="old"))))
        world.go()
        assert world.region.deleted == ["old"]
        assert [one.code for one in answers] == [RefusalCode.TRY_AGAIN]
        assert world.ledger.now(HERE).deployments == []

    def test_a_pin_after_the_look_is_refused_until_it_is_over(self, world):
        world.own("old")
        answers: list[Any] = []
        world.once("delete_version", lambda: answers.append(world.wish(Pin(application="shop", label="old"))))
        world.go()
        assert [(one.code, one.reason) for one in answers] == [
            (RefusalCode.TRY_AGAIN, "clean-up is about to delete old of shop")
        ]

    def test_a_pin_before_the_mark_keeps_its_version_and_only_that(self, world):
        world.own("old", 60)
        world.own("other", 50)
        world.once("version_quota", lambda: None)
        pin = lambda: world.wish(Pin(application="shop", label="old"))  # noqa: E731
        marking = world.marks.mark_for_deletion

        class Meanwhile(Marks):
            def mark_for_deletion(self, choices: Any, at: datetime) -> Any:
                pin()
                return marking(choices, at)

        world.clean = dataclasses.replace(world.clean, marks=Meanwhile(Table(world.dynamodb, TABLE)))
        world.go()
        assert world.region.deleted == ["other"]

    def test_a_drop_of_the_same_bytes_waits_while_its_version_is_deleted(self, world):
        world.own("old")
        again = version("old", release=release(sha256=b"oldshop".hex()), drop="again", reserved_at=NOW)
        told: list[str] = []

        def dropped() -> None:
            with pytest.raises(NotNow) as error:
                world.ledger.reserve(again)
            told.append(str(error.value))

        world.once("delete_version", dropped)
        world.go()
        assert told == ["clean-up is deleting old, which has the same bytes"]
        assert world.ledger.reserve(again) == again

    def test_a_drop_that_found_its_version_before_the_mark_is_not_accepted_after_it(self, world):
        world.own("old")
        receipt = Receipt(drop="again", status=ReceiptStatus.ACCEPTED, reason="", at=NOW, label="old")

        def accepts() -> None:
            with pytest.raises(Outdated):
                world.ledger.write(Change([queued(label="old")]), receipt)

        world.once("delete_version", accepts)
        world.go()
        with pytest.raises(Outdated):
            world.ledger.write(Change([queued(label="old")]), receipt)

    def test_a_mark_that_was_left_behind_binds_nobody(self, world):
        world.own("old")
        [choice] = world.clean.plan(NOW).decisions
        world.marks.mark_for_deletion([choice], NOW)
        world.now = NOW + timedelta(minutes=19)
        assert world.wish(Deploy(environment=HERE, label="old")).code is RefusalCode.TRY_AGAIN
        world.now = NOW + timedelta(minutes=21)
        assert "is queued" in world.wish(Deploy(environment=HERE, label="old")).text

    def test_somebody_elses_update_is_waited_for(self, world):
        world.own("old")
        world.region.shown[PROD] = environment(name=PROD, id="e-2", status="Updating", version_label="live")
        cleaned = world.go()
        assert (world.region.deleted, cleaned.is_complete) == ([], False)
        world.region.shown[PROD] = environment(name=PROD, id="e-2", version_label="live")
        assert world.go().is_complete
        assert world.region.deleted == ["old"]


class TestWhatGoesWrong:
    def test_each_failure_is_told_and_the_others_go(self, world):
        for number, label in enumerate(["busy", "a", "forbidden", "b"]):
            world.own(label, 100 - number)
        world.region.failing = {
            "busy": NotNow("An operation is already in progress, please retry again shortly."),
            "forbidden": Refused("AccessDenied: no"),
        }
        cleaned = world.go()
        assert world.region.deleted == ["a", "b"]
        assert sorted(world.store.deleted) == [key("a"), key("b")]
        assert not cleaned.is_complete
        assert "2 could not be deleted (busy of shop: An operation is" in world.alerts["clean_up_incomplete"]
        assert world.ledger.version("shop", "busy").marked_at is None
        world.region.failing.clear()
        assert world.go().is_complete
        assert world.region.deleted == ["a", "b", "busy", "forbidden"]

    def test_what_time_does_not_help_is_no_reason_to_come_back_every_hour(self, world):
        world.own("forbidden")
        world.region.failing = {"forbidden": Refused("AccessDenied: no")}
        assert world.go().is_complete

    def test_a_version_deleted_meanwhile_is_not_counted_and_its_bundle_goes(self, world):
        world.own("old")
        world.once("delete_version", lambda: world.region.there.clear())
        cleaned = world.go()
        assert (cleaned.deleted, cleaned.freed_bytes, cleaned.failures) == (0, 1000, [])

    def test_three_failures_in_a_row_end_the_run(self, world):
        for number in range(6):
            world.own(f"v{number}", 100 - number)
        world.region.failing = {f"v{number}": NotNow("Rate exceeded") for number in range(1, 6)}
        cleaned = world.go()
        assert world.region.deleted == ["v0"]
        assert len(cleaned.failures) == 3
        assert "3 versions in a row could not be deleted" in cleaned.text()
        assert all(world.ledger.version("shop", f"v{number}").marked_at is None for number in range(1, 6))
        assert world.ledger.version("shop", "v0") is None

    def test_throttled_at_the_look_before_a_batch_it_deletes_nothing_and_goes_on_later(self, world):
        world.own("old")

        def throttle(name: str) -> None:
            if name == "lasting_environments" and world.region.calls.count(name) == 2:
                raise NotNow("Rate exceeded")

        world.region.before = throttle
        cleaned = world.go()
        assert (world.region.deleted, cleaned.stopped, cleaned.is_complete) == ([], "Rate exceeded", False)
        assert world.ledger.version("shop", "old").marked_at is None

    def test_a_bundle_that_cannot_be_deleted_is_told_and_tried_again(self, world):
        world.own("old")
        world.store.wrong = {key("old"): "AccessDenied: no"}
        cleaned = world.go()
        assert (cleaned.deleted, cleaned.freed_bytes, cleaned.is_complete) == (1, 0, False)
        world.store.wrong = {}
        assert world.go().freed_bytes == 1000

    def test_before_its_time_is_up_it_stops_and_the_next_run_goes_on(self, world):
        for number in range(5):
            world.own(f"v{number}", 100 - number)
        world.run_until = NOW + timedelta(seconds=90)

        def slow(name: str) -> None:
            world.now += timedelta(seconds=30 if name == "delete_version" else 0)

        world.region.before = slow
        cleaned = world.go()
        assert world.region.deleted == ["v0", "v1", "v2"]
        assert not cleaned.is_complete
        assert "it stopped early and continues within an hour: the time limit was reached" in cleaned.text()
        assert world.store.deleted == []
        world.region.before, world.run_until = lambda _: None, LATER
        assert world.go().is_complete
        assert world.region.deleted == ["v0", "v1", "v2", "v3", "v4"]
        assert sorted(world.store.deleted) == [key(f"v{number}") for number in range(5)]

    def test_one_that_was_killed_after_a_deletion_is_finished_by_the_next(self, world):
        world.own("old", 5)  # its bundle is no orphan yet
        world.own("other", 4)

        class Killed(BaseException):
            pass

        class Dead(Marks):
            def record_deleted(self, *_: Any) -> None:
                raise Killed

            unmark = record_deleted

        whole = world.clean
        world.clean = dataclasses.replace(whole, marks=Dead(Table(world.dynamodb, TABLE)))
        with pytest.raises(Killed):
            world.go()
        assert world.region.deleted == ["old", "other"]
        world.clean = whole
        world.now += timedelta(minutes=1)
        cleaned = world.go()
        assert (cleaned.deleted, cleaned.freed_bytes) == (0, 2000)
        assert world.ledger.version("shop", "old") is None

    def test_a_refused_configuration_deletes_nothing_of_its_application(self, world):
        world.own("old")
        world.own("old", application="mall")
        world.parameters.documents |= {"shop": "versions: {keep_last: many}", "mall": BARE}
        cleaned = world.go()
        assert set(world.region.there) == {("shop", "old")}
        assert cleaned.blocked == [
            "old of shop: the configuration of shop is invalid, so none of its versions are deleted"
        ]


class TestWhenItRuns:
    def test_the_first_tick_cleans_up_and_then_one_a_day(self, world):
        world.own("old")
        assert world.clean.on_tick(lambda: world.now, LATER) is not None
        world.own("newer")
        world.now = NOW + timedelta(hours=23)
        assert world.clean.on_tick(lambda: world.now, LATER) is None
        world.now = NOW + timedelta(hours=23, minutes=59)
        assert world.clean.on_tick(lambda: world.now, LATER) is not None
        assert world.region.deleted == ["old", "newer"]

    def test_with_little_room_every_tick_does_and_a_person_is_told_once_a_day(self, world):
        world.go()
        world.region.quota = 20
        for number in range(20):
            world.region.make(f"theirs{number}", 50)
        for hour in (1, 2):
            world.now = NOW + timedelta(hours=hour)
            assert world.clean.on_tick(lambda: world.now, LATER) is not None
        assert world.alerts == {
            "version_quota_low": "the region has 20 of 20 application versions after clean-up; see which versions "
            "are kept and why; then unpin versions, keep fewer, or ask AWS for a higher quota"
        }

    def test_what_was_left_over_is_taken_up_by_the_next_tick(self, world):
        world.own("busy")
        world.region.failing = {"busy": NotNow("busy")}
        world.go()
        world.region.failing = {}
        world.now = NOW + timedelta(hours=1)
        assert world.clean.on_tick(lambda: world.now, LATER) is not None
        assert world.region.deleted == ["busy"]

    def test_two_do_not_run_at_once_and_one_that_died_blocks_nobody_for_long(self, world):
        world.own("old")
        inner: list[Any] = []
        world.run_until = NOW + timedelta(minutes=14)
        world.once("delete_version", lambda: inner.append(world.clean(lambda: world.now, LATER)))
        world.go()
        assert inner == [None]
        assert world.ledger.clean_ups.begin(world.now, world.now + timedelta(minutes=16))
        assert world.clean(lambda: world.now, LATER) is None
        world.now += timedelta(minutes=17)
        assert world.clean(lambda: world.now, LATER) is not None


LABELS = [f"v{number}" for number in range(5)]
HAPPENINGS = ["deploy", "rollback", "pin", "unpin", "start", "finish", "resume", "drop", "nothing", "nothing"]
FOREIGN = ["create", "update"]


class History:
    """Wardrop and people at work between any two of clean-up's calls, and what no deletion may meet."""

    def __init__(self, world: World, choose: Callable[[list[str]], str], keep: dict[str, int]) -> None:
        self.world, self.choose, self.keep = world, choose, keep
        self.drops = 0
        world.region.before, world.region.check = self.before, self.check

    def check(self, label: str) -> None:
        assert label not in self.protected(), f"{label} is protected"

    def protected(self) -> set[str]:
        """By a look at everything as it is at this moment."""
        found = {one.version_label for one in self.world.region.shown.values() if one.version_label}
        for name in self.world.region.shown:
            known = self.world.ledger.now(name)
            found |= {one.label for one in known.deployments}
            found |= {one.label for one in known.standing.good[: self.keep["good"]]}
            if known.standing.hold and known.standing.hold.label:
                found.add(known.standing.hold.label)
        found |= {one.label for one in self.world.marks.version_records("shop").values() if one.pinned_by}
        newest = sorted(self.world.region.there.values(), key=lambda one: (one.created_at, one.label), reverse=True)
        found |= {one.label for one in newest[: self.keep["last"]]}
        return found | {one.label for one in newest if self.world.now - one.created_at < timedelta(days=5)}

    def before(self, call: str) -> None:
        """What others do without Wardrop can only be seen by a look at the environments."""
        self.happen(self.choose(HAPPENINGS + (FOREIGN if call == "lasting_environments" else [])))

    def happen(self, what: str) -> None:
        self.world.now += timedelta(seconds=1)
        world, name = self.world, self.choose([HERE, PROD])
        label = self.choose(LABELS)
        match what:
            case "deploy":
                world.wish(Deploy(environment=name, label=label))
            case "rollback":
                world.wish(Rollback(environment=name))
            case "resume":
                world.wish(Resume(environment=name))
            case "pin":
                world.wish(Pin(application="shop", label=label))
            case "unpin":
                world.wish(Unpin(application="shop", label=label))
            case "start" | "finish":
                self.advance(name, what)
            case "drop":
                self.drop(name, label)
            case "create":
                if ("shop", label) in world.region.there:
                    made = environment(name=f"by-hand-{label}", id=label, status="Launching", version_label=label)
                    world.region.shown[made.name] = made
            case "update":
                if ("shop", label) in world.region.there:
                    world.region.shown[name] = replace(world.region.shown[name], version_label=label)

    def advance(self, name: str, what: str) -> None:
        """AdvanceDeployment's writes, in short."""
        ledger, known = self.world.ledger, self.world.ledger.now(name)
        for one in known.deployments[:1]:
            if what == "start" and one.state is State.QUEUED:
                ledger.write(Change([one.moved(State.DEPLOYING, "", self.world.now)]))
            elif what == "finish" and one.state is State.DEPLOYING:
                proven = [good(one.label), *(each for each in known.standing.good if each.label != one.label)]
                ledger.write(
                    Change(
                        [one.moved(State.SUCCEEDED, "", self.world.now)], standing=replace(known.standing, good=proven)
                    )
                )
                shown = self.world.region.shown
                shown[name] = replace(shown[name], version_label=one.label)

    def drop(self, name: str, label: str) -> None:
        """ReceiveDrop's writes, in short: the same bytes always, so a label may be revived."""
        self.drops += 1
        world, its_id = self.world, f"drop-{self.drops}"
        made = release(key=key(f"{label}-{self.drops}"), sha256=label.encode().hex())
        try:
            found = world.ledger.reserve(
                version(label, release=made, drop=its_id, reserved_at=world.now, description=drop().id)
            )
            if found is None:
                return  # it goes on with another label
            there = world.region.there.get(("shop", label))
            if there is None:
                world.region.make(label, (NOW - world.now).total_seconds() / 86400, key=found.release.key)
            elif there.key != found.release.key:
                return  # it goes on with another label
            waiting = queued(its_id, label, environment=name, release=found.release)
            receipt = Receipt(drop=its_id, status=ReceiptStatus.ACCEPTED, reason="", at=world.now, label=label)
            world.ledger.write(Change([waiting]), receipt)
        except (NotNow, Outdated):
            """It is delivered again."""


@settings(max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # moto takes 10 ms for a call
@given(data=st.data(), keep_last=st.integers(0, 2), keep_good=st.integers(1, 2))
def test_no_protected_version_is_ever_deleted_whatever_happens_between_its_calls(data, keep_last, keep_good):
    with mock_aws():
        world = World(ledger_table())
        world.parameters.documents["shop"] = (
            f"versions: {{keep_last: {keep_last}, keep_for: 5d, keep_good_per_environment: {keep_good}, scope: all}}"
        )
        for number, label in enumerate(LABELS):
            if data.draw(st.booleans(), label=f"{label} is ours"):
                world.own(label, 20 - number, release=release(key=key(label), sha256=label.encode().hex()))
            else:
                world.region.make(label, 20 - number)
        history = History(
            world, lambda options: data.draw(st.sampled_from(options)), {"last": keep_last, "good": keep_good}
        )
        for _ in range(2):
            for _ in range(data.draw(st.integers(0, 4))):
                history.happen(data.draw(st.sampled_from(HAPPENINGS + FOREIGN)))
            world.go()
            world.now += timedelta(hours=1)


def test_the_history_test_can_fail(dynamodb):
    """Without marks a wish between the last look and the deletion would lose its version."""
    world = World(dynamodb)
    world.own("v0")
    History(world, lambda options: options[-1], {"last": 0, "good": 1})
    world.once("delete_version", lambda: world.wish(Deploy(environment=HERE, label="v0")))
    world.clean = dataclasses.replace(world.clean, marks=Blind(Table(dynamodb, TABLE)))
    with pytest.raises(AssertionError, match="v0 is protected"):
        world.go()


class Blind(Marks):
    """Dooms nothing, and says it did."""

    def mark_for_deletion(self, choices: Any, _at: datetime) -> Any:
        return list(choices)
