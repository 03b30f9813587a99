"""One look at one environment: what is read, what is written before and after the call, and what a crash leaves."""

import importlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.unit.fakes import Counted, FakeBeanstalk, FakeBundles, FakeDeadLetters, FakeMailbox, FakeParameters
from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    OUR_REQUEST,
    SETTLE,
    THEIR_REQUEST,
    completed,
    environment,
    event_files,
    instance,
    queued,
    seconds,
    started,
)
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.load import Configurations
from wardrop.deployments.advance import FRESH, AdvanceDeployment, Look
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Asked, Deployment
from wardrop.deployments.state import State
from wardrop.deployments.steps import Adopt, Deploy, End, Recheck, Report, Requeue, Wait
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.environments.model import Environment, Health, Progress
from wardrop.errors import NotNow, Outdated, Refused


class Crash(BaseException):
    """The invocation dies: nothing after it runs."""


class World:
    """One environment, its ledger, and a clock."""

    def __init__(self, ledger) -> None:
        self.ledger, self.beanstalk, self.bundles, self.mailbox = ledger, FakeBeanstalk(), FakeBundles(), FakeMailbox()
        self.calls: list[str] = []
        self.now = NOW
        counted: list[Any] = [
            Counted(one, self.calls) for one in (self.beanstalk, self.bundles, self.ledger, self.mailbox)
        ]
        self.parameters = FakeParameters()
        configurations = Configurations(self.parameters, counted[2])
        self.advance = AdvanceDeployment(*counted, configurations=configurations, settle=SETTLE)

    def drop(self, name: str = "d-1", label: str = NEW, minutes: float = 0) -> None:
        receipt = Receipt(drop=name, status=ReceiptStatus.ACCEPTED, reason="", at=NOW)
        self.ledger.write(Change([queued(name, label, minutes)]), receipt)

    def look(self, *wake_ups: WakeUp, after: float = 0) -> Look:
        self.now += seconds(after)
        self.calls.clear()
        return self.advance("shop-staging", wake_ups or [WakeUp(environment="shop-staging", cause="tick")], self.now)

    def shows(self, *fleet, **differs: Any) -> None:
        self.beanstalk.shown["shop-staging"] = environment(**differs)
        self.beanstalk.fleet = fleet

    def done(self, label: str = NEW) -> None:
        """Beanstalk has finished our update."""
        self.shows(instance(1, label), version_label=label, updated_at=self.now)
        self.beanstalk.told = [started(self.now), completed(self.now)]

    def seen(self, ago: float = 1, **differs: Any) -> WakeUp:
        return WakeUp(
            environment="shop-staging", cause="tick", seen=environment(**differs), seen_at=self.now - seconds(ago)
        )

    @property
    def active(self) -> list[Deployment]:
        return self.ledger.now("shop-staging").deployments

    @property
    def ended(self) -> list[Deployment]:
        return self.ledger.history("shop-staging")

    @property
    def alerts(self) -> list[str]:
        items = self.ledger._table._dynamodb.scan(TableName="ledger")["Items"]
        return sorted(one["kind"]["S"] for one in items if one["pk"]["S"].startswith("alerts/"))


@pytest.fixture
def world(ledger) -> World:
    return World(ledger)


class TestTheStraightRoad:
    def test_a_drop_is_claimed_deployed_proven_and_recorded_as_good(self, world):
        world.drop()
        world.shows(instance(1, OLD))
        assert isinstance(world.look().step, Deploy)
        assert world.beanstalk.updates == [("e-1", NEW)]
        [running] = world.active
        assert (running.state, running.update.request_id) == (State.DEPLOYING, OUR_REQUEST)
        assert running.update.deployment_id == 7
        assert running.update.version_label == OLD

        world.shows(status="Updating")
        assert isinstance(world.look(after=30).step, Wait)

        world.done()
        end = world.look(after=60).step
        assert isinstance(end, End)
        assert (world.active, [one.state for one in world.ended]) == ([], [State.SUCCEEDED])
        standing = world.ledger.now("shop-staging").standing
        assert [one.label for one in standing.good] == [NEW, OLD], "what ran well before was adopted"
        assert standing.newest == queued().arrival
        assert world.alerts == ["deployment_started", "deployment_succeeded"]
        assert [moment.state for moment in world.ended[0].history] == [
            State.QUEUED,
            State.DEPLOYING,
            State.SUCCEEDED,
        ]

    def test_a_version_that_is_proven_again_is_good_once(self, world):
        for name in ("d-1", "d-2"):
            world.drop(name)
            world.look()
            world.done()
            world.look(after=60)
        assert [one.label for one in world.ledger.now("shop-staging").standing.good] == [NEW]

    def test_a_failed_deployment_is_recorded_as_failed_and_not_as_good(self, world):
        world.drop()
        world.look()
        world.shows(instance(1, "shop-0.9"), updated_at=NOW)
        world.beanstalk.told = [started(NOW), completed(NOW)]
        world.look(after=SETTLE.total_seconds())
        assert [one.state for one in world.ended] == [State.FAILED]
        assert world.ledger.now("shop-staging").standing.good == []
        assert world.alerts == ["deployment_failed", "deployment_started"]

    def test_bad_health_is_remembered_from_look_to_look(self, world):
        world.drop()
        world.look()
        world.done()
        world.shows(instance(1), version_label=NEW, updated_at=NOW, health=Health.SEVERE)
        steps = [world.look(after=90).step for _ in range(3)]
        assert [type(step) for step in steps] == [Recheck, Recheck, End]
        assert world.ended[0].state is State.FAILED


