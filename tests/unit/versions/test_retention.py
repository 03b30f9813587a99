"""Which versions are kept, each by its rule; which bundles nobody needs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, claim, deploying, environment, good, queued, release, rolling_back, standing
from wardrop.configuration.schema import Duration, VersionsConfiguration
from wardrop.deployments.model import Hold, Quarantined
from wardrop.environments.version import ApplicationVersion
from wardrop.versions.retention import (
    Application,
    Bundle,
    Known,
    Verdict,
    choose,
    is_nearly_full,
    serves,
    spent,
)

BARE = VersionsConfiguration(keep_last=0, keep_for=Duration(0), keep_good_per_environment=1)
"""No rule but those that nobody can turn off."""


def days(count: float) -> timedelta:
    return timedelta(days=count)


def key(label: str) -> str:
    return f"shop/{'0' * 32}/{label}.war"


def listed(label: str, age: float = 100, **differs: Any) -> ApplicationVersion:
    plain: dict[str, Any] = {"application": "shop", "bucket": "releases", "key": key(label)}
    return ApplicationVersion(label=label, created_at=NOW - days(age), **(plain | differs))


def known(label: str, **differs: Any) -> Known:
    plain: dict[str, Any] = {"release": release(key=key(label)), "reserved_at": NOW - days(100)}
    return Known(label=label, **(plain | differs))


def application(*versions: ApplicationVersion, **differs: Any) -> Application:
    """All versions are Wardrop's own; one environment runs something else."""
    plain: dict[str, Any] = {
        "name": "shop",
        "versions": versions,
        "known": {one.label: known(one.label) for one in versions},
        "environments": [environment(version_label="live")],
        "standings": [standing()],
        "deployments": [],
        "rules": BARE,
    }
    return Application(**(plain | differs))


def verdicts(place: Application, now: datetime = NOW) -> dict[str, Verdict]:
    return {one.label: one.verdict for one in choose(place, now)}


def reason(place: Application, label: str = "old") -> str:
    """Why it is kept."""
    [choice] = [one for one in choose(place, NOW) if one.label == label]
    assert choice.verdict is Verdict.KEEP, choice.reason
    return choice.reason


