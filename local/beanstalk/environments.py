"""An environment: its configuration, its fleet, its reported health, and the update it may be going through."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from local.faults import Fault

from . import health
from .events import Event
from .fleet import Deployment, Instance, names
from .options import ASG, ENVIRONMENT, HEALTH, Settings, definition
from .updates import Steps, Update
from .versions import ApplicationVersion

if TYPE_CHECKING:
    from .models import ElasticBeanstalkBackend

SAMPLE_APPLICATION = "Sample Application"
ZONES = "abc"


def _suffix(length: int) -> str:
    return "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(length))


@dataclass
class Environment:
    backend: ElasticBeanstalkBackend
    application_name: str
    name: str
    description: str | None
    cname: str
    platform: str
    tier: dict[str, str]
    settings: Settings
    created: datetime
    id: str = field(default_factory=lambda: f"e-{_suffix(10)}")
    suffix: str = field(default_factory=lambda: _suffix(12).upper())
    status: str = "Launching"
    version_label: str | None = None
    """The last version that was deployed successfully."""
    expected: Deployment | None = None
    """The last successful deployment: what every instance should run."""
    deployment_id: int = 0
    answers: bool = True
    """Whether the version that new instances get can answer at `/`."""
    instances: list[Instance] = field(default_factory=list)
    draft: Settings | None = None
    update: Update | None = None
    last_update: Update | None = None
    health: health.Health | None = None
    health_fault: Fault | None = None
    differing_checks: int = 0
    updated: datetime = field(init=False)
    _stale: tuple[float, dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        self.updated = self.created

    @property
    def load_balanced(self) -> bool:
        return self.settings[ENVIRONMENT, "EnvironmentType"] == "LoadBalanced"

    @property
    def enhanced(self) -> bool:
        return self.settings[HEALTH, "SystemType"] == "enhanced"

    @property
    def load_balancer(self) -> str:
        return f"awseb--AWSEB-{self.suffix}"

    @property
    def abortable(self) -> bool:
        return self.update is not None and self.update.abortable and not self.update.aborting

    def now(self) -> datetime:
        return self.backend.service.now()

    def say(self, message: str, severity: str = "INFO", request_id: str | None = None) -> None:
        """Adds an event; those of health and of the fleet carry no request id."""
        self.backend.events.add(
            Event(
                date=self.now(),
                message=message,
                severity=severity,
                application_name=self.application_name,
                environment_name=self.name,
                environment_id=self.id,
                request_id=request_id,
            )
        )

    def start(self, update: Update, steps: Steps, status: str) -> None:
        """Begins an update; readers may see the state before it for a little while."""
        service = self.backend.service
        self._stale = (time.monotonic() + service.lag, self._describe()) if service.lag else None
        self.update, self.status, self.updated = update, status, self.now()
        update.begin(steps)
        service.run(update)

    def finish(self, update: Update) -> None:
        """An update is over: the environment is Ready, whatever came of it."""
        self.last_update, self.update, self.draft = update, None, None
        self.status, self.updated = "Ready", self.now()
        update.ended = self.updated

    def deployed(self, version: ApplicationVersion | None, deployment_id: int) -> None:
        """A deployment succeeded: from now on this version is expected."""
        label = SAMPLE_APPLICATION if version is None else version.label
        self.version_label, self.deployment_id = label, deployment_id
        self.answers = version is None or bool(version.answers())
        self.expected = Deployment(label, deployment_id, "Deployed", self.now())

    def redeploy_configuration(self) -> None:
        """An instance-level configuration change counts as a deployment of the version that runs."""
        if self.expected is None:
            return
        self.deployment_id += 1
        before, self.expected = self.expected, replace(self.expected, deployment_id=self.deployment_id)
        for instance in self.instances:
            deployment = instance.deployment
            if deployment is not None and deployment.deployment_id == before.deployment_id:
                instance.deployment = replace(deployment, deployment_id=self.deployment_id, time=self.now())

    def resize(self) -> None:
        """Brings the fleet within MinSize and MaxSize; new instances get the last successful version."""
        low, high = (int(self.settings[ASG, name]) for name in ("MinSize", "MaxSize"))
        wanted = min(max(len(self.instances), low), high) if self.load_balanced else 1
        removed, self.instances = self.instances[wanted:], self.instances[:wanted]
        added = [self._launch(place) for place in range(len(self.instances), wanted)]
        self.instances += added
        for what, some in (("Added", added), ("Removed", removed)):
            if some:
                some_names = f"instance{'s' if len(some) > 1 else ''} [{names(some)}]"
                self.say(f"{what} {some_names} {'to' if what == 'Added' else 'from'} your environment.")

    def _launch(self, place: int) -> Instance:
        zone = f"{self.backend.region_name}{ZONES[place % len(ZONES)]}"
        kind = self.settings["aws:autoscaling:launchconfiguration", "InstanceType"]
        return Instance(self.now(), zone, kind, self.expected, self.answers)

    def health_of(self, instance: Instance) -> health.Health:
        """An instance that runs what is just being deployed is not incorrect."""
        running = instance.deployment is not None and instance.deployment.deployment_id == self.deployment_id
        expected = None if self.update is not None and running else self.expected
        return health.of_instance(instance, expected, self.backend.service.clock)

    def describe(self) -> dict[str, Any]:
        """As DescribeEnvironments shows it: right after an update began, perhaps as it was before."""
        if self._stale is not None and time.monotonic() < self._stale[0]:
            return self._stale[1]
        return self._describe()

    def requested(self, label: str | None) -> dict[str, Any]:
        """As the call that began an update gets it: Grey, and with the version that it asked for."""
        return self._describe() | {"VersionLabel": label, "Health": "Grey", "HealthStatus": None}

    def _describe(self) -> dict[str, Any]:
        region, account = self.backend.region_name, self.backend.account_id
        load_balancer = f"{self.load_balancer}-{self.suffix}.{region}.elb.amazonaws.com"
        return {
            "EnvironmentName": self.name,
            "EnvironmentId": self.id,
            "ApplicationName": self.application_name,
            "VersionLabel": self.version_label,
            "SolutionStackName": self.platform,
            "PlatformArn": self.platform_arn,
            "Description": self.description,
            "EndpointURL": None if self.status == "Launching" else load_balancer,
            "CNAME": self.cname,
            "DateCreated": self.created,
            "DateUpdated": self.updated,
            "Status": self.status,
            "AbortableOperationInProgress": self.abortable,
            "Health": self.health.color if self.health is not None else "Grey",
            "HealthStatus": self.health.status if self.health is not None and self.enhanced else None,
            "Tier": self.tier,
            "EnvironmentLinks": [],
            "EnvironmentArn": (
                f"arn:aws:elasticbeanstalk:{region}:{account}:environment/{self.application_name}/{self.name}"
            ),
        }

    @property
    def platform_arn(self) -> str:
        """`64bit Amazon Linux 2023 v5.7.0 running Tomcat …` is `Tomcat … running on 64bit Amazon Linux 2023/5.7.0`."""
        system, _, rest = self.platform.partition(" v")
        version, _, software = rest.partition(" running ")
        region = self.backend.region_name
        return f"arn:aws:elasticbeanstalk:{region}::platform/{software} running on {system}/{version}"

    def describe_settings(self) -> list[dict[str, Any]]:
        """What is deployed and, while it is on its way, the draft that is pending."""
        sets = [("deployed", self.settings)]
        if self.draft is not None:
            sets.append(("pending", self.settings | self.draft))
        return [
            {
                "SolutionStackName": self.platform,
                "PlatformArn": self.platform_arn,
                "Tier": self.tier,
                "ApplicationName": self.application_name,
                "EnvironmentName": self.name,
                "Description": self.description,
                "DeploymentStatus": status,
                "DateCreated": self.created,
                "DateUpdated": self.updated,
                "OptionSettings": [
                    {
                        "ResourceName": definition(*option).get("ResourceName"),
                        "Namespace": option[0],
                        "OptionName": option[1],
                        "Value": value,
                    }
                    for option, value in sorted(settings.items())
                ],
            }
            for status, settings in sets
        ]

    def describe_health(self) -> dict[str, Any]:
        seen = self.health or health.Health("Unknown")
        return {
            "EnvironmentName": self.name,
            "HealthStatus": seen.status,
            "Status": self.status,
            "Color": seen.color,
            "Causes": list(seen.causes),
            "ApplicationMetrics": _metrics(self.instances),
            "InstancesHealth": health.counts([self.health_of(instance) for instance in self.instances]),
            "RefreshedAt": self.now(),
        }

    def describe_instance(self, instance: Instance) -> dict[str, Any]:
        seen, deployment = self.health_of(instance), instance.deployment
        return {
            "InstanceId": instance.id,
            "HealthStatus": seen.status,
            "Color": seen.color,
            "Causes": list(seen.causes),
            "LaunchedAt": instance.launched_at,
            "ApplicationMetrics": _metrics([instance]),
            "System": {
                "CPUUtilization": {"User": 0.4, "Nice": 0.0, "System": 0.2, "Idle": 99.3, "IOWait": 0.1},
                "LoadAverage": [0.0, 0.01, 0.0],
            },
            "Deployment": deployment
            and {
                "VersionLabel": deployment.version_label,
                "DeploymentId": deployment.deployment_id,
                "Status": deployment.status,
                "DeploymentTime": deployment.time,
            },
            "AvailabilityZone": instance.availability_zone,
            "InstanceType": instance.instance_type,
        }


def _metrics(instances: list[Instance]) -> dict[str, Any]:
    """Ten seconds of nothing but the load balancer's own checks."""
    served = [instance for instance in instances if instance.in_service]
    well = sum(instance.answers for instance in served)
    return {
        "Duration": 10,
        "RequestCount": len(served),
        "StatusCodes": {"Status2xx": well, "Status3xx": 0, "Status4xx": len(served) - well, "Status5xx": 0},
        "Latency": dict.fromkeys(("P999", "P99", "P95", "P90", "P85", "P75", "P50", "P10"), 0.002),
    }
