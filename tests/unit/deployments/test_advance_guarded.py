"""Before a deployment replaces instances, the guard notifies people, or asks them for an approval."""

import pytest

from tests.unit.deployments.world import NAME, DeploymentWorld
from tests.unit.samples import NEW, OLD, event, good, instance, release, reserve, standing, started, version
from wardrop.alerts.kinds import Kind, Severity
from wardrop.commands.approvals import approve, decline
from wardrop.commands.caller import Caller
from wardrop.commands.requests import Approve, Decline
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Guard, Rules
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import Change
from wardrop.deployments.state import State
from wardrop.deployments.steps import AskApproval, Deploy, Prepare
from wardrop.environments.option import OptionSetting
from wardrop.environments.settings import COMMAND
from wardrop.errors import NotNow

LAUNCH = "aws:autoscaling:launchconfiguration"
INTERVAL = (LAUNCH, "MonitoringInterval")
REPLACES = Kind.DEPLOYMENT_REPLACES_INSTANCES
BIG, BIGGER = "shop-3.0", "shop-3.1"
AT_ONCE = "all 2 instances are replaced at once: downtime"


@pytest.fixture
def world() -> DeploymentWorld:
    """The files of BIG and BIGGER change an option whose change replaces the instances."""
    world = DeploymentWorld()
    world.beanstalk.options[INTERVAL] = "5 minute"
    world.runs_the_old_version_well()
    for label, value in ((BIG, "1 minute"), (BIGGER, "3 minute")):
        settings = [OptionSetting(*INTERVAL, value, ".ebextensions/a.config")]
        bundle = release(key=f"shop/{label}", sha256=label)
        reserve(world.ledger, version(label, release=bundle, settings=settings))
    return world


def drop(world: DeploymentWorld, guard: Guard, **differs) -> None:
    rules = Rules(guard=guard, **differs.pop("rules", {}))
    world.drop(label=differs.pop("label", BIG), rules=rules, **differs)


def decide(world: DeploymentWorld, decision: type[Approve] | type[Decline], label: str = BIG) -> None:
    record = world.environment(NAME)
    snapshot = EnvironmentSnapshot(NAME, record.standing, record.deployments, world.beanstalk.described[NAME])
    caller, verb = Caller("arn:aws:iam::123456789012:user/jane", world.now), approve if decision is Approve else decline
    accepted = verb(decision(environment=NAME, label=label), caller, snapshot)  # type: ignore[operator]
    assert isinstance(accepted, Accepted), accepted
    world.ledger.write(accepted.change)


def kinds(world: DeploymentWorld) -> list[Kind]:
    return [alert.kind for alert in world.alerts]


class TestAlert:
    def test_people_are_notified_before_the_update_starts_and_it_starts(self, world):
        drop(world, Guard.ALERT)
        world.before["beanstalk.update"] = lambda: notified.extend(kinds(world))
        notified: list[Kind] = []
        world.look()
        assert notified == [REPLACES]
        assert world.beanstalk.updates == [("e-1", BIG)]
        assert AT_ONCE in world.active[0].reason
        assert "keeps the service up" not in world.active[0].reason

    def test_the_alert_says_what_is_replaced(self, world):
        world.has_proven()
        drop(world, Guard.ALERT)
        world.look()
        [alert] = [alert for alert in world.alerts if alert.kind is REPLACES]
        assert (alert.severity, alert.title) == (Severity.ERROR, f"{BIG} replaces all instances at once")
        assert alert.next_step == (
            "to require an approval before a deployment replaces instances, "
            f"set guard: abort in the configuration of {NAME}"
        )
        assert alert.text.endswith(
            f"{AT_ONCE}; .ebextensions change {LAUNCH}:MonitoringInterval from 5 minute to 1 minute"
        )

    def test_it_is_sent_once_however_often_the_call_is_repeated(self, world):
        drop(world, Guard.ALERT)
        for answer in (NotNow("Throttling"), NotNow("Throttling"), "our-request"):
            world.beanstalk.answer = answer
            try:
                world.look(after=60)
            except NotNow:
                continue
        assert kinds(world).count(REPLACES) == 1
        assert Kind.DEPLOYMENT_STARTED in kinds(world)

    def test_a_version_without_such_settings_is_not_mentioned(self, world):
        world.has_proven()
        drop(world, Guard.ALERT, label=NEW)
        world.beanstalk.options[COMMAND, "BatchSize"] = "50"
        world.look()
        assert REPLACES not in kinds(world)
        assert "this keeps the service up" in world.active[0].reason

    def test_files_that_are_not_known_are_a_warning(self, world):
        drop(world, Guard.ALERT, label="theirs")
        world.beanstalk.created["theirs"] = world.now
        world.look()
        [alert] = [alert for alert in world.alerts if alert.kind is REPLACES]
        assert (alert.severity, alert.title) == (Severity.WARNING, None)
        assert "cannot tell, because Wardrop did not create theirs" in alert.text


class TestOff:
    def test_nobody_is_notified_and_the_history_says_it(self, world):
        drop(world, Guard.OFF)
        world.look()
        assert REPLACES not in kinds(world)
        assert AT_ONCE in world.active[0].history[-1].reason


