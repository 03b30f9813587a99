"""The table of configuration options is consistent, and agrees with what is published about AWS's options."""

import pytest

from local.beanstalk.exceptions import ConfigurationValidationException
from local.beanstalk.options import HEALTH, checked, defaults, definition, seconds, validated
from local.beanstalk.tables import table

from .conftest import Cloud, refused
from .test_configuration_updates import LAUNCH, ROLLING, options
from .test_environments import ASG, COMMAND, create, setting

EVERY = [(space, name) for space, named in table("options").items() for name in named]
MEMBERS = {
    *("DefaultValue", "ChangeSeverity", "ValueType", "ValueOptions", "MinValue", "MaxValue", "MaxLength", "Regex"),
    *("ResourceName", "Durations"),
}
SEVERITIES = {
    "RestartEnvironment": [
        *((LAUNCH, name) for name in ("BlockDeviceMappings", "MonitoringInterval", "RootVolumeSize", "RootVolumeIOPS")),
        *((LAUNCH, name) for name in ("RootVolumeType", "SSHSourceRestriction", "SecurityGroups", "ImageId")),
        *((LAUNCH, name) for name in ("InstanceType", "EC2KeyName", "IamInstanceProfile")),
        *(("aws:ec2:vpc", name) for name in ("Subnets", "AssociatePublicIpAddress")),
        ("aws:elasticbeanstalk:environment", "EnvironmentType"),
        ("aws:elasticbeanstalk:environment", "ExternalExtensionsS3Bucket"),
        ("aws:elasticbeanstalk:healthreporting:system", "SystemType"),
    ],
    "Unknown": [
        *(("aws:ec2:vpc", name) for name in ("VPCId", "ELBSubnets", "ELBScheme")),
        *(("aws:elb:listener", name) for name in ("InstancePort", "ListenerProtocol", "SSLCertificateId")),
        *(("aws:cloudformation:template:parameter", name) for name in ("HooksPkgUrl", "AppSource", "InstancePort")),
    ],
    "RestartApplicationServer": [
        ("aws:cloudformation:template:parameter", "EnvironmentVariables"),
        ("aws:elasticbeanstalk:application:environment", "ANYTHING"),
        ("aws:elasticbeanstalk:xray", "XRayEnabled"),
        ("aws:elasticbeanstalk:container:tomcat:jvmoptions", "Xmx"),
    ],
    "NoInterruption": [
        *((ASG, name) for name in ("MinSize", "MaxSize", "Cooldown", "Availability Zones")),
        ("aws:autoscaling:trigger", "UpperThreshold"),
        (ROLLING, "MaxBatchSize"),
        (COMMAND, "DeploymentPolicy"),
        ("aws:elasticbeanstalk:sns:topics", "Notification Endpoint"),
        ("aws:elb:healthcheck", "Interval"),
        ("aws:elb:policies", "ConnectionDrainingTimeout"),
        ("aws:elasticbeanstalk:environment", "ServiceRole"),
        ("aws:elasticbeanstalk:environment", "LoadBalancerType"),
    ],
}
"""From a published description of all options of an environment of 2017."""


def test_every_definition_fits_the_model() -> None:
    for space, name in EVERY:
        option = definition(space, name)
        assert option.keys() - {"Unlisted"} <= MEMBERS, (space, name)
        assert option["ChangeSeverity"] in SEVERITIES, (space, name)
        assert ("MinValue" in option) == ("MaxValue" in option), (space, name)


def test_every_default_is_a_valid_value() -> None:
    for (space, name), value in defaults().items():
        if value:
            assert checked(setting(space, name, value)) == (space, name, value)


@pytest.mark.parametrize(("severity", "option"), [(s, option) for s, listed in SEVERITIES.items() for option in listed])
def test_change_severities_are_those_that_were_published(severity: str, option: tuple[str, str]) -> None:
    assert definition(*option)["ChangeSeverity"] == severity


@pytest.mark.parametrize(
    "option",
    [
        (ASG, "MaxSize", "10001"),
        (ASG, "MinSize", "-1"),
        (ASG, "MinSize", "two"),
        (COMMAND, "Timeout", "0"),
        (COMMAND, "BatchSize", "10001"),
        (LAUNCH, "RootVolumeSize", "7"),
        (LAUNCH, "RootVolumeIOPS", "99"),
        (LAUNCH, "InstanceType", "t3.gigantic"),
        (LAUNCH, "EC2KeyName", "k" * 201),
        (ROLLING, "PauseTime", "PT1H1S"),
        (ROLLING, "PauseTime", "5 minutes"),
        (ROLLING, "PauseTime", "PT"),
        (ROLLING, "Timeout", "PT4M59S"),
        ("aws:elasticbeanstalk:trafficsplitting", "EvaluationTime", "2"),
        ("aws:elasticbeanstalk:trafficsplitting", "NewVersionPercent", "101"),
        ("aws:elasticbeanstalk:managedactions", "PreferredStartTime", "Tuesday"),
        ("aws:elasticbeanstalk:environment:process:admin", "Port", "65536"),
        ("aws:elb:listener:443", "ListenerProtocol", "SMTP"),
        ("aws:elbv2:listenerrule:admin", "Priority", "0"),
    ],
)
def test_a_value_outside_its_limits_is_refused(option: tuple[str, str, str]) -> None:
    with pytest.raises(ConfigurationValidationException) as caught:
        validated(options(option))
    where = f"Invalid option value: '{option[2]}' (Namespace: '{option[0]}', OptionName: '{option[1]}'): "
    assert caught.value.reason.startswith(where)


@pytest.mark.parametrize(("text", "wanted"), [("PT0S", 0), ("PT5M30S", 330), ("PT1H", 3600), ("PT90S", 90)])
def test_durations_are_read(text: str, wanted: int) -> None:
    assert seconds(text) == wanted


def test_the_minimum_size_cannot_exceed_the_maximum(cloud: Cloud) -> None:
    given = [setting(ASG, "MinSize", "5"), setting(ASG, "MaxSize", "4")]
    assert refused(cloud.update, OptionSettings=given)[0] == "ConfigurationValidationException"


def test_an_immutable_deployment_requires_enhanced_health(cloud: Cloud) -> None:
    given = [setting(HEALTH, "SystemType", "basic"), setting(COMMAND, "DeploymentPolicy", "Immutable")]
    code, text, _ = refused(cloud.update, OptionSettings=given)
    assert code == "ConfigurationValidationException"
    assert "Immutable requires enhanced health reporting" in text


def test_settings_depend_on_the_load_balancer_type_and_the_tier(cloud: Cloud) -> None:
    create(cloud)
    create(cloud, "shop-work", Tier={"Name": "Worker", "Type": "SQS/HTTP", "Version": "1.0"})

    def spaces(name: str) -> set[str]:
        found = cloud.eb.describe_configuration_settings(ApplicationName="shop", EnvironmentName=name)
        return {option["Namespace"] for option in found["ConfigurationSettings"][0]["OptionSettings"]}

    assert "aws:elb:healthcheck" in spaces("shop-new")
    assert "aws:elbv2:listener:default" not in spaces("shop-new")
    assert "aws:elbv2:listener:default" in spaces("shop-prod")
    assert "aws:elb:healthcheck" not in spaces("shop-prod")
    assert "aws:elasticbeanstalk:sqsd" in spaces("shop-work")
    assert "aws:elasticbeanstalk:sqsd" not in spaces("shop-prod")
