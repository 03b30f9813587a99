"""The options whose change makes Beanstalk replace instances."""

from collections.abc import Mapping

from wardrop.environments.option import Option

ENVIRONMENT = "aws:elasticbeanstalk:environment"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"

REPLACING = {
    "aws:autoscaling:launchconfiguration": (
        "BlockDeviceMappings",
        "DisableIMDSv1",
        "EC2KeyName",
        "IamInstanceProfile",
        "ImageId",
        "InstanceType",
        "MonitoringInterval",
        "RootVolumeIOPS",
        "RootVolumeSize",
        "RootVolumeThroughput",
        "RootVolumeType",
        "SSHSourceRestriction",
        "SecurityGroups",
    ),
    "aws:ec2:instances": ("EnableSpot", "InstanceTypes", "SupportedArchitectures"),
    "aws:ec2:vpc": ("AssociatePublicIpAddress", "ELBScheme", "ELBSubnets", "Subnets", "VPCId"),
    ENVIRONMENT: ("EnvironmentType",),
    HEALTH: ("SystemType",),
}
"""By namespace, the options with the ChangeSeverity RestartEnvironment or Unknown in DescribeConfigurationOptions, and
those in the developer guide, "Environment configuration changes"."""


def replacing_options(options: Mapping[Option, str]) -> list[str]:
    """The options in force whose change replaces instances, as namespace:option=value."""
    return sorted(
        f"{namespace}:{option}={options[namespace, option]}"
        for namespace, names in REPLACING.items()
        for option in names
        if (namespace, option) in options
    )


def replaces_instances(option: Option) -> bool:
    namespace, name = option
    return name in REPLACING.get(namespace, ())
