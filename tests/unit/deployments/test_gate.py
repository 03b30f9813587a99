"""The configuration lets a deployment start, holds it, or requires an approval, after all changes of its document."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.configuration.samples import BROKEN, DENIED, NOT_DECRYPTED, THROTTLED
from tests.unit.deployments.world import NAME, DeploymentWorld
from tests.unit.samples import APPROVAL, NEW, OLD, good, queued, situation
from wardrop.configuration.duration import Duration
from wardrop.configuration.in_force import InForce, Source
from wardrop.configuration.rules import OnFailure, Rules
from wardrop.configuration.schema import Configuration
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.gate import approval_sentence, with_configuration
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import AskApproval, Deploy, End, RollBack, Wait
from wardrop.environments.model import Health

GATED = "environments: [{name: shop-staging, approval: required, bake: 0s}]"
OPEN = "environments: [{name: shop-staging, approval: none, bake: 0s}]"
TERMINATED = "environments: [{name: shop-staging, approval: none, bake: 0s}, {name: shop-old}]"
STAGES = "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod, approval: none, bake: 0s}]"


class GatedWorld(DeploymentWorld):
    def put(self, text: str) -> None:
        self.parameters.faults.clear()
        self.parameters.put("shop", text)

    def delete(self) -> None:
        self.parameters.faults.clear()
        self.parameters.documents.clear()

    def load(self) -> InForce:
        return self.configurations.load("shop", lambda: list(self.beanstalk.described), self.now)

    def arrive(self, name: str = "d-1", label: str = NEW, minutes: float = 0, **differs: Any) -> None:
        """A drop pins the rules that are in force when it arrives."""
        self.drop(name, label, minutes, rules=self.load().rules(NAME, differs.pop("on_failure", None)), **differs)

    @property
    def waiting(self) -> Deployment:
        [deployment] = self.active
        return deployment


@pytest.fixture
def world() -> GatedWorld:
    world = GatedWorld()
    world.runs_the_old_version_well()
    return world


def break_it(world: GatedWorld, how: Any) -> None:
    if isinstance(how, str):
        world.put(how)
    else:
        world.parameters.faults["shop"] = how


FAULTS = [BROKEN, "nonsense", "environments: [{name: shop-old}]", DENIED, NOT_DECRYPTED, THROTTLED]


class TestHeld:
    @pytest.mark.parametrize("how", FAULTS)
    def test_a_drop_waits_with_the_reason_and_continues_when_the_document_is_mended(self, world, how):
        break_it(world, how)
        world.arrive()
        step = world.look().step
        assert isinstance(step, Wait)
        assert step.reason.startswith("shop-2.0 is held, because the configuration of shop cannot be read: ")
        assert world.waiting.reason == step.reason
        assert world.waiting.waits_for == WaitsFor(WaitKind.CONFIGURATION, world.load().why_held.kind)
        assert world.look(after=60).step == step
        assert world.alert_kinds == ["configuration_unreadable", "deployment_waiting"]
        world.put(OPEN)
        assert isinstance(world.look(after=60).step, Deploy)
        assert world.alert_kinds[2] == "configuration_mended"
        assert (world.waiting.rules.not_read, world.waiting.waits_for) == (None, None)

    def test_a_mended_document_may_require_an_approval(self, world):
        world.put(BROKEN)
        world.arrive()
        world.look()
        world.put(GATED)
        assert isinstance(world.look(after=60).step, AskApproval)
        assert world.waiting.state is State.AWAITING_APPROVAL
        assert world.beanstalk.updates == []

    def test_a_mended_document_may_freeze_the_environment(self, world):
        world.put(BROKEN)
        world.arrive()
        world.look()
        world.put('environments: [{name: shop-staging, freeze: ["00:00 - 23:59"]}]')
        assert world.look(after=60).step.waits_for.kind is WaitKind.FROZEN
        assert world.waiting.rules.freeze == ["00:00 - 23:59"]

    @pytest.mark.parametrize(("stated", "pinned"), [(None, OnFailure.HOLD), (OnFailure.ROLLBACK, OnFailure.ROLLBACK)])
    def test_the_drops_own_setting_still_takes_precedence(self, world, stated, pinned):
        world.put(BROKEN)
        world.arrive(on_failure=stated)
        world.put("environments: [{name: shop-staging, on_failure: hold}]")
        world.look()
        assert world.waiting.rules.on_failure is pinned

    def test_a_document_that_breaks_between_the_drop_and_its_start_holds_the_deployment(self, world):
        world.arrive()
        world.put(BROKEN)
        assert world.look().step.waits_for.kind is WaitKind.CONFIGURATION

    def test_a_document_that_breaks_while_the_settings_are_changed_holds_the_deployment(self, world):
        world.drop(rules=Rules(policy="Immutable"), state=State.QUEUED)
        world.look()
        assert world.waiting.state is State.PREPARING
        world.shows(*world.beanstalk.fleet, updated_at=world.now)
        world.beanstalk.options["aws:elasticbeanstalk:command", "DeploymentPolicy"] = "Immutable"
        world.put(BROKEN)
        assert world.look(after=60).step.waits_for.kind is WaitKind.CONFIGURATION
        assert (world.waiting.state, world.waiting.waits_for.kind) == (State.PREPARING, WaitKind.CONFIGURATION)
        world.put(GATED)
        assert isinstance(world.look(after=60).step, AskApproval)

    def test_with_a_last_good_document_the_deployment_starts(self, world):
        world.put(OPEN)
        world.arrive()
        world.put(BROKEN)
        assert isinstance(world.look().step, Deploy)

    def test_a_requested_rollback_is_not_held(self, world):
        world.put(BROKEN)
        world.ledger.write(Change(standing=world.environment().standing.with_good(good(OLD))))
        world.shows(*world.beanstalk.fleet, version_label=NEW)
        world.drop(label=OLD, asked=Asked(by="jane", at=world.now, rollback=True))
        assert isinstance(world.look().step, Deploy)


class TestStricter:
    def test_an_approval_that_is_required_since_the_drop_is_required(self, world):
        world.put(OPEN)
        world.arrive()
        world.put(GATED)
        assert isinstance(world.look().step, AskApproval)
        assert world.waiting.rules.approval_required

    def test_an_approval_that_the_drop_pinned_stays_required(self, world):
        world.put(GATED)
        world.arrive()
        world.put(OPEN)
        assert isinstance(world.look().step, AskApproval)

    def test_the_approvers_of_an_approval_that_is_required_since_the_drop_are_named(self, world):
        world.put(OPEN)
        world.arrive()
        role = "arn:aws:iam::123456789012:role/jane"
        world.put(f"environments: [{{name: shop-staging, approval: required, approvers: ['{role}']}}]")
        assert world.look().step.reason == f"shop-2.0 waits to be approved for shop-staging by {role}"

    def test_the_situation_keeps_the_configuration_in_force(self):
        loaded = InForce(Source.DOCUMENT, Configuration())
        assert with_configuration(situation(queued()), loaded).configuration is loaded

    def test_other_rules_stay_as_pinned(self, world):
        world.put("environments: [{name: shop-staging, bake: 7m}]")
        world.arrive()
        world.put("environments: [{name: shop-staging, bake: 9m}]")
        world.look()
        assert world.waiting.rules.bake.total_seconds() == 420


class TestPromotion:
    def succeed(self, world: GatedWorld) -> None:
        world.show("shop-prod")
        world.drop(rules=Rules(bake=Duration()), promotes=True, stage=[NAME])
        world.look()
        world.done()

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_good_version_is_promoted_when_the_document_is_mended(self, world, how):
        self.succeed(world)
        break_it(world, how)
        step = world.look(after=60).step
        assert isinstance(step, Wait)
        assert step.reason.startswith("shop-2.0 is good in shop-staging, but its promotion is held, because ")
        assert world.waiting.reason == step.reason
        assert world.look(after=60).step == step
        assert world.alert_kinds.count("deployment_waiting") == 1
        world.put(STAGES)
        assert isinstance(world.look(after=60).step, End)
        assert [each.label for each in world.environment("shop-prod").deployments] == [NEW]

    def test_a_version_that_becomes_bad_while_its_promotion_is_held_is_not_promoted(self, world):
        self.succeed(world)
        world.put(BROKEN)
        world.look(after=60)
        world.shows(*world.beanstalk.fleet, version_label=NEW, updated_at=world.now, health=Health.SEVERE)
        steps = [world.look(after=120).step for _ in range(5)]
        assert any(isinstance(step, RollBack) for step in steps)
        world.put(STAGES)
        world.look(after=60)
        assert world.environment("shop-prod").deployments == []


REQUIRED = {GATED: True, OPEN: False}
CHANGES = st.sampled_from(
    [
        *[("put", GATED), ("delete", None), ("leave", None)] * 2,
        *(("put", document) for document in (OPEN, BROKEN, TERMINATED)),
        *(("fault", fault) for fault in (DENIED, THROTTLED)),
    ]
)
ACTIONS = st.sampled_from([*[["drop", "look"]] * 3, ["drop"], ["look"], ["approve", "look"], ["finish"]])


class Gatekeeper:
    """A model of the gate. It records what the last document that Wardrop could read required."""

    def __init__(self) -> None:
        self.world = GatedWorld()
        self.world.runs_the_old_version_well()
        self.required = False
        self.has_read = False
        self.drops = 0

    def take(self, operation: str, argument: Any) -> None:
        world, before = self.world, len(self.world.beanstalk.updates)
        world.calls.clear()
        match operation:
            case "put":
                world.put(argument)
            case "fault":
                world.parameters.faults["shop"] = argument
            case "delete":
                world.delete()
            case "leave":
                pass
            case "drop":
                self.drops += 1
                world.arrive(f"d-{self.drops}", NEW if self.drops % 2 else OLD, self.drops)
            case "look":
                world.look(after=60)
            case "approve":
                self.approve()
            case "finish":
                self.finish()
        if "parameters.read" in world.calls:
            self.remember()
        if len(world.beanstalk.updates) > before:
            self.check()

    def remember(self) -> None:
        text = self.world.parameters.documents.get("shop")
        if not self.world.parameters.faults and text in REQUIRED:
            self.required, self.has_read = REQUIRED[text], True

    def approve(self) -> None:
        for deployment in self.world.active:
            if deployment.state is State.AWAITING_APPROVAL:
                self.world.ledger.write(Change([deployment.approved(APPROVAL, "approved")]))

    def finish(self) -> None:
        begun = next((one for one in self.world.active if not one.is_waiting), None)
        if begun is not None:
            self.world.done(begun.label)
            self.world.look(after=60)
            self.world.look(after=300)

    def check(self) -> None:
        begun = next(one for one in self.world.active if not one.is_waiting)
        if self.required:
            assert begun.approval is not None
        if not self.has_read:
            parameters = self.world.parameters
            assert not parameters.faults
            assert "shop" not in parameters.documents


@settings(max_examples=250)
@given(st.lists(st.tuples(CHANGES, ACTIONS), min_size=3, max_size=5))
def test_no_sequence_of_documents_opens_a_gate(operations: list[tuple[tuple[str, Any], list[str]]]) -> None:
    """A deployment starts only with an approval, if the last document that Wardrop could read requires one."""
    gatekeeper = Gatekeeper()
    for (change, argument), actions in operations:
        gatekeeper.take(change, argument)
        for action in actions:
            gatekeeper.take(action, None)


@pytest.mark.parametrize(
    ("approvers", "by"),
    [((), ""), (("jane",), " by jane"), (("jane", "role/release-*"), " by jane or role/release-*")],
)
def test_the_request_for_an_approval_names_the_approvers(approvers, by):
    deployment = queued(rules=Rules(approval_required=True, approvers=approvers))
    assert approval_sentence(deployment) == f"shop-2.0 waits to be approved for shop-staging{by}"
