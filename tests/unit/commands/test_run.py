"""What people ask for: who may, what is refused and why, and what is written when it is done."""

import dataclasses
import importlib
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.fakes import FakeBeanstalk, FakeCleanUps, FakeMailbox, FakeParameters
from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    TABLE,
    baking,
    deploying,
    environment,
    event_files,
    good,
    instance,
    queued,
    rolling_back,
    unanswered,
    version,
)
from wardrop.aws.ledger.marks import Marks
from wardrop.aws.ledger.table import Table
from wardrop.commands import intervention, wish
from wardrop.commands.place import Place
from wardrop.commands.requests import (
    Approve,
    Cancel,
    Clean,
    Decline,
    Deploy,
    Deployments,
    Done,
    Environments,
    History,
    Pause,
    Pin,
    Refusal,
    Reply,
    Request,
    Resume,
    Rollback,
    Status,
    Unpin,
    Why,
    read,
)
from wardrop.commands.run import RunCommand
from wardrop.configuration.load import Configurations
from wardrop.configuration.principal import Caller
from wardrop.configuration.rules import Rules
from wardrop.deployments import lifecycle
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Asked, Deployment
from wardrop.deployments.standing import Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import State
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.errors import NotNow, Outdated
from wardrop.versions.plan import Plan

JANE = "arn:aws:sts::123456789012:assumed-role/release-managers/jane"
JOE = "arn:aws:iam::123456789012:user/joe"
HERE = "shop-staging"


class World:
    def __init__(self, ledger) -> None:
        self.ledger, self.beanstalk, self.mailbox, self.parameters = (
            ledger,
            FakeBeanstalk(),
            FakeMailbox(),
            FakeParameters(),
        )
        self.beanstalk.fleet = (instance(1, OLD), instance(2, OLD))
        configurations = Configurations(self.parameters, ledger)  # type: ignore[arg-type]
        marks, self.clean_ups = Marks(Table(ledger._table._dynamodb, TABLE)), FakeCleanUps()
        self.run: Any = RunCommand(self.beanstalk, ledger, self.mailbox, configurations, marks, self.clean_ups)  # type: ignore[arg-type]

    def ask(self, request: Request, who: str = JANE, minutes: float = 60) -> Reply:
        return self.run(request, Caller(arn=who, at=NOW + timedelta(minutes=minutes)))

    def has(self, *deployments: Deployment, **standing: Any) -> None:
        for number, deployment in enumerate(deployments):
            waiting = queued(deployment.id)
            self.ledger.write(
                Change([waiting]), Receipt(drop=f"has-{number}", status=ReceiptStatus.ACCEPTED, reason="", at=NOW)
            )
            self.ledger.write(Change([replace(deployment, revision=1)]))
        if standing:
            known = replace(self.ledger.now(HERE).standing, **standing)
            self.ledger.write(Change(standing=known))

    @property
    def active(self) -> list[Deployment]:
        return self.ledger.now(HERE).deployments

    @property
    def standing(self) -> Standing:
        return self.ledger.now(HERE).standing

    @property
    def alerts(self) -> list[str]:
        items = self.ledger._table._dynamodb.scan(TableName="ledger")["Items"]
        return sorted(one["kind"]["S"] for one in items if one["pk"]["S"].startswith("alerts/"))


class Meanwhile:
    """A ledger at which somebody else is at work right after our first look."""

    def __init__(self, ledger: Any, happenings: list[Any]) -> None:
        self._ledger, self._happenings, self.looks = ledger, happenings, 0

    def now(self, environment: str) -> Any:
        known = self._ledger.now(environment)
        self.looks += 1
        if self._happenings:
            self._happenings.pop()()
        return known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


@pytest.fixture
def world(ledger) -> World:
    return World(ledger)


def refused(reply: Reply, told: str = "", why: Why = Why.REFUSED) -> None:
    assert isinstance(reply, Refusal)
    assert (reply.why, bool(reply.advice)) == (why, True)
    assert told in reply.reason


