"""Deployment settings, read from an environment's option settings."""

from tests.unit.samples import NOW, deployment_settings, environment
from wardrop.environments.settings import MOST_RECORDED_CHARACTERS, MOST_VALUE_CHARACTERS, read_settings

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
        options={
            COMMAND: {"BatchSize": "2", "BatchSizeType": "Fixed", "DeploymentPolicy": "Rolling", "Timeout": "900"},
            "aws:autoscaling:asg": {"MinSize": "3"},
            "aws:autoscaling:launchconfiguration": {"InstanceType": "t3.small"},
            "aws:autoscaling:scheduledaction": {"MinSize": "1"},
            "aws:elasticbeanstalk:environment": {"LoadBalancerType": "application"},
        },
    )


def test_missing_options_have_the_defaults_of_beanstalk():
    assert read_settings({}, environment(), NOW) == deployment_settings(application_load_balancer=False, options={})


def test_values_that_may_be_secret_are_never_recorded():
    options = {
        ("aws:elasticbeanstalk:application:environment", "MODE"): "production",
        ("aws:elasticbeanstalk:container:tomcat:jvmoptions", "JVM Options"): "-Dpassword=x",
        ("aws:ec2:instances", "SecretToken"): "x",
        ("aws:rds:dbinstance", "DBPassword"): "x",
    }
    settings = read_settings(options, environment(), NOW)
    assert (settings.options, settings.unrecorded) == ({}, [])


def test_values_that_are_too_long_are_named_instead_of_recorded():
    size = MOST_VALUE_CHARACTERS
    options = {
        ("aws:ec2:vpc", f"Subnets{number}"): "x" * size for number in range(MOST_RECORDED_CHARACTERS // size + 1)
    }
    options["aws:elasticbeanstalk:healthreporting:system", "ConfigDocument"] = "x" * (size + 1)
    settings = read_settings(options, environment(), NOW)
    assert sum(len(name) + len(value) for name, value in settings.options["aws:ec2:vpc"].items()) <= 16_000
    assert "aws:elasticbeanstalk:healthreporting:system:ConfigDocument" in settings.unrecorded
    assert len(settings.options["aws:ec2:vpc"]) + len(settings.unrecorded) == len(options)
