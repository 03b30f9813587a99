"""Names and states of stacks, and stacks that serve the same applications."""

import pytest

from installation.declarations import template_of
from installation.findings import Severity
from installation.stacks import (
    OUTPUTS,
    Stack,
    faults_of_name,
    faults_of_sharing,
    faults_of_state,
    longest_name,
    stack_name,
)
from tests import gate

TEMPLATE = template_of(gate.TEMPLATE.read_text())


def ours(name: str, applications: str) -> Stack:
    return Stack(name, "CREATE_COMPLETE", {"Applications": applications}, dict.fromkeys(OUTPUTS, "x"))


def test_each_stage_is_a_stack_of_its_own():
    assert (stack_name(""), stack_name("prod")) == ("wardrop", "wardrop-prod")


@pytest.mark.parametrize("name", ["wardrop", "wardrop-prod", "w" * 25])
def test_an_ordinary_name_has_no_fault(name):
    assert faults_of_name(name, TEMPLATE) == []


@pytest.mark.parametrize("name", ["", "9lives", "my_stack", "a" * 129, "aws-wardrop", "SSM-wardrop"])
def test_a_name_that_aws_would_refuse_is_refused_before_anything_is_built(name):
    assert [finding.severity for finding in faults_of_name(name, TEMPLATE)] == [Severity.REFUSAL]


def test_a_name_of_128_characters_is_warned_of_because_generated_names_would_be_shortened():
    [finding] = faults_of_name("a" * 128, TEMPLATE)
    assert (finding.severity, f"at most {longest_name(TEMPLATE)} characters" in finding.next_step) == ("warning", True)


def test_generated_names_of_the_longest_name_are_not_shortened():
    stack = "a" * longest_name(TEMPLATE)
    named = [
        f"{stack}-{logical_id}{'Role' if one['Type'] == 'AWS::Serverless::Function' else ''}-1A2B3C4D5E6F"
        for logical_id, one in TEMPLATE["Resources"].items()
        if one["Type"] in ("AWS::Serverless::Function", "AWS::Events::Rule", "AWS::Scheduler::Schedule")
    ]
    assert max(map(len, named)) == 64


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_at_rest_can_be_updated(status):
    assert faults_of_state(Stack("wardrop", status)) == []


@pytest.mark.parametrize(
    ("status", "next_step"),
    [
        ("ROLLBACK_COMPLETE", "aws cloudformation delete-stack --stack-name wardrop"),
        ("CREATE_FAILED", "aws cloudformation delete-stack --stack-name wardrop"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name wardrop"),
        ("UPDATE_IN_PROGRESS", "Wait until it changes."),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Wait until it changes."),
    ],
)
def test_a_stack_that_cannot_be_updated_is_refused_with_what_to_do(status, next_step):
    [finding] = faults_of_state(Stack("wardrop", status))
    assert finding.next_step.endswith(next_step)


@pytest.mark.parametrize("applications", ["*", "shop", "sh*"])
def test_a_second_stack_on_the_same_applications_is_refused(applications):
    [finding] = faults_of_sharing("wardrop-prod", applications, [ours("wardrop", "shop*")])
    assert (finding.code, finding.severity, finding.may_be_allowed) == ("shared-applications", "refused", True)
    assert "wardrop serves the applications 'shop*'" in finding.text


def test_stacks_on_other_applications_the_stack_itself_and_stacks_of_other_projects_do_not_matter():
    others = [ours("wardrop-blog", "blog*"), ours("wardrop", "*"), Stack("vpc", "CREATE_COMPLETE", {}, {"Vpc": "x"})]
    assert faults_of_sharing("wardrop", "shop*", others) == []
