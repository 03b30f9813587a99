"""The applications and environments that a stack would serve."""

import pytest

from installation.beanstalk import Environment, faults_of_applications, faults_of_roles
from installation.findings import CannotTell

UNKNOWN = CannotTell("your credentials may not call DescribeApplications")


@pytest.mark.parametrize(
    ("pattern", "names", "severity", "next_step"),
    [
        ("shpo", ["shop", "blog"], "refused", "Did you mean 'shop'?"),
        ("x*", ["shop", "blog"], "refused", "The applications are: shop, blog."),
        ("x*", [], "refused", "The applications are: none."),
        ("*", [], "warning", "Wardrop serves the applications that you create later."),
        ("shop", UNKNOWN, "warning", "Check it yourself."),
    ],
)
def test_applications_that_do_not_exist_are_reported(pattern, names, severity, next_step):
    [finding] = faults_of_applications(pattern, names)
    assert (finding.severity, finding.next_step) == (severity, next_step)


@pytest.mark.parametrize("pattern", ["*", "shop", "sh*"])
def test_a_pattern_that_an_application_matches_has_no_fault(pattern):
    assert faults_of_applications(pattern, ["shop"]) == []


ENVIRONMENTS = [
    Environment("shop-staging", "shop", has_operations_role=True),
    Environment("shop-prod", "shop", has_operations_role=False),
    Environment("blog", "blog", has_operations_role=False),
]


def test_environments_without_an_operations_role_are_named_if_the_stack_relies_on_it():
    [finding] = faults_of_roles("shop*", "operations-role", ENVIRONMENTS)
    assert finding.text.endswith("may not change them: shop-prod.")
    assert faults_of_roles("shop*", "managed-policy", ENVIRONMENTS) == []


def test_unread_environments_are_no_assurance():
    [finding] = faults_of_roles("*", "operations-role", UNKNOWN)
    assert finding.text.startswith("Cannot tell which environments have an operations role, because")
