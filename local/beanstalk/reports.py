"""What the API tells of an environment's health, instances and settings."""

from collections import Counter
from typing import Any

from .environments import Environment
from .fleet import Instance
from .health import BAD, Health
from .options import definition
from .tables import table


def environment_health(environment: Environment) -> dict[str, Any]:
    statuses = Counter(environment.health_of(each).status for each in environment.instances)
    return {
        "EnvironmentName": environment.name,
        **_health(environment.reported or Health("Unknown")),
        "Status": environment.status,
        "ApplicationMetrics": _metrics(environment.instances),
        "InstancesHealth": {name: statuses[name] for name in ("NoData", "Unknown", "Pending", "Ok", "Info", *BAD)},
        "RefreshedAt": environment.now(),
    }


def instance_health(environment: Environment, instance: Instance) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        **_health(environment.health_of(instance)),
        "LaunchedAt": instance.launched_at,
        "ApplicationMetrics": _metrics([instance]),
        "System": table("defaults")["system"],
        "Deployment": instance.deployment,
        "AvailabilityZone": instance.availability_zone,
        "InstanceType": instance.type,
    }


def configuration_settings(environment: Environment) -> list[dict[str, Any]]:
    """What is deployed and, while it is on its way, the draft."""
    sets = {"deployed": environment.settings}
    if environment.update is not None and environment.update.changes:
        sets["pending"] = environment.settings | environment.update.changes
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


def _health(seen: Health) -> dict[str, Any]:
    return {"HealthStatus": seen.status, "Color": seen.color, "Causes": seen.causes}


def _metrics(instances: list[Instance]) -> dict[str, Any]:
    """Ten seconds of nothing but the load balancer's own checks."""
    served = [instance for instance in instances if instance.in_service]
    well = sum(instance.answers for instance in served)
    return {
        "Duration": 10,
        "RequestCount": len(served),
        "StatusCodes": {"Status2xx": well, "Status3xx": 0, "Status4xx": len(served) - well, "Status5xx": 0},
        "Latency": table("defaults")["latency"],
    }
