"""The parts of an environment that a change of an option affects."""

import pytest

from tests.unit.guard.samples import ENVIRONMENT, LAUNCH, VPC
from wardrop.environments.option import written
from wardrop.guard.descriptions import Description, recorded
from wardrop.guard.scope import Scope, corrections, scope_of, scope_of_resource


@pytest.mark.parametrize(
    ("severity", "scope"),
    [
        ("NoInterruption", Scope.IN_PLACE),
        ("RestartApplicationServer", Scope.APPLICATION_SERVERS),
        ("RestartEnvironment", Scope.INSTANCES),
        ("Unknown", Scope.UNKNOWN),
        ("SomethingNew", Scope.UNKNOWN),
        (None, Scope.UNKNOWN),
    ],
)
def test_the_scope_is_unknown_if_the_severity_is_missing_or_unknown(severity, scope):
    assert scope_of(("aws:any", "Option"), Description(severity=severity)) is scope
    assert scope_of(("aws:any", "Option"), None) is Scope.UNKNOWN
    assert scope_of_resource("AWSEBSomethingNew", {"Size"}) is Scope.UNKNOWN


@pytest.mark.parametrize(
    ("option", "scope"),
    [
        ((VPC, "VPCId"), Scope.LOAD_BALANCER_AND_INSTANCES),
        ((VPC, "ELBSubnets"), Scope.LOAD_BALANCER),
        ((VPC, "ELBScheme"), Scope.LOAD_BALANCER),
        ((ENVIRONMENT, "EnvironmentType"), Scope.ENVIRONMENT_TYPE),
        ((ENVIRONMENT, "LoadBalancerType"), Scope.REFUSED),
        ((ENVIRONMENT, "LoadBalancerIsShared"), Scope.REFUSED),
        ((LAUNCH, "DisableIMDSv1"), Scope.INSTANCES),
        (("aws:ec2:instances", "InstanceTypes"), Scope.INSTANCES),
    ],
)
@pytest.mark.parametrize("severity", ["NoInterruption", None])
def test_our_correction_takes_precedence_over_the_severity(option, scope, severity):
    assert scope_of(option, Description(severity=severity)) is scope


def test_every_correction_is_of_an_option_that_exists():
    assert corrections().options.keys() <= {written(option) for option in recorded()}
