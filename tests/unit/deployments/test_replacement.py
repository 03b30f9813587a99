"""What people are notified of, asked and approve."""

from tests.unit.samples import NEW, OLD
from wardrop.alerts.kinds import Severity
from wardrop.deployments.replacement import BundleFiles, Replacement, ReplacementRecord, replacement_of
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect
from wardrop.guard.plan import Plan
from wardrop.guard.proposal import Proposal

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
        )
        if replacement
    }
    assert len(ids) == 7


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
