"""The load balancer of an environment, and the options that apply to it."""

from collections.abc import Mapping

from wardrop.environments.option import Option

ENVIRONMENT = "aws:elasticbeanstalk:environment"

_OTHER = {"application": "aws:elb:", "network": "aws:elb:", "classic": "aws:elbv2:"}
"""Maps each type of load balancer to the prefix of the namespaces that have no effect on this type."""


def is_load_balanced(options: Mapping[Option, str]) -> bool:
    return options.get((ENVIRONMENT, "EnvironmentType"), "LoadBalanced") == "LoadBalanced"


def is_for_another(option: Option, options: Mapping[Option, str]) -> bool:
    """Whether the option applies only to a load balancer that the environment does not have.

    `options` are the settings in force.
    """
    namespace = option[0]
    if not is_load_balanced(options):
        return namespace.startswith(("aws:elb:", "aws:elbv2:"))
    other = _OTHER.get(options.get((ENVIRONMENT, "LoadBalancerType"), ""))
    return other is not None and namespace.startswith(other)
