"""Refusals, warnings, and refusals that a person allows."""

from installation.findings import CannotTell, described, objection, refusal, refuses, unread, warning, with_allowed


def test_a_warning_does_not_prevent_the_installation():
    assert not refuses([warning("a", "A.", "Do b."), unread("b", "whether c", CannotTell("d"))])
    assert refuses([warning("a", "A.", "Do b."), refusal("c", "C.", "Do d.")])


def test_an_objection_can_be_allowed_by_its_code_only():
    findings = [objection("shared-applications", "A.", "Do b.")]
    assert refuses(with_allowed(findings, {"other"}))
    assert not refuses(with_allowed(findings, {"shared-applications"}))


def test_an_installation_that_certainly_fails_cannot_be_allowed():
    assert refuses(with_allowed([refusal("bucket-region", "A.", "Do b.")], {"bucket-region"}))


def test_each_text_contains_the_next_step_and_how_to_allow_it():
    assert described(objection("x", "A.", "Do b.")).splitlines() == [
        "refused: A.",
        "  Do b.",
        "  To continue anyway: make deploy ALLOW=x",
    ]
    assert described(refusal("x", "A.", "Do b.")) == "refused: A.\n  Do b."


def test_an_unread_fact_is_no_assurance():
    text = unread("x", "whether the bucket exists", CannotTell("your credentials may not call HeadBucket")).text
    assert text == "Cannot tell whether the bucket exists, because your credentials may not call HeadBucket."
