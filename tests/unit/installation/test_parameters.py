"""The source of the value of each parameter."""

import pytest

from installation.declarations import Declaration
from installation.parameters import (
    Chosen,
    NotPairs,
    Source,
    choose,
    faults_of_names,
    faults_of_values,
    pairs_of,
    values_of,
)

DECLARED = {
    "Applications": Declaration("Applications", default="*"),
    "AlertEmail": Declaration("AlertEmail", default="", pattern=r"^$|^[^@\s]+@[^@\s]+$"),
    "SettleSeconds": Declaration("SettleSeconds", default="180", least=1, most=900),
}


def test_a_second_deployment_keeps_what_was_answered_before():
    kept = {"Applications": "shop*", "AlertEmail": "ops@example.com", "SettleSeconds": "60"}
    assert values_of(choose(DECLARED, {}, kept)) == kept


def test_a_given_value_replaces_the_kept_one_and_a_new_parameter_has_its_default():
    chosen = choose(DECLARED, {"Applications": "blog"}, {"Applications": "shop", "AlertEmail": "ops@example.com"})
    assert chosen == {
        "Applications": Chosen("blog", Source.GIVEN),
        "AlertEmail": Chosen("ops@example.com", Source.KEPT),
        "SettleSeconds": Chosen("180", Source.DEFAULT),
    }


def test_a_parameter_can_be_set_to_nothing():
    assert choose(DECLARED, {"AlertEmail": ""}, {"AlertEmail": "ops@example.com"})["AlertEmail"].value == ""


def test_a_misspelt_parameter_is_refused_with_the_right_name():
    [finding] = faults_of_names(DECLARED, {"AlertMail": "x"}, {})
    assert (finding.text, finding.next_step) == ("The template has no parameter AlertMail.", "Did you mean AlertEmail?")


def test_a_parameter_that_the_template_no_longer_has_is_reported_with_its_value():
    [finding] = faults_of_names(DECLARED, {}, {"Region": "eu"})
    assert "Region=eu" in finding.text


def test_a_value_that_the_template_does_not_accept_is_refused_with_its_source():
    [finding] = faults_of_values(DECLARED, choose(DECLARED, {}, {"SettleSeconds": "1000"}))
    assert finding.text == "SettleSeconds=1000 (kept from the stack) is not accepted: it must be at most 900."


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", {}),
        ("A=1 B=", {"A": "1", "B": ""}),
        ("A='my shop' B=\"x=y\"", {"A": "my shop", "B": "x=y"}),
        ('A="\\"blue\\""', {"A": '"blue"'}),
    ],
)
def test_pairs_are_read_as_a_shell_reads_words(text, pairs):
    assert pairs_of(text) == pairs


@pytest.mark.parametrize("text", ["A", "=1", "A=1 B", "A='my", "my shop=1"])
def test_a_text_without_pairs_is_refused(text):
    with pytest.raises(NotPairs):
        pairs_of(text)