class TestAbort:
    def test_the_deployment_waits_for_approval_and_then_goes_on(self, world):
        drop(world, Guard.ABORT)
        step = world.look().step
        assert isinstance(step, AskApproval)
        assert AT_ONCE in step.reason
        assert (world.active[0].state, world.beanstalk.updates) == (State.AWAITING_APPROVAL, [])
        decide(world, Approve)
        assert isinstance(world.look(after=60).step, Deploy)
        assert world.beanstalk.updates == [("e-1", BIG)]
        assert kinds(world) == [
            Kind.DEPLOYMENT_AWAITING_APPROVAL,
            Kind.DEPLOYMENT_APPROVED,
            Kind.DEPLOYMENT_STARTED,
        ]

    def test_while_it_waits_it_makes_no_call_to_beanstalk_and_asks_once(self, world):
        drop(world, Guard.ABORT)
        world.look()
        first = world.active
        world.wait(60)
        world.look(world.snapshot())
        assert world.calls == ["ledger.environments.read"]
        assert world.active == first

    def test_a_declined_deployment_ends(self, world):
        drop(world, Guard.ABORT)
        world.look()
        decide(world, Decline)
        assert [deployment.state for deployment in world.ended] == [State.DECLINED]

    def test_an_approval_covers_exactly_what_was_asked(self, world):
        drop(world, Guard.ABORT)
        world.look()
        decide(world, Approve)
        world.beanstalk.options["aws:autoscaling:updatepolicy:rollingupdate", "RollingUpdateEnabled"] = "true"
        step = world.look(after=60).step
        assert isinstance(step, AskApproval)
        assert "in batches" in step.reason
        decide(world, Approve)
        assert isinstance(world.look(after=60).step, Deploy)

    def test_the_approval_of_the_rules_does_not_cover_a_replacement(self, world):
        drop(world, Guard.ABORT, rules={"approval_required": True})
        assert "replaced" not in world.look().reason
        decide(world, Approve)
        assert AT_ONCE in world.look(after=60).reason
        assert world.beanstalk.updates == []
        decide(world, Approve)
        assert isinstance(world.look(after=60).step, Deploy)

    def test_nothing_is_asked_if_nothing_is_replaced(self, world):
        world.has_proven()
        drop(world, Guard.ABORT, label=NEW)
        assert isinstance(world.look().step, Deploy)

    def test_what_is_not_known_is_asked(self, world):
        drop(world, Guard.ABORT, label="theirs")
        assert isinstance(world.look().step, AskApproval)

    def test_urgency_does_not_pass_the_guard(self, world):
        drop(world, Guard.ABORT, asked=Asked(by="jane", at=world.now, now=True))
        assert isinstance(world.look().step, AskApproval)

    def test_it_asks_before_the_deployment_policy_is_changed(self, world):
        world.beanstalk.options[COMMAND, "DeploymentPolicy"] = "AllAtOnce"
        drop(world, Guard.ABORT)
        assert isinstance(world.look().step, AskApproval)
        decide(world, Approve)
        assert isinstance(world.look(after=60).step, Prepare)

    def test_it_asks_again_if_the_change_of_the_policy_finds_another_replacement(self, world):
        world.beanstalk.options[COMMAND, "DeploymentPolicy"] = "AllAtOnce"
        drop(world, Guard.ABORT)
        world.look()
        decide(world, Approve)
        world.look(after=60)
        world.beanstalk.options |= {(COMMAND, "DeploymentPolicy"): "Rolling", (COMMAND, "BatchSize"): "30"}
        world.beanstalk.options["aws:autoscaling:updatepolicy:rollingupdate", "RollingUpdateEnabled"] = "true"
        world.shows(updated_at=world.now)
        world.runs_the_old_version_well()
        assert isinstance(world.look(after=60).step, AskApproval)
        assert (world.active[0].state, world.active[0].update) == (State.AWAITING_APPROVAL, None)
        decide(world, Approve)
        assert isinstance(world.look(after=60).step, Deploy)


class TestRollbacks:
    def test_an_automatic_rollback_is_announced_and_not_held(self, world):
        world.ledger.write(Change(standing=standing(good(OLD))))
        drop(world, Guard.ABORT)
        world.look()
        decide(world, Approve)
        world.look(after=60)
        world.fail()
        world.beanstalk.options[INTERVAL] = "1 minute"
        failure = event("Failed to deploy application.", world.now, severity="ERROR")
        world.beanstalk.event_log.append(failure)
        world.look(after=60)
        assert world.active[0].state is State.ROLLING_BACK
        assert isinstance(world.look(after=60).step, Deploy)
        assert world.beanstalk.updates[-1] == ("e-1", OLD)
        assert (world.alerts[-1].kind, world.alerts[-1].next_step) == (REPLACES, None)

    def test_a_requested_rollback_is_announced_and_not_held(self, world):
        world.ledger.write(Change(standing=standing(good(BIG))))
        drop(world, Guard.ABORT, asked=Asked(by="jane", at=world.now, rollback=True))
        assert isinstance(world.look().step, Deploy)
        assert REPLACES in kinds(world)

    def test_settings_that_a_failed_version_may_have_left_are_considered_until_a_deployment_is_proven(self, world):
        world.has_proven()
        drop(world, Guard.ALERT)
        world.look()
        world.shows(instance(1, OLD), instance(2, OLD), updated_at=world.now)
        world.beanstalk.options[INTERVAL] = "1 minute"
        world.beanstalk.event_log = [started(world.now), event("Failed to deploy application.", severity="ERROR")]
        world.look(after=60)
        assert not world.active
        assert world.environment(NAME).standing.unsettled == [BIG]
        drop(world, Guard.ALERT, label=NEW, name="d-2", minutes=5, rules={"bake": Duration(0)})
        world.look(after=60)
        assert "MonitoringInterval from 1 minute to 5 minute" in world.active[0].reason
        world.done(NEW)
        world.look(after=60)
        assert world.environment(NAME).standing.unsettled == []