class TestDeploy:
    def test_it_is_queued_under_the_name_of_who_asked_and_the_mailbox_woken(self, world):
        reply = world.ask(Deploy(environment=HERE, label=NEW))
        [deployment] = world.active
        assert isinstance(reply, Done)
        assert reply.deployment == deployment.id
        assert (deployment.label, deployment.asked.by) == (NEW, "release-managers/jane")
        assert [one.environment for one in world.mailbox.woken] == [HERE]
        assert world.alerts == ["deployment_queued"]
        assert world.standing.hold is None

    def test_an_older_version_than_what_runs_holds_the_environment(self, world):
        world.beanstalk.shown[HERE] = environment(version_label=NEW)
        reply = world.ask(Deploy(environment=HERE, label=OLD))
        assert "older than shop-2.0, so later drops wait" in reply.text
        assert world.standing.hold.by == "release-managers/jane"
        assert world.alerts == ["deployment_queued", "environment_held"]

    def test_any_other_version_ends_a_hold(self, world):
        world.has(good=[good()])
        world.beanstalk.shown[HERE] = environment(version_label="shop-1.9")
        world.ask(Rollback(environment=HERE))
        assert world.standing.hold is not None
        world.ask(Deploy(environment=HERE, label=NEW), minutes=61)
        assert world.standing.hold is None
        assert "environment_resumed" in world.alerts

    def test_by_name_a_quarantined_version_comes_back(self, world):
        world.has(quarantined=[QuarantinedVersion(label=NEW, at=NOW, because="it failed")])
        reply = world.ask(Deploy(environment=HERE, label=NEW))
        assert "its quarantine is lifted" in reply.text
        assert world.standing.quarantined == []

    def test_approval_is_needed_all_the_same(self, world):
        world.parameters.documents["shop"] = "environments: [{name: shop-prod}, {name: shop-staging}]"
        reply = world.ask(Deploy(environment=HERE, label=NEW, now=True, because="the fix"))
        assert reply.text.endswith("it has to be approved")
        assert world.active[0].needs_approval

    def test_asking_twice_adds_nothing(self, world):
        world.ask(Deploy(environment=HERE, label=NEW))
        refused(world.ask(Deploy(environment=HERE, label=NEW), minutes=61), "waits for shop-staging already")
        assert len(world.active) == 1

    def test_what_is_not_there_is_told(self, world):
        refused(world.ask(Deploy(environment=HERE, label="shop-9")), "shop has no version shop-9", Why.UNKNOWN)
        refused(world.ask(Deploy(environment="shop-test", label=NEW)), "no environment shop-test", Why.UNKNOWN)
        assert world.active == []


