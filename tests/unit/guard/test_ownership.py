"""The owner of an operation on an environment: Wardrop or somebody else."""

import pytest

from wardrop.guard.ownership import Ownership, combined

OURS, UNANSWERED, OVERLAPPING, FOREIGN = Ownership


def test_without_deployments_an_operation_is_foreign():
    assert combined([]) is FOREIGN


@pytest.mark.parametrize(
    ("answers", "whole"),
    [
        ([FOREIGN, OURS, UNANSWERED], OURS),
        ([FOREIGN, OVERLAPPING, UNANSWERED], UNANSWERED),
        ([OVERLAPPING, FOREIGN], OVERLAPPING),
        ([FOREIGN, FOREIGN], FOREIGN),
    ],
)
def test_one_deployment_that_owns_the_operation_decides(answers, whole):
    assert combined(answers) is whole