class TestOneAtATime:
    def test_the_newest_waiting_drop_is_deployed_and_the_others_end_superseded(self, world):
        for minutes, name in enumerate(["d-1", "d-2", "d-3"]):
            world.drop(name, f"shop-{minutes}", minutes)
        assert world.look().label == "shop-2"
        assert {one.id: one.state for one in world.ended} == {"d-1": State.SUPERSEDED, "d-2": State.SUPERSEDED}
        assert world.alerts.count("deployment_superseded") == 2

    def test_what_comes_while_one_is_deployed_waits_and_is_woken_after_it(self, world):
        world.drop("d-1", OLD)
        world.look()
        world.drop("d-2", NEW, minutes=1)
        world.shows(status="Updating")
        world.look(after=30)
        assert len(world.beanstalk.updates) == 1
        world.shows(instance(1, OLD), version_label=OLD, updated_at=world.now)
        world.beanstalk.told = [started(world.now), completed(world.now)]
        world.look(after=30)
        assert [(one.environment, one.cause) for one in world.mailbox.woken] == [("shop-staging", "after/d-1")]
        assert isinstance(world.look().step, Deploy)
        assert world.beanstalk.updates[-1] == ("e-1", NEW)

    def test_a_drop_uploaded_before_what_was_deployed_never_starts(self, world):
        world.drop("d-2", NEW, minutes=5)
        world.look()
        world.done()
        world.look(after=60)
        world.drop("d-1", OLD, minutes=1)
        assert world.look().step is None
        assert world.ended[-1].id == "d-1"
        assert world.ended[-1].state is State.SUPERSEDED
        assert len(world.beanstalk.updates) == 1


class TestWaiting:
    def test_why_it_waits_is_told_once(self, world):
        world.drop()
        world.shows(status="Updating")
        for _ in range(3):
            assert isinstance(world.look(after=60).step, Wait)
        assert world.alerts == ["deployment_waiting"]
        assert world.active[0].reason == "shop-staging is Updating; waiting until it is Ready"

    def test_how_far_a_fleet_is_is_told_as_it_changes_and_never_in_the_way(self, world):
        world.drop()
        world.shows()
        world.look()
        fleet = [instance(1, NEW), instance(2, OLD), instance(3, OLD)]
        world.shows(*fleet, status="Updating")
        assert world.look(after=30).step == Report(
            Progress(done=1, instances=3), "shop-staging is Updating; of 3 instances 1 has shop-2.0, 2 have shop-1.0"
        )
        assert isinstance(world.look(after=30).step, Wait)
        world.shows(fleet[0], instance(2, NEW), fleet[2], status="Updating")
        world.look(after=30)
        assert world.active[0].update.progress == Progress(done=2, instances=3)
        assert world.alerts.count("deployment_progressed") == 2

        world.beanstalk.throttled = True
        assert isinstance(world.look(after=30).step, Wait)

    def test_a_wake_up_that_changes_nothing_makes_few_calls(self, world):
        assert world.look().step is None
        assert world.calls == ["now"]

        world.drop()
        world.shows(status="Updating")
        world.look()
        world.look()
        assert world.calls == ["now", "environments"]

        world.shows()
        world.look()
        world.shows(status="Updating")
        world.look(after=30)
        assert world.calls == ["now", "environments", "instances"]
        world.look(world.seen(status="Updating"))
        assert world.calls == ["now", "instances"]
        world.look(world.seen(status="Updating", reports_instances=False))
        assert world.calls == ["now"]

    def test_what_a_wake_up_saw_stands_for_the_present_only_while_it_is_fresh(self, world):
        world.drop()
        world.look()
        world.look(world.seen(FRESH.total_seconds() + 1, status="Updating"))
        assert "environments" in world.calls

    def test_of_several_wake_ups_the_newest_view_counts(self, world):
        world.drop()
        world.look()
        world.done()
        stale, fresh = world.seen(5, status="Updating"), world.seen(1, version_label=NEW, updated_at=world.now)
        assert isinstance(world.look(fresh, stale).step, End)

    def test_what_a_wake_up_saw_before_the_claim_says_nothing_of_the_update(self, world):
        world.drop()
        world.look()
        before = world.seen(2)
        world.shows(status="Updating")
        world.look(before, after=1)
        assert "environments" in world.calls

    def test_a_deployment_never_starts_from_what_a_wake_up_saw(self, world):
        world.drop()
        world.shows(status="Updating")
        assert isinstance(world.look(world.seen(status="Ready")).step, Wait)
        assert world.beanstalk.updates == []