class TestRollback:
    def test_the_last_good_version_that_does_not_run_is_put_back_and_drops_are_held(self, world):
        world.has(good=[good(NEW), good(OLD)])
        world.beanstalk.shown[HERE] = environment(version_label=NEW)
        world.beanstalk.fleet = (instance(1), instance(2))
        assert isinstance(world.ask(Rollback(environment=HERE, because="errors")), Done)
        [deployment] = world.active
        assert (deployment.label, deployment.asked.rollback, deployment.rules.approval_required) == (OLD, True, False)
        assert world.standing.hold.because == "rolled back to shop-1.0: errors"

    def test_a_mixed_fleet_is_healed_with_the_last_good_one(self, world):
        world.has(good=[good(OLD)])
        world.beanstalk.fleet = (instance(1, OLD), instance(2, NEW))
        world.ask(Rollback(environment=HERE))
        assert [one.label for one in world.active] == [OLD]

    def test_with_nothing_good_to_go_back_to_nothing_changes(self, world):
        refused(world.ask(Rollback(environment=HERE)), "good are: none")
        world.has(good=[good(OLD)])
        refused(world.ask(Rollback(environment=HERE)), "nothing but shop-1.0 could be put back")
        refused(world.ask(Rollback(environment=HERE, to=NEW)), "shop-2.0 has not been good in shop-staging")
        refused(world.ask(Rollback(environment=HERE, to="shop-7")), "no version shop-7", Why.UNKNOWN)
        assert (world.active, world.standing.hold) == ([], None)

    def test_what_bakes_is_what_a_person_wants_to_get_away_from(self, world):
        world.has(baking(), good=[good(OLD)])
        world.beanstalk.shown[HERE] = environment(version_label=NEW)
        assert isinstance(world.ask(Rollback(environment=HERE)), Done)

    def test_what_is_quarantined_rebuilt_or_gone_from_beanstalk_is_not_gone_back_to(self, world):
        elsewhere = good("shop-1.8", environment_id="e-0")
        world.has(
            good=[good(NEW), good("shop-1.9"), elsewhere, good("shop-1.7"), good(OLD)],
            quarantined=[QuarantinedVersion(label="shop-1.7", at=NOW, because="it failed")],
        )
        world.beanstalk.made |= {"shop-1.8": NOW, "shop-1.7": NOW}
        world.beanstalk.shown[HERE] = environment(version_label=NEW)
        world.beanstalk.fleet = (instance(1),)
        refused(world.ask(Rollback(environment=HERE, to="shop-1.7")), "shop-1.7 is quarantined: it failed")
        world.ask(Rollback(environment=HERE))
        assert [one.label for one in world.active] == [OLD]

    def test_a_second_rollback_never_goes_forward_again_by_itself(self, world):
        back = deploying(name="d-1", label=OLD, asked=Asked(by="joe", at=NOW, rollback=True))
        world.has(back, good=[good(NEW), good(OLD)])
        refused(world.ask(Rollback(environment=HERE)), "shop-staging goes back to shop-1.0 already")
        assert isinstance(world.ask(Rollback(environment=HERE, to=NEW)), Done)

    def test_what_was_uploaded_before_it_and_is_promoted_after_it_waits_and_is_not_lost(self, world):
        world.has(good=[good(NEW), good(OLD)])
        world.beanstalk.shown[HERE] = environment(version_label=NEW)
        world.beanstalk.fleet = (instance(1),)
        world.ask(Rollback(environment=HERE))
        [back] = world.active
        begun = replace(world.standing, newest=back.arrival)
        promoted = queued("d-2", "shop-3", minutes=-30)
        assert promoted.arrival[0] < back.asked.at
        assert lifecycle.superseded([promoted], begun) == []
        assert "shop-staging is held since" in lifecycle.obstacle(promoted, begun, NOW)


class TestApproval:
    def waiting(self, **differs: Any) -> Deployment:
        rules = Rules(approval_required=True, approvers=["arn:aws:iam::123456789012:role/release-*"])
        return queued("d-1", **({"rules": rules, "state": State.AWAITING_APPROVAL} | differs))

    def test_an_approver_by_role_says_yes_once(self, world):
        world.has(self.waiting())
        assert isinstance(world.ask(Approve(environment=HERE, label=NEW)), Done)
        [approved] = world.active
        assert (approved.state, approved.approved_by) == (State.QUEUED, "release-managers/jane")
        refused(
            world.ask(Approve(environment=HERE, label=NEW)),
            "has been approved for shop-staging by release-managers/jane",
        )

    def test_nobody_else_does(self, world):
        world.has(self.waiting())
        refused(world.ask(Approve(environment=HERE, label=NEW), JOE), "joe is not an approver")
        refused(world.ask(Decline(environment=HERE, label=NEW), JOE), "joe is not an approver")
        assert world.active[0].state is State.AWAITING_APPROVAL

    def test_an_approver_says_no_and_why(self, world):
        world.has(self.waiting())
        world.ask(Decline(environment=HERE, label=NEW, because="not today"))
        [ended] = world.ledger.history(HERE)
        assert (ended.state, ended.reason) == (
            State.DECLINED,
            "shop-2.0 is declined for shop-staging by release-managers/jane: not today",
        )

    def test_what_is_superseded_or_over_is_refused_with_what_became_of_it(self, world):
        world.has(self.waiting(), queued("d-2", "shop-3", 5))
        refused(world.ask(Approve(environment=HERE, label=NEW)), "shop-3 was uploaded after shop-2.0")
        refused(world.ask(Approve(environment=HERE, label="shop-7")), "no shop-7 waits to be approved")

    @pytest.mark.parametrize("other", [Approve, Decline, Cancel])
    def test_of_two_at_once_one_wins_and_the_other_is_told(self, world, other):
        """The other one's look and change both fall between ours."""
        world.has(self.waiting())
        jim = JANE.replace("jane", "jim")
        quicker = [lambda: world.ask(other(environment=HERE, label=NEW), jim)]
        meanwhile = Meanwhile(world.ledger, quicker)
        run = dataclasses.replace(world.run, ledger=meanwhile)
        reply = run(Approve(environment=HERE, label=NEW), Caller(arn=JANE, at=NOW))
        refused(reply, "release-managers/jim")
        ended = world.ledger.history(HERE)
        [one] = [*world.active, *ended]
        assert (one.approved_by, one.history[-1].reason.rpartition(" by ")[2]) == (
            "release-managers/jim" if other is Approve else None,
            "release-managers/jim",
        )
        assert meanwhile.looks == 2


