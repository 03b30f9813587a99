"""Deployment settings, read from an environment's option settings."""

from tests.unit.samples import NOW, deployment_settings, environment
from wardrop.environments.settings import read_settings

COMMAND = "aws:elasticbeanstalk:command"


def test_option_settings_are_read_in_the_form_of_beanstalk():
    options = {
        (COMMAND, "DeploymentPolicy"): "Rolling",
        (COMMAND, "BatchSizeType"): "Fixed",
        (COMMAND, "BatchSize"): "2",
        (COMMAND, "Timeout"): "900",
        ("aws:elasticbeanstalk:environment", "LoadBalancerType"): "application",
        ("aws:autoscaling:asg", "MinSize"): "3",
        ("aws:autoscaling:scheduledaction", "MinSize"): "1",
        ("aws:autoscaling:launchconfiguration", "InstanceType"): "t3.small",
    }
    assert read_settings(options, environment(tier="Worker"), NOW) == deployment_settings(
        worker=True,
        policy="Rolling",
        batch="2",
        command_timeout=900,
        min_size=3,
        scheduled_actions=True,
        replacing_options=["aws:autoscaling:launchconfiguration:InstanceType=t3.small"],
    )


def test_missing_options_have_the_defaults_of_beanstalk():
    assert read_settings({}, environment(), NOW) == deployment_settings(application_load_balancer=False)
