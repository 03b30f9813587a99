"""The versions that each retention rule keeps, and the reasons that block deletions."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import (
    NOW,
    deploying,
    environment,
    good,
    queued,
    release,
    rollback,
    rolling_back,
    standing,
    update,
)
from tests.unit.versions.samples import ONLY_FIXED_RULES, application, days, key, listed, record, usage
from wardrop.configuration.duration import Duration
from wardrop.configuration.schema import VersionsConfiguration
from wardrop.deployments.standing import Hold, QuarantinedVersion
from wardrop.versions.inventory import ApplicationInventory, VersionRecord
from wardrop.versions.retention import Action, Decision, decide

SCOPE_ALL = VersionsConfiguration(keep_last=0, keep_for=Duration(0), scope="all")


def actions(inventory: ApplicationInventory, now: datetime = NOW) -> dict[str, Action]:
    return {decision.label: decision.action for decision in decide(inventory, now)}


def kept(inventory: ApplicationInventory, label: str = "old") -> str:
    """The reason why the version is kept."""
    [decision] = [decision for decision in decide(inventory, NOW) if decision.label == label]
    assert decision.action is Action.KEEP, decision.reason
    return decision.reason


class TestKept:
    def test_versions_that_no_rule_keeps_are_deleted_the_oldest_first_each_with_a_reason(self):
        decisions = decide(application(listed("new", 40), listed("old", 90), listed("older", 91)), NOW)
        assert [(decision.label, decision.action) for decision in decisions] == [
            ("older", Action.DELETE),
            ("old", Action.DELETE),
            ("new", Action.DELETE),
        ]
        assert decisions[0].reason == "no retention rule keeps it; it was created on 2025-10-03"

    @pytest.mark.parametrize(
        "status", ["Ready", "Updating", "Launching", "Aborting", "LinkingFrom", "LinkingTo", "Terminating"]
    )
    def test_a_version_that_an_environment_runs_is_kept_in_every_status(self, status):
        environments = [environment(version_label="old", status=status)]
        assert kept(application(listed("old"), usage=usage(environments=environments))) == "shop-staging runs it"

    @pytest.mark.parametrize(
        ("deployment", "reason"),
        [
            (queued(label="old"), "its deployment to shop-staging is queued"),
            (rolling_back(rollback=rollback(target=good("old"))), "shop-staging is being rolled back to it"),
            (deploying(update=update(version_label="old")), "shop-staging ran it before shop-2.0"),
        ],
    )
    def test_a_version_that_an_active_deployment_brings_restores_or_replaces_is_kept(self, deployment, reason):
        assert kept(application(listed("old"), usage=usage(deployments=[deployment]))) == reason

    def test_a_version_at_which_an_environment_is_held_is_kept(self):
        hold = Hold(by="jane", at=NOW, because="rolled back to old", label="old")
        held = application(listed("old"), usage=usage(standings=[standing(hold=hold)]))
        assert kept(held) == "jane holds shop-staging at this version"

    def test_a_pinned_version_is_kept_no_matter_who_made_it(self):
        assert kept(application(listed("old"), records={"old": record("old", pinned_by="jane")})) == "jane pinned it"
        foreign = {"old": VersionRecord(label="old", pinned_by="jane")}
        assert kept(application(listed("old"), records=foreign, rules=SCOPE_ALL)) == "jane pinned it"

    def test_the_last_good_versions_of_each_environment_are_kept(self):
        rules = VersionsConfiguration(keep_last=0, keep_for=Duration(0), keep_good_per_environment=2)
        names = ["g1", "g2", "g3", "g4"]
        standings = [standing(*map(good, names[:3])), standing(good("g4"), environment="shop-prod")]
        decided = actions(application(*map(listed, names), usage=usage(standings=standings), rules=rules))
        assert [label for label, action in decided.items() if action is Action.DELETE] == ["g3"]

    def test_a_good_version_that_was_quarantined_later_takes_no_other_versions_place(self):
        quarantined = [QuarantinedVersion(label="g1", at=NOW, because="x")]
        standings = [standing(good("g1"), good("g2"), good("g3"), quarantined=quarantined)]
        decided = actions(application(*map(listed, ["g1", "g2", "g3"]), usage=usage(standings=standings)))
        assert decided == {"g1": Action.KEEP, "g2": Action.KEEP, "g3": Action.DELETE}

    def test_the_newest_versions_are_kept(self):
        rules = VersionsConfiguration(keep_last=2, keep_for=Duration(0))
        inventory = application(listed("a", 3), listed("b", 1), listed("c", 2), rules=rules)
        assert actions(inventory) == {"a": Action.DELETE, "c": Action.KEEP, "b": Action.KEEP}
        assert kept(inventory, "b") == "it is one of the newest 2 versions"

    def test_versions_out_of_scope_do_not_count_among_the_newest(self):
        rules = VersionsConfiguration(keep_last=1, keep_for=Duration(0))
        inventory = application(listed("theirs", 1), listed("ours", 2), records={"ours": record("ours")}, rules=rules)
        assert kept(inventory, "ours") == "it is the newest version"

    @pytest.mark.parametrize(("age", "action"), [(29.9, Action.KEEP), (30, Action.DELETE), (-400, Action.KEEP)])
    def test_a_version_younger_than_keep_for_is_kept_and_so_is_one_from_the_future(self, age, action):
        rules = VersionsConfiguration(keep_last=0)
        assert actions(application(listed("old", age), rules=rules)) == {"old": action}

    def test_a_version_that_somebody_else_made_is_kept_unless_the_scope_is_all(self):
        assert kept(application(listed("old"), records={})) == "Wardrop did not create it, and `scope` is `own`"
        assert actions(application(listed("old"), records={}, rules=SCOPE_ALL)) == {"old": Action.DELETE}

    def test_a_reserved_label_with_another_bundle_is_somebody_elses_version(self):
        inventory = application(listed("old", key="theirs.war"), records={"old": record("old")})
        assert "Wardrop did not create it" in kept(inventory)

    def test_keep_last_0_turns_off_no_other_rule(self):
        rules = VersionsConfiguration(keep_last=0)
        in_use = usage(standings=[standing(good("old"))])
        inventory = application(listed("live"), listed("young", 1), listed("old"), usage=in_use, rules=rules)
        assert set(actions(inventory).values()) == {Action.KEEP}


class TestBlocked:
    def decision(self, **differs: Any) -> Decision:
        [decision] = decide(application(listed("old"), **differs), NOW)
        return decision

    def test_somebody_elses_update_blocks_because_its_version_is_not_shown(self):
        decision = self.decision(usage=usage(environments=[environment(status="Updating")]))
        assert decision.action is Action.BLOCKED
        assert decision.reason == "shop-staging is Updating, and Beanstalk does not show its new version yet"

    def test_wardrops_own_update_does_not_block(self):
        updating = usage(environments=[environment(status="Updating")], deployments=[deploying(label="new")])
        assert self.decision(usage=updating).action is Action.DELETE

    @pytest.mark.parametrize(("label", "action"), [("new", Action.DELETE), (None, Action.BLOCKED)])
    def test_a_launching_environment_blocks_until_it_shows_its_version(self, label, action):
        launching = usage(environments=[environment(status="Launching", version_label=label)])
        assert self.decision(usage=launching).action is action

    def test_an_environment_that_is_not_listed_any_more_blocks(self):
        decision = self.decision(usage=usage(environments=[], missing=["shop-prod", "shop-test"]))
        assert decision.action is Action.BLOCKED
        assert decision.reason == "Beanstalk does not list shop-prod, shop-test any more"

    def test_an_invalid_configuration_blocks(self):
        decision = self.decision(rules=None)
        assert decision.action is Action.BLOCKED
        assert decision.reason == "the configuration of shop cannot be read, so none of its versions are deleted"


class TestReservedLabelsWithoutAVersion:
    def alone(self, **differs: Any) -> ApplicationInventory:
        return application(records={"old": record("old", **differs)})

    def test_a_label_is_kept_for_a_week(self):
        assert "less than 7 d ago" in kept(self.alone(reserved_at=NOW - days(6.9)))
        assert actions(self.alone(reserved_at=NOW - days(7))) == {"old": Action.DELETE}

    def test_a_label_that_a_clean_up_has_marked_is_not_kept(self):
        assert actions(self.alone(reserved_at=NOW, marked_at=NOW)) == {"old": Action.DELETE}

    def test_the_rules_that_keep_versions_keep_labels_too(self):
        assert kept(self.alone(pinned_by="jane")) == "jane pinned it"
        inventory = application(records={"old": record("old")}, usage=usage(standings=[standing(good("old"))]))
        assert "good version of shop-staging" in kept(inventory)

    def test_the_pin_of_somebody_elses_version_that_is_gone_is_ignored(self):
        assert decide(application(records={"old": VersionRecord(label="old", pinned_by="jane")}), NOW) == []


LABELS = [f"v{number}" for number in range(8)]
labels = st.sampled_from(LABELS)


@given(
    ages=st.fixed_dictionaries({label: st.integers(-5, 60) for label in LABELS}),
    own=st.sets(labels),
    pinned=st.sets(labels),
    running=st.lists(labels, max_size=3),
    deployed=st.lists(labels, max_size=3),
    proven=st.lists(labels, max_size=6, unique=True),
    held=st.none() | labels,
    rules=st.builds(
        VersionsConfiguration,
        keep_last=st.integers(0, 4),
        keep_for=st.integers(0, 40).map(lambda count: Duration(days=count)),
        keep_good_per_environment=st.integers(1, 4),
        scope=st.sampled_from(["own", "all"]),
    ),
)
def test_exactly_the_versions_that_no_rule_keeps_are_deleted(ages, own, pinned, running, deployed, proven, held, rules):
    hold = Hold(by="jane", at=NOW, because="", label=held)
    in_use = usage(
        environments=[environment(name=f"e{number}", version_label=label) for number, label in enumerate(running)],
        standings=[standing(*map(good, proven), hold=hold)],
        deployments=[queued(f"d-{number}", label) for number, label in enumerate(deployed)],
    )
    records = {
        label: record(
            label,
            release=release(key=key(label)) if label in own else None,
            pinned_by="jane" if label in pinned else None,
        )
        for label in own | pinned
    }
    versions = (listed(label, age) for label, age in ages.items())
    decided = actions(application(*versions, records=records, usage=in_use, rules=rules))
    in_scope = [label for label in LABELS if rules.scope == "all" or label in own]
    newest = sorted(in_scope, key=lambda label: (-ages[label], label), reverse=True)[: rules.keep_last]
    protected = {*pinned, *running, *deployed, *proven[: rules.keep_good_per_environment], held, *newest}
    protected |= {label for label, age in ages.items() if days(age) < rules.keep_for}
    assert {label for label, action in decided.items() if action is Action.DELETE} == set(in_scope) - protected


def test_the_fixed_rules_cannot_be_turned_off():
    in_use = usage(environments=[environment(version_label="old")])
    assert actions(application(listed("old"), usage=in_use, rules=ONLY_FIXED_RULES)) == {"old": Action.KEEP}


def test_a_reserved_label_without_a_version_is_deleted_with_its_reason():
    reserved = record("old", reserved_at=NOW - days(90))
    [decision] = decide(application(records={"old": reserved}), NOW)
    assert (decision.action, decision.created_at) == (Action.DELETE, NOW - days(90))
    assert decision.reason == "Beanstalk does not have this version, so its bundle is not used"


def test_a_reservation_without_a_date_counts_as_new():
    [decision] = decide(application(records={"old": record("old", reserved_at=None)}), NOW)
    assert decision.created_at == NOW


def test_the_state_of_a_deployment_is_named_in_words():
    deployment = rolling_back(label="old")
    assert kept(application(listed("old", 90), usage=usage(deployments=[deployment]))) == (
        "its deployment to shop-staging is rolling back"
    )