class TestTheRest:
    def test_what_waits_for_approval_is_declined_before_any_look_has_asked_for_it(self, world):
        world.has(queued(rules=Rules(approval_required=True)))
        world.ask(Decline(environment=HERE, label=NEW))
        assert [one.state for one in world.ledger.history(HERE)] == [State.DECLINED]

    def test_what_waits_is_cancelled_and_what_has_begun_is_not(self, world):
        world.has(deploying(name="d-1"), queued("d-2", "shop-3", 5))
        assert isinstance(world.ask(Cancel(environment=HERE)), Done)
        assert [one.state for one in world.ledger.history(HERE)] == [State.CANCELLED]
        reply = world.ask(Cancel(environment=HERE))
        refused(reply, "instances of shop-staging may run shop-2.0 already, and an abort would leave them mixed")
        assert reply.advice == "let it come to its end, or go back: rollback shop-staging"

    def test_what_settings_are_changed_for_is_cancelled_and_the_settings_stay(self, world):
        world.has(deploying(state=State.PREPARING))
        reply = world.ask(Cancel(environment=HERE))
        assert reply.text == "shop-2.0 will not go to shop-staging; the change of its settings, which has begun, stays"
        assert [one.state for one in world.ledger.history(HERE)] == [State.CANCELLED]

    def test_pause_and_resume_are_written_with_who_and_why(self, world):
        world.ask(Pause(environment=HERE, because="stocktaking"))
        assert (world.standing.paused.by, world.standing.paused.because) == ("release-managers/jane", "stocktaking")
        refused(world.ask(Pause(environment=HERE)), "is paused since")
        reply = world.ask(Resume(environment=HERE), JOE)
        assert "goes on, as joe asked; it was paused since" in reply.text
        refused(world.ask(Resume(environment=HERE)), "neither paused nor held")

    def test_versions_of_ours_are_pinned(self, world, ledger):
        refused(world.ask(Pin(application="shop", label="shop-7")), "there is no version shop-7 of shop", Why.UNKNOWN)
        ledger.reserve(version())
        assert isinstance(world.ask(Pin(application="shop", label=NEW)), Done)
        assert ledger.version("shop", NEW).pinned_by == "release-managers/jane"
        world.ask(Unpin(application="shop", label=NEW))
        assert ledger.version("shop", NEW).pinned_by is None

    def test_a_clean_up_is_started_with_who_asked_or_only_planned(self, world):
        assert world.ask(Clean()).text == "clean-up is started; an alert tells what it has done"
        assert world.clean_ups.started == ["release-managers/jane"]
        world.clean_ups.planned = Plan(
            quota=1000, versions=1, versions_to_delete=0, bundles_to_delete=0, bytes_to_free=0, decisions=[]
        )
        assert world.ask(Clean(dry_run=True, application="shop")) is world.clean_ups.planned
        assert (world.clean_ups.asked, world.clean_ups.started) == (["shop"], ["release-managers/jane"])
        refused(read(b'{"command": "clean", "application": "shop"}'), "goes with `dry_run`", Why.MALFORMED)

    def test_status_tells_what_runs_and_what_goes_on(self, world):
        world.has(deploying(), good=[good(OLD)])
        reply = world.ask(Status())
        assert isinstance(reply, Environments)
        [shown] = reply.environments
        assert (shown.environment, shown.label, shown.instances) == (HERE, OLD, {OLD: 2})
        assert [(one.label, one.state) for one in shown.deployments] == [(NEW, State.DEPLOYING)]
        assert [one.label for one in shown.good] == [OLD]
        assert world.ask(Status(of="shop")) == reply == world.ask(Status(of=HERE))
        refused(world.ask(Status(of="mall")), "mall", Why.UNKNOWN)

    def test_history_tells_every_moment(self, world):
        world.has(queued())
        world.ask(Cancel(environment=HERE))
        reply = world.ask(History(environment=HERE))
        assert isinstance(reply, Deployments)
        assert [moment.state for moment in reply.deployments[0].moments] == [State.QUEUED, State.CANCELLED]
        assert world.ask(History(environment=HERE, most=1)) == reply
        refused(world.ask(History(environment="shop-test")), "no environment shop-test", Why.UNKNOWN)

    def test_a_throttled_beanstalk_and_a_ledger_that_never_rests_are_for_later(self, world, monkeypatch):
        def outdated(*_: Any) -> None:
            raise Outdated("somebody was quicker")

        monkeypatch.setattr(world.ledger, "write", outdated)
        refused(world.ask(Pause(environment=HERE)), "changes too quickly", Why.LATER)

        def throttled(_names: list[str]) -> None:
            raise NotNow("Rate exceeded")

        monkeypatch.setattr(world.beanstalk, "environments", throttled)
        refused(world.ask(Pause(environment=HERE)), "Rate exceeded", Why.LATER)