class TestWhatIsKept:
    def test_what_no_rule_keeps_goes_the_oldest_first_with_a_reason(self):
        found = choose(application(listed("new", 40), listed("old", 90), listed("older", 91)), NOW)
        assert [(one.label, one.verdict) for one in found] == [
            ("older", Verdict.DELETE),
            ("old", Verdict.DELETE),
            ("new", Verdict.DELETE),
        ]
        assert found[0].reason == "no rule keeps it; it was made on 2025-10-03"

    @pytest.mark.parametrize(
        "status", ["Ready", "Updating", "Launching", "Aborting", "LinkingFrom", "LinkingTo", "Terminating"]
    )
    def test_what_an_environment_runs_in_any_state(self, status):
        place = application(listed("old"), environments=[environment(version_label="old", status=status)])
        assert reason(place) == "shop-staging runs it"

    def test_what_an_active_deployment_brings_replaces_or_goes_back_to(self):
        waiting = application(listed("old"), deployments=[queued(label="old")])
        assert reason(waiting) == "it is queued for shop-staging"
        back = application(listed("old"), deployments=[rolling_back(target=good("old"))])
        assert reason(back) == "shop-staging goes back to it"
        before = application(listed("old"), deployments=[deploying(claim=claim(version_label="old"))])
        assert reason(before) == "shop-staging ran it before shop-2.0"

    def test_what_a_hold_names(self):
        hold = Hold(by="jane", at=NOW, because="rolled back to old", label="old")
        assert reason(application(listed("old"), standings=[standing(hold=hold)])) == (
            "shop-staging is held at it by jane"
        )

    def test_what_a_person_pinned_also_if_somebody_else_made_it(self):
        assert reason(application(listed("old"), known={"old": known("old", pinned_by="jane")})) == "jane pinned it"
        foreign = {"old": Known(label="old", pinned_by="jane")}
        rules = VersionsConfiguration(keep_last=0, keep_for=Duration(0), scope="all")
        assert reason(application(listed("old"), known=foreign, rules=rules)) == "jane pinned it"

    def test_the_last_good_ones_of_each_environment(self):
        rules = VersionsConfiguration(keep_last=0, keep_for=Duration(0), keep_good_per_environment=2)
        names = ["g1", "g2", "g3", "g4"]
        proven = [
            standing(*map(good, names[:3])),
            standing(good("g4"), environment="shop-prod"),
        ]
        found = verdicts(application(*map(listed, names), standings=proven, rules=rules))
        assert [one for one, verdict in found.items() if verdict is Verdict.DELETE] == ["g3"]

    def test_a_good_version_that_was_quarantined_since_takes_no_other_ones_place(self):
        condemned = [Quarantined(label="g1", at=NOW, because="x")]
        proven = [standing(good("g1"), good("g2"), good("g3"), quarantined=condemned)]
        found = verdicts(application(*map(listed, ["g1", "g2", "g3"]), standings=proven))
        assert found == {"g1": Verdict.KEEP, "g2": Verdict.KEEP, "g3": Verdict.DELETE}

    def test_the_newest_ones(self):
        rules = VersionsConfiguration(keep_last=2, keep_for=Duration(0))
        place = application(listed("a", 3), listed("b", 1), listed("c", 2), rules=rules)
        assert verdicts(place) == {"a": Verdict.DELETE, "c": Verdict.KEEP, "b": Verdict.KEEP}
        assert reason(place, "b") == "it is among the newest 2"

    def test_the_newest_are_counted_among_those_that_may_go_at_all(self):
        rules = VersionsConfiguration(keep_last=1, keep_for=Duration(0))
        place = application(listed("theirs", 1), listed("ours", 2), known={"ours": known("ours")}, rules=rules)
        assert reason(place, "ours") == "it is among the newest 1"

    @pytest.mark.parametrize(("age", "verdict"), [(29.9, Verdict.KEEP), (30, Verdict.DELETE), (-400, Verdict.KEEP)])
    def test_what_is_young_or_from_the_future_by_our_clock(self, age, verdict):
        rules = VersionsConfiguration(keep_last=0)
        assert verdicts(application(listed("old", age), rules=rules)) == {"old": verdict}

    def test_what_somebody_else_made_unless_the_scope_is_all(self):
        place = application(listed("old"), known={})
        assert reason(place) == "Wardrop has not made it, and the scope is own"
        rules = VersionsConfiguration(keep_last=0, keep_for=Duration(0), scope="all")
        assert verdicts(application(listed("old"), known={}, rules=rules)) == {"old": Verdict.DELETE}

    def test_a_label_of_ours_that_somebody_gave_another_bundle_is_theirs(self):
        assert "has not made it" in reason(application(listed("old", key="theirs.war"), known={"old": known("old")}))

    def test_keep_last_0_leaves_the_other_rules(self):
        rules = VersionsConfiguration(keep_last=0)
        place = application(
            listed("live"), listed("young", 1), listed("old"), standings=[standing(good("old"))], rules=rules
        )
        assert set(verdicts(place).values()) == {Verdict.KEEP}


class TestWhatIsInTheWay:
    def test_somebody_elses_update_for_nobody_knows_what_it_brings(self):
        place = application(listed("old"), environments=[environment(status="Updating")])
        [choice] = choose(place, NOW)
        assert choice.verdict is Verdict.WAIT
        assert choice.reason == "shop-staging is Updating, and Beanstalk does not tell to which version"

    def test_our_own_update_is_known_and_no_obstacle(self):
        place = application(
            listed("old"), environments=[environment(status="Updating")], deployments=[deploying(label="new")]
        )
        assert verdicts(place) == {"old": Verdict.DELETE}

    def test_an_environment_being_launched_shows_its_version_or_is_in_the_way(self):
        launching = [environment(status="Launching", version_label="new")]
        assert verdicts(application(listed("old"), environments=launching)) == {"old": Verdict.DELETE}
        launching = [environment(status="Launching", version_label=None)]
        assert verdicts(application(listed("old"), environments=launching)) == {"old": Verdict.WAIT}

    def test_an_environment_that_is_not_shown_all_at_once(self):
        place = application(listed("old"), environments=[], unseen=["shop-prod"])
        [choice] = choose(place, NOW)
        assert (choice.verdict, "does not show shop-prod" in choice.reason) == (Verdict.WAIT, True)

    def test_a_configuration_that_cannot_be_read(self):
        [choice] = choose(application(listed("old"), rules=None), NOW)
        assert (choice.verdict, choice.reason) == (
            Verdict.WAIT,
            "the configuration of shop is refused, so nothing of it is deleted",
        )