class TestTheCall:
    def test_the_claim_is_written_before_the_call(self, world):
        world.drop()
        world.beanstalk.answer = Crash()
        with pytest.raises(Crash):
            world.look()
        [claimed] = world.active
        assert (claimed.state, claimed.update.request_id) == (State.DEPLOYING, None)

    def test_when_beanstalk_is_not_ready_after_all_it_is_queued_again_and_tried_later(self, world):
        world.drop()
        world.beanstalk.answer = NotNow("Must be Ready.")
        with pytest.raises(NotNow):
            world.look()
        [waiting] = world.active
        assert (waiting.state, waiting.update) == (State.QUEUED, None)
        world.beanstalk.answer = OUR_REQUEST
        assert isinstance(world.look(after=60).step, Deploy)

    def test_a_call_that_is_throttled_again_and_again_is_told_once(self, world):
        world.drop()
        world.beanstalk.answer = NotNow("Rate exceeded")
        for _ in range(3):
            with pytest.raises(NotNow):
                world.look(after=60)
        assert world.alerts == ["deployment_waiting"]
        assert [moment.reason for moment in world.active[0].history][-1] == "Rate exceeded"
        assert len(world.active[0].history) == 2

    def test_what_beanstalk_refuses_has_failed_with_its_words(self, world):
        world.drop()
        world.beanstalk.answer = Refused("No Application Version named 'shop-2.0' found.")
        world.look()
        [ended] = world.ended
        assert ended.state is State.FAILED
        assert ended.reason == "Beanstalk refused: No Application Version named 'shop-2.0' found."
        assert world.active == []

    def test_a_bundle_that_is_not_what_was_kept_is_never_deployed(self, world):
        world.drop()
        world.bundles.wrong = "its bundle has been overwritten since"
        world.look()
        assert world.beanstalk.updates == []
        assert world.ended[0].reason == f"{NEW} cannot be deployed: its bundle has been overwritten since"

    def test_an_environment_that_is_gone_fails_the_deployment(self, world):
        world.drop()
        world.beanstalk.shown.clear()
        assert isinstance(world.look().step, Recheck)
        world.look(after=900)
        assert world.ended[0].state is State.FAILED

    def test_an_environment_that_is_hidden_for_a_while_fails_nothing(self, world):
        world.drop()
        shown = dict(world.beanstalk.shown)
        world.beanstalk.shown.clear()
        world.look()
        world.beanstalk.shown.update(shown)
        world.shows(status="Updating")
        world.look(after=60)
        assert world.active[0].timers.absent_since is None

    def test_a_version_that_a_person_asks_for_is_never_taken_for_one_just_made(self, world):
        wish = queued(minutes=-600, drop=None, asked=Asked(by="jane", at=NOW))
        world.ledger.write(Change([wish]))
        world.beanstalk.stands = False
        world.look()
        assert world.beanstalk.updates == []
        assert "does not stand for its bundle" in world.ended[0].reason

    def test_a_version_that_was_remade_in_beanstalk_while_ours_waited_is_not_deployed(self, world):
        world.drop()
        world.beanstalk.stands = False
        world.look(after=3600)
        assert world.beanstalk.updates == []
        assert "does not stand for its bundle" in world.ended[0].reason