labels = st.sampled_from([OLD, NEW, "shop-3"])
requests = st.one_of(
    st.builds(Deploy, environment=st.just(HERE), label=labels, now=st.booleans(), because=st.just("why")),
    st.builds(Rollback, environment=st.just(HERE), to=st.none() | labels),
    st.builds(Approve, environment=st.just(HERE), label=labels),
    st.builds(Decline, environment=st.just(HERE), label=labels),
    st.builds(Cancel, environment=st.just(HERE), label=st.none() | labels),
    st.builds(Pause, environment=st.just(HERE)),
    st.builds(Resume, environment=st.just(HERE)),
)
wishes = st.none() | st.builds(Asked, by=st.just("joe"), at=st.just(NOW), now=st.booleans(), rollback=st.booleans())
begun = st.none() | st.builds(
    lambda make, label, asked: make(name="d-0", label=label, asked=asked),
    st.sampled_from([deploying, baking, rolling_back, unanswered]),
    labels,
    wishes,
)
waiting = st.lists(
    st.builds(
        lambda number, label, asked, state: queued(
            f"d-{number}",
            label,
            number,
            asked=asked,
            state=state,
            rules=Rules(approval_required=state is not State.QUEUED),
        ),
        st.integers(1, 3),
        labels,
        wishes,
        st.sampled_from([State.QUEUED, State.AWAITING_APPROVAL]),
    ),
    unique_by=lambda one: one.id,
)
held = st.none() | st.just(Hold(by="joe", at=NOW, because="why"))
standings = st.builds(
    Standing,
    environment=st.just(HERE),
    newest=st.none() | st.just(queued().arrival),
    good=st.lists(labels.map(good), unique_by=lambda one: one.label),
    quarantined=st.lists(labels.map(lambda label: QuarantinedVersion(label=label, at=NOW, because="why")), max_size=1),
    hold=held,
    paused=held,
)
fleets = st.none() | st.lists(labels.map(lambda label: instance(1, label)), max_size=2)
made = {OLD: NOW - timedelta(days=2), NEW: NOW - timedelta(days=1), "shop-3": NOW}


