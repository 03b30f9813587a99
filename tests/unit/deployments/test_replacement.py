"""The replacements about which people are notified, and which they approve."""

from datetime import timedelta

import pytest

from tests.unit.samples import NEW, NOW, OLD
from wardrop.alerts.kinds import Severity
from wardrop.deployments.replacement import (
    MOST_CHARACTERS,
    BundleFiles,
    Doubt,
    Replacement,
    ReplacementRecord,
    listed,
    replacement_of,
)
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect
from wardrop.guard.plan import Plan
from wardrop.guard.proposal import Proposal
from wardrop.structs import replace

FILES = BundleFiles(Proposal(), {OLD: Proposal()})


def change(after: str = "m5.large", effect: Effect = Effect.REPLACES_AT_ONCE, phrase: str = "") -> Change:
    return Change(
        subject="a:b", before="t3.small", after=after, effect=effect, worst=effect, sentence="", phrase=phrase
    )


def of(*changes: Change, files: BundleFiles = FILES, unknown: tuple[str, ...] = ()) -> Replacement | None:
    effect = max((each.effect for each in changes), key=lambda each: each.harm, default=Effect.NOTHING)
    plan = Plan(effect=Effect.CANNOT_TELL if unknown else effect, sentence="s", changes=changes, unknown=unknown)
    return replacement_of(plan, files)


def test_a_plan_that_keeps_the_instances_is_none():
    assert of() is None
    assert of(change(effect=Effect.RESTARTS)) is None


def test_the_same_changes_have_the_same_id_and_others_have_another():
    first = of(change(phrase="all 2 instances"))
    assert first is not None
    assert of(change(phrase="all 3 instances")) == first
    ids = {
        replacement.id
        for replacement in (
            first,
            of(change("m5.xlarge")),
            of(change(effect=Effect.REPLACES_IN_BATCHES)),
            of(change(), change("x")),
            of(change(), unknown=("x",)),
            of(change(), files=BundleFiles(Proposal(unread=["x"]), {OLD: Proposal()})),
            of(change(), files=BundleFiles(Proposal(), {NEW: None})),
            of(change(), files=BundleFiles(Proposal(), {OLD: Proposal()}, Doubt("x"))),
            of(change(), files=BundleFiles(Proposal(), {OLD: Proposal()}, Doubt("x", NOW))),
            of(change(), files=BundleFiles(Proposal(), {OLD: Proposal()}, Doubt("x", NOW + timedelta(minutes=1)))),
        )
        if replacement
    }
    assert len(ids) == 10


def test_another_wording_of_what_is_not_known_has_the_same_id():
    """Otherwise, an upgrade of Wardrop would request an approval again."""
    one = BundleFiles(Proposal(unread=["x"]), {OLD: Proposal()}, Doubt("x", NOW))
    reworded = BundleFiles(Proposal(unread=["y"]), {OLD: Proposal()}, Doubt("y", NOW))
    assert of(change(), files=one).id == of(change(), files=reworded).id


def test_the_effect_is_the_worst_one_that_is_certain():
    mixed = of(change(), unknown=("x",))
    assert mixed is not None
    assert (mixed.effect, mixed.severity) == (Effect.REPLACES_AT_ONCE, Severity.ERROR)
    unknown = of(unknown=("x",))
    assert unknown is not None
    assert (unknown.effect, unknown.severity) == (Effect.CANNOT_TELL, Severity.WARNING)


def test_a_question_is_undecided_until_that_very_replacement_is_approved():
    assert not ReplacementRecord().is_undecided
    assert ReplacementRecord(asked="1").is_undecided
    assert ReplacementRecord(asked="2", approved="1").is_undecided
    assert not ReplacementRecord(asked="1", approved="1").is_undecided


def test_the_id_has_sixteen_characters_and_ignores_the_order_of_the_changes():
    first, second = change("m5.large"), change("m5.xlarge")
    assert of(first, second).id == of(second, first).id
    assert len(of(first).id) == 16


def test_the_id_ignores_the_order_of_changes_of_which_some_have_no_value():
    unset, set_ = replace(change(), before=None), change()
    assert of(unset, set_).id == of(set_, unset).id


class TestTheSentence:
    @pytest.mark.parametrize(
        ("before", "after", "named"),
        [
            ("t3.small", "m5.large", "a:b from t3.small to m5.large"),
            (None, "m5.large", "a:b from nothing to m5.large"),
            ("t3.small", None, "a:b from t3.small to nothing"),
            (None, None, "a:b"),
        ],
    )
    def test_it_names_the_values_that_are_known(self, before, after, named):
        assert of(replace(change(), before=before, after=after)).sentence == f"s; .ebextensions change {named}"

    def test_it_names_three_changes_and_counts_the_others(self):
        assert listed(["a", "b", "c"]) == "a, b, c"
        assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"

    def test_a_long_one_is_cut_at_its_limit(self):
        def sentence(length: int) -> str:
            plan = Plan(effect=Effect.CANNOT_TELL, sentence="x" * length, changes=(), unknown=("x",))
            return replacement_of(plan, FILES).sentence

        assert sentence(MOST_CHARACTERS) == "x" * MOST_CHARACTERS
        assert sentence(MOST_CHARACTERS + 1) == "x" * (MOST_CHARACTERS - 3) + "..."
