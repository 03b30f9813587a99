"""What the API tells of an environment's health, instances and settings."""

from typing import Any

from . import health
from .environments import Environment
from .fleet import Instance
from .options import definition

_PERCENTILES = ("P999", "P99", "P95", "P90", "P85", "P75", "P50", "P10")
_IDLE = {
    "CPUUtilization": {"User": 0.4, "System": 0.2, "Idle": 99.3, "IOWait": 0.1},
    "LoadAverage": [0.0, 0.01],
}


def environment_health(environment: Environment) -> dict[str, Any]:
    reported = environment.reported or health.Health("Unknown")
    return {
        "EnvironmentName": environment.name,
        "HealthStatus": reported.status,
        "Status": environment.status,
        "Color": reported.color,
        "Causes": reported.causes,
        "ApplicationMetrics": _metrics(environment.instances),
        "InstancesHealth": health.counts([environment.health_of(each) for each in environment.instances]),
        "RefreshedAt": environment.now(),
    }


def instance_health(environment: Environment, instance: Instance) -> dict[str, Any]:
    seen = environment.health_of(instance)
    return {
        "InstanceId": instance.id,
        "HealthStatus": seen.status,
        "Color": seen.color,
        "Causes": seen.causes,
        "LaunchedAt": instance.launched_at,
        "ApplicationMetrics": _metrics([instance]),
        "System": _IDLE,
        "Deployment": instance.deployment,
        "AvailabilityZone": instance.availability_zone,
        "InstanceType": instance.type,
    }


def configuration_settings(environment: Environment) -> list[dict[str, Any]]:
    """What is deployed and, while it is on its way, the draft."""
    sets = {"deployed": environment.settings}
    if environment.draft is not None:
        sets["pending"] = environment.settings | environment.draft
    return [
        {
            "SolutionStackName": environment.solution_stack_name,
            "PlatformArn": environment.platform_arn,
            "Tier": environment.tier,
            "ApplicationName": environment.application_name,
            "EnvironmentName": environment.name,
            "Description": environment.description,
            "DeploymentStatus": status,
            "DateCreated": environment.date_created,
            "DateUpdated": environment.date_updated,
            "OptionSettings": [_setting(*option, value) for option, value in sorted(settings.items())],
        }
        for status, settings in sets.items()
    ]


def _setting(namespace: str, name: str, value: str) -> dict[str, Any]:
    resource = definition(namespace, name).get("ResourceName")
    return {"ResourceName": resource, "Namespace": namespace, "OptionName": name, "Value": value}


def _metrics(instances: list[Instance]) -> dict[str, Any]:
    """Ten seconds of nothing but the load balancer's own checks."""
    served = [instance for instance in instances if instance.in_service]
    well = sum(instance.answers for instance in served)
    return {
        "Duration": 10,
        "RequestCount": len(served),
        "StatusCodes": {"Status2xx": well, "Status3xx": 0, "Status4xx": len(served) - well, "Status5xx": 0},
        "Latency": dict.fromkeys(_PERCENTILES, 0.002),
    }