class TestLabelsWithoutAVersion:
    def alone(self, **differs: Any) -> Application:
        return application(known={"old": known("old", **differs)})

    def test_one_that_is_a_week_old_serves_nothing(self):
        assert verdicts(self.alone(reserved_at=NOW - days(7))) == {"old": Verdict.DELETE}
        assert "may" not in reason(self.alone(reserved_at=NOW - days(6.9)))

    def test_one_that_clean_up_was_at_goes_at_once(self):
        assert verdicts(self.alone(reserved_at=NOW, doomed_at=NOW)) == {"old": Verdict.DELETE}

    def test_the_rules_that_protect_versions_protect_it_too(self):
        assert reason(self.alone(pinned_by="jane")) == "jane pinned it"
        place = application(known={"old": known("old")}, standings=[standing(good("old"))])
        assert "good in shop-staging" in reason(place)

    def test_a_pin_of_what_somebody_else_made_and_deleted_is_nothing(self):
        assert choose(application(known={"old": Known(label="old", pinned_by="jane")}), NOW) == []


LABELS = [f"v{number}" for number in range(8)]
labels = st.sampled_from(LABELS)


@given(
    ages=st.fixed_dictionaries({label: st.integers(-5, 60) for label in LABELS}),
    own=st.sets(labels),
    pinned=st.sets(labels),
    runs=st.lists(labels, max_size=3),
    wanted=st.lists(labels, max_size=3),
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
def test_nothing_that_a_rule_protects_is_ever_chosen(ages, own, pinned, runs, wanted, proven, held, rules):
    hold = Hold(by="jane", at=NOW, because="", label=held)
    place = application(
        *(listed(label, age) for label, age in ages.items()),
        known={
            label: known(label, release=release(key=key(label)) if label in own else None, pinned_by="jane")
            if label in pinned
            else known(label, release=release(key=key(label)) if label in own else None)
            for label in own | pinned
        },
        environments=[environment(name=f"e{number}", version_label=label) for number, label in enumerate(runs)],
        standings=[standing(*map(good, proven), hold=hold)],
        deployments=[queued(f"d-{number}", label) for number, label in enumerate(wanted)],
        rules=rules,
    )
    going = {one.label for one in choose(place, NOW) if one.verdict is Verdict.DELETE}
    in_scope = [label for label in LABELS if rules.scope == "all" or label in own]
    newest = sorted(in_scope, key=lambda label: (-ages[label], label), reverse=True)[: rules.keep_last]
    protected = {*pinned, *runs, *wanted, *proven[: rules.keep_good_per_environment], held, *newest}
    protected |= {label for label, age in ages.items() if days(age) < rules.keep_for}
    assert not going & protected
    assert going == set(in_scope) - protected


class TestBundles:
    OLD = NOW - days(8)

    def bundle(self, label: str = "old", **differs: Any) -> Bundle:
        return Bundle(**({"key": key(label), "version_id": "r1", "size": 7, "at": self.OLD} | differs))

    def test_one_whose_version_has_just_gone_goes_however_young(self):
        young = self.bundle(at=NOW)
        assert spent([young], [], [], [(young.key, "r1")], NOW) == [young]

    def test_one_that_any_version_still_names_stays(self):
        one = self.bundle()
        assert spent([one], [one.key], [], [(one.key, "r1")], NOW) == []

    def test_one_that_a_label_stands_for_stays(self):
        assert spent([self.bundle()], [], [key("old")], [], NOW) == []

    @pytest.mark.parametrize(("age", "goes"), [(6.9, False), (7, True)])
    def test_an_orphan_goes_after_a_week(self, age, goes):
        assert bool(spent([self.bundle(at=NOW - days(age))], [], [], [], NOW)) is goes

    def test_another_object_version_under_the_key_is_not_the_recorded_one(self):
        """Somebody overwrote it a moment ago: that is an orphan like others."""
        theirs = self.bundle(version_id="theirs", at=NOW)
        assert spent([theirs], [], [], [(theirs.key, "r1")], NOW) == []

    @pytest.mark.parametrize("theirs", ["theirs/old.war", "shop/old.war", f"a/b/{'0' * 32}/x.war", "readme.txt"])
    def test_what_wardrop_did_not_put_there_stays(self, theirs):
        assert spent([self.bundle(key=theirs)], [], [], [], NOW) == []


@pytest.mark.parametrize(
    ("pattern", "name", "served"),
    [("*", "a b", True), ("shop-*", "shop-web", True), ("shop-*", "mall", False), ("s.op", "shop", False)],
)
def test_which_applications_are_served(pattern, name, served):
    assert serves(pattern, name) is served


@pytest.mark.parametrize(("versions", "full"), [(950, False), (951, True), (1000, True), (1200, True), (0, False)])
def test_less_than_5_percent_is_little_room(versions, full):
    assert is_nearly_full(versions, 1000) is full