@given(requests, begun, waiting, standings, fleets)
def test_whatever_is_asked_a_refusal_says_why_and_a_change_begins_nothing(request, begun, waiting, standing, fleet):
    """What has begun is never touched, and what was proven stays proven: only looks move those."""
    active = [*([begun] if begun else []), *waiting]
    place = Place(name=HERE, standing=standing, active=active, environment=environment(), instances=fleet)
    caller = Caller(arn=JANE, at=NOW + timedelta(minutes=9))
    match request:
        case Deploy():
            found: Any = wish.deploy(request, caller, place, environment(), Rules(approval_required=True), None, made)
        case Rollback():
            found = wish.rollback(request, caller, place, environment(), Rules(approval_required=True), made)
        case _:
            found = getattr(intervention, type(request).__name__.lower())(request, caller, place)
    if isinstance(found, Refusal):
        assert found.reason
        assert found.advice
        return
    assert found.told
    assert found.alerts
    assert len({one.alert_id for one in found.alerts}) == len(found.alerts)
    assert begun not in found.deployments
    assert all(one.is_waiting or not one.is_active for one in found.deployments)
    changed = {one.id: one for one in found.deployments}
    after = [changed.pop(one.id, one) for one in active] + list(changed.values())
    assert sum(one.is_active and not one.is_waiting for one in after) == (begun is not None)
    assert len(changed) == (found.queued is not None)
    if found.standing is not None:
        assert (found.standing.good, found.standing.newest) == (standing.good, standing.newest)
    for one in changed.values():
        known = found.standing or standing
        assert known.quarantine_of(one.label) is None
        assert one.needs_approval is not one.asked.rollback
        assert lifecycle.next_in_line([two for two in after if two.is_waiting]).id == one.id
        assert one.id not in {ended.id for ended, _ in lifecycle.superseded([one], known)}
        assert isinstance(request, Deploy) or (one.label in {two.label for two in known.good} and known.hold)


FILES = event_files("run_command")


@pytest.fixture
def app(monkeypatch, world):
    app = importlib.import_module("functions.run_command.app")
    monkeypatch.setattr(app, "run_command", lambda: world.run)
    return app


class Context:
    function_name = aws_request_id = invoked_function_arn = "run_command"
    memory_limit_in_mb = 512


class TestTheHandler:
    @pytest.mark.parametrize("name", FILES)
    def test_every_event_file_is_answered_as_its_name_says(self, app, name):
        answer = app.handler(FILES[name], Context())
        assert answer["statusCode"] == int(name.rpartition("_")[2])
        body = json.loads(answer["body"])
        assert (body["answer"] == "refusal") == (answer["statusCode"] != 200)
        assert answer["statusCode"] == 200 or (body["reason"] and body["advice"])

    def test_what_breaks_is_logged_and_tells_nothing(self, app, world, monkeypatch):
        def broken(*_: object) -> None:
            raise RuntimeError("the secret is 42")

        monkeypatch.setattr(world.beanstalk, "all_environments", broken)
        answer = app.handler(FILES["status_200"], Context())
        assert answer["statusCode"] == 500
        assert "42" not in answer["body"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_body_is_more_than_malformed(body):
    found = read(body)
    assert not isinstance(found, Refusal) or found.why is Why.MALFORMED


def test_a_long_body_is_refused():
    refused(read(b" " * 5000), "may have 4096", Why.MALFORMED)


@pytest.mark.parametrize(
    ("pattern", "arn", "fits"),
    [
        ("arn:aws:iam::123456789012:role/release-*", JANE, True),
        ("arn:aws:iam::123456789012:role/*", JOE, False),
        ("arn:aws:iam::123456789012:user/joe", JOE, True),
        ("arn:aws:sts::123456789012:assumed-role/release-managers/*", JANE, True),
        ("arn:aws:iam::999999999999:role/release-*", JANE, False),
    ],
)
def test_approvers_are_patterns_of_arns(pattern, arn, fits):
    assert Caller(arn=arn, at=NOW).is_one_of([pattern]) is fits