class TestACrashBetweenClaimAndAnswer:
    @pytest.fixture
    def crashed(self, world) -> World:
        world.drop()
        world.shows(instance(1, OLD))
        world.beanstalk.answer = Crash()
        with pytest.raises(Crash):
            world.look()
        world.beanstalk.answer = OUR_REQUEST
        return world

    def test_an_update_that_began_is_adopted_and_not_begun_again(self, crashed):
        crashed.shows(instance(1), status="Updating")
        crashed.beanstalk.told = [started(NOW)]
        assert isinstance(crashed.look(after=30).step, Adopt)
        crashed.done()
        assert isinstance(crashed.look(after=60).step, End)
        assert crashed.ended[0].state is State.SUCCEEDED
        assert len(crashed.beanstalk.updates) == 1

    def test_an_update_that_never_began_is_called_again_after_two_minutes(self, crashed):
        assert isinstance(crashed.look(after=60).step, Wait)
        assert isinstance(crashed.look(after=61).step, Requeue)
        assert isinstance(crashed.look().step, Deploy)
        assert len(crashed.beanstalk.updates) == 2

    def test_somebody_elses_update_is_waited_for_and_ours_comes_after_it(self, crashed):
        crashed.shows(instance(1, "shop-9", deployment_id=8), status="Updating")
        crashed.beanstalk.told = [started(NOW, THEIR_REQUEST)]
        assert isinstance(crashed.look(after=30).step, Requeue)
        assert isinstance(crashed.look(after=30).step, Wait)
        crashed.shows(instance(1, "shop-9", deployment_id=8), version_label="shop-9")
        assert isinstance(crashed.look(after=60).step, Deploy)

    def test_a_newer_drop_takes_the_place_of_one_whose_call_never_began(self, crashed):
        crashed.drop("d-2", "shop-3.0", minutes=1)
        crashed.look(after=121)
        assert crashed.look().label == "shop-3.0"
        assert crashed.ended[0].state is State.SUPERSEDED


class TestTwoAtOnce:
    def test_whoever_comes_second_stops_before_the_call(self, world, monkeypatch):
        world.drop()
        stale = world.ledger.now("shop-staging")
        world.look()
        monkeypatch.setattr(world.ledger, "now", lambda _environment: stale)
        with pytest.raises(Outdated):
            world.look()
        assert len(world.beanstalk.updates) == 1

    def test_unknown_fields_survive_a_deployments_whole_life(self, world):
        world.drop()
        [there] = world.active
        world.ledger.write(Change([msgspec.structs.replace(there, unknown={"promoted_by": "prod"})]))
        world.look()
        world.done()
        world.look(after=60)
        assert world.ended[0].unknown["promoted_by"] == "prod"


app: Any = importlib.import_module("functions.advance_deployment.app")


class Function:
    """The function, with a verb and a dead-letter queue that only record what they get."""

    def __init__(self) -> None:
        self.looked: list[tuple[str, int]] = []
        self.dead_letters = FakeDeadLetters()
        self.errors: dict[str, Exception] = {}

    def look(self, environment: str, wake_ups: list[WakeUp], _now: object) -> Look:
        self.looked.append((environment, len(wake_ups)))
        if environment in self.errors:
            raise self.errors[environment]
        return Look(NEW, Wait("because"), "because")

    def respond(self, name: str, milliseconds: int = 30_000) -> list[str]:
        answer = app.respond(FILES[name], Context(milliseconds), self.look, self.dead_letters)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def function() -> Function:
    return Function()


class Context:
    def __init__(self, milliseconds: int = 30_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


FILES = event_files("advance_deployment")


class TestTheFunction:
    @pytest.mark.parametrize("name", FILES)
    def test_every_event_file_leads_to_a_look_and_a_malformed_one_to_the_dead_letter_queue(self, function, name):
        assert function.respond(name) == []
        assert bool(function.dead_letters.parked) == name.endswith("_malformed")
        assert bool(function.looked) != name.endswith("_malformed")

    def test_a_batch_leads_to_one_look_at_each_environment(self, function):
        function.respond("batch_of_two_environments")
        assert function.looked == [("shop-staging", 2), ("shop-prod", 1)]

    def test_an_error_at_one_environment_fails_its_messages_only(self, function):
        function.errors["shop-staging"] = RuntimeError("DynamoDB is away")
        failed = function.respond("batch_of_two_environments")
        records = FILES["batch_of_two_environments"]["Records"]
        theirs = [one["messageId"] for one in records if "shop-staging" in one["attributes"]["MessageGroupId"]]
        assert failed == theirs
        assert function.looked[-1] == ("shop-prod", 1)

    def test_without_enough_time_no_look_begins_and_all_messages_are_delivered_again(self, function):
        failed = function.respond("batch_of_two_environments", milliseconds=10_000)
        assert len(failed) == len(FILES["batch_of_two_environments"]["Records"])
        assert function.looked == []

    @pytest.mark.parametrize("error", [NotNow("throttled"), Outdated("changed")])
    def test_an_error_that_the_next_tick_may_mend_fails_no_message(self, function, error):
        function.errors["shop-staging"] = error
        assert function.respond("woken_by_drop") == []


def test_what_was_seen_is_read_as_it_was_sent():
    from wardrop.aws.mailbox import read_wake_up

    [record] = FILES["woken_by_tick_with_what_it_saw"]["Records"]
    read = read_wake_up(record["body"])
    assert isinstance(read.seen, Environment)
    assert read.seen.status == "Updating"
    assert read.seen_at is not None
    assert read.seen_at.utcoffset() == timedelta(0)
