"""The rules that a deployment pins."""

import msgspec
import pytest

from wardrop.aws.ledger.item import attributes_of, record_of
from wardrop.configuration.check import Check
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Diagnose, EnvironmentSettings, Guard, OnFailure, Rules
from wardrop.configuration.schema import parse
from wardrop.environments.model import Health

FULL = """
environments:
  - name: shop-staging
    bake: 7m
    approvers: ["arn:aws:iam::123456789012:role/release"]
    policy: Immutable
    batch: 2
    accept: [Ok]
    bad_for: 90s
    deadline: 1h
    on_failure: hold
    freeze: ["22:00 - 06:00"]
    guard: abort
    diagnose: off
    alarms: [shop-5xx, "shop-latency-*"]
    checks: [{http: /health, contains: UP, within: 3s}, {function: "shop-smoke-test:live"}]
"""


def test_every_setting_of_the_environment_reaches_the_rules():
    rules = parse(FULL).rules("shop-staging")
    assert rules == Rules(
        bake=Duration(minutes=7),
        approvers=["arn:aws:iam::123456789012:role/release"],
        policy="Immutable",
        batch=2,
        accept=(Health.OK,),
        bad_for=Duration(seconds=90),
        deadline=Duration(hours=1),
        on_failure=OnFailure.HOLD,
        freeze=["22:00 - 06:00"],
        guard=Guard.ABORT,
        diagnose=Diagnose.OFF,
        alarms=["shop-5xx", "shop-latency-*"],
        checks=(
            Check(http="/health", contains="UP", within=Duration(seconds=3)),
            Check(function="shop-smoke-test:live"),
        ),
    )
    unset = [name for name in EnvironmentSettings.__struct_fields__ if getattr(rules, name) == getattr(Rules(), name)]
    assert not unset, "the document above leaves these settings at their defaults"


def test_an_environment_that_is_not_configured_has_the_default_rules():
    assert parse(FULL).rules("shop-other") == Rules()


@pytest.mark.parametrize("stated", OnFailure)
def test_the_drops_on_failure_overrides_the_configured_one(stated):
    assert parse(FULL).rules("shop-staging", stated).on_failure is stated


@pytest.mark.parametrize(
    ("environment", "required"),
    [("shop-staging", False), ("shop-a", True), ("shop-b", False), ("shop-prod", True), ("shop-other", False)],
)
def test_approval_is_required_after_the_first_stage_unless_it_is_stated(environment, required):
    stages = "[{name: shop-staging}, [{name: shop-a}, {name: shop-b, approval: none}], {name: shop-prod}]"
    assert parse(f"environments: {stages}").rules(environment).approval_required is required


def test_approval_can_be_required_in_the_first_stage():
    configuration = parse("environments: [{name: shop-staging, approval: required}]")
    assert configuration.rules("shop-staging").approval_required


def test_the_ledger_keeps_rules_as_they_are():
    rules = parse(FULL).rules("shop-staging")
    assert record_of(Rules, attributes_of(rules)) == rules
    assert attributes_of(rules)["bake"] == "7m"


def test_a_rule_of_a_newer_release_does_not_make_the_rules_unreadable():
    assert msgspec.convert({"tomorrow": 1}, Rules) == Rules()
