"""An environment, its events and its instances, in the terms of Beanstalk's API."""

import re
from datetime import datetime
from enum import StrEnum

import msgspec


class Health(StrEnum):
    """The values of HealthStatus in the API."""

    OK = "Ok"
    INFO = "Info"
    WARNING = "Warning"
    DEGRADED = "Degraded"
    SEVERE = "Severe"
    PENDING = "Pending"
    UNKNOWN = "Unknown"
    NO_DATA = "NoData"
    SUSPENDED = "Suspended"

    @property
    def severity(self) -> int | None:
        """From 0 (Ok) to 4 (Severe). None: the status does not show whether the environment is healthy."""
        return _SEVERITIES.get(self)

    def is_at_least(self, other: "Health") -> bool:
        """Whether this status is at least as severe as another. False if one of them has no severity."""
        return self.severity is not None and other.severity is not None and self.severity >= other.severity


COLORS = {"Green": Health.OK, "Yellow": Health.WARNING, "Red": Health.SEVERE}
"""The health status for each colour of basic health. Grey has no corresponding status."""

_SEVERITIES = {Health.OK: 0, Health.INFO: 1, Health.WARNING: 2, Health.DEGRADED: 3, Health.SEVERE: 4}


CLUSTER_TIER = "Cluster"
"""The tier of environments on Amazon EKS. They have a HealthStatus, but their instances do not report."""


ENVIRONMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]")
"""The names that Beanstalk allows (API reference, CreateEnvironment). DescribeEnvironments refuses other names."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment, as DescribeEnvironments returns it. `version_label` is from the last successful deployment."""

    id: str
    name: str
    application: str
    status: str
    health: Health
    version_label: str | None
    updated_at: datetime
    reports_instances: bool
    """True with enhanced health, except in the Cluster tier. Basic health reports only a colour."""

    is_abortable: bool = False
    """AbortableOperationInProgress. If it is true, an update is in progress, and Beanstalk would accept an abort."""

    platform: str = ""
    tier: str = "WebServer"
    cname: str | None = None
    """The host name of the environment. None: a worker environment has no host name."""

    @property
    def is_ready(self) -> bool:
        return self.status == "Ready"

    @property
    def is_gone(self) -> bool:
        return self.status in ("Terminating", "Terminated")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of DescribeEvents. The events of an update have the RequestId of the call that started the update."""

    at: datetime
    message: str
    severity: str
    request_id: str | None

    @property
    def is_error(self) -> bool:
        return self.severity in ("ERROR", "FATAL")


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """The report of one instance. Before the first report, label and status are None."""

    id: str
    version_label: str | None
    deployment_id: int
    deployment_status: str | None
    causes: tuple[str, ...] = ()
    health: Health | None = None
    """The health of the instance. None: the instance has not reported it."""

    deployed_at: datetime | None = None
    """The time at which the last deployment on the instance ended, or began if it is in progress. None: unknown."""

    @property
    def is_starting(self) -> bool:
        """Whether Auto Scaling has just launched the instance. It will run the version of the environment."""
        return self.version_label is None and self.health in (None, Health.PENDING)

    def runs(self, label: str) -> bool:
        return self.version_label == label and self.deployment_status == "Deployed"

    def runs_since(self, label: str, deployment_id: int) -> bool:
        """Whether the instance runs the version, and received it in a deployment after `deployment_id`."""
        return self.runs(label) and self.deployment_id > deployment_id


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The number of instances that report the new version as deployed, and the number of all instances."""

    done: int
    instances: int


def branch(platform: str) -> str:
    """Returns an ARN without the platform's version: `.../platform/Corretto 21 running on 64bit Amazon Linux 2023`."""
    return platform.rpartition("/")[0]
