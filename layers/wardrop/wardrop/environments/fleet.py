"""The instances of an environment, with the reports of their agents."""

from dataclasses import dataclass
from enum import StrEnum

from wardrop.environments.events import WRONG_VERSION
from wardrop.environments.model import Instance

DEPLOYED, FAILED = "Deployed", "Failed"


class InstancesReport(StrEnum):
    NOT_READ = "not_read"
    """The instances were not read, because no decision needed them."""

    THROTTLED = "throttled"
    """Beanstalk throttled the call."""

    NOT_AVAILABLE = "not_available"
    """The environment has basic health or is of the Cluster tier, so its instances do not report."""

    AVAILABLE = "available"


@dataclass(frozen=True)
class Fleet:
    report: InstancesReport
    instances: tuple[Instance, ...] = ()
    """The instances. The tuple is empty if no report is available."""

    @property
    def is_reported(self) -> bool:
        return self.report is InstancesReport.AVAILABLE

    @property
    def has_basic_health(self) -> bool:
        return self.report is InstancesReport.NOT_AVAILABLE

    @property
    def started(self) -> list[Instance]:
        return [instance for instance in self.instances if not instance.is_starting]

    @property
    def labels(self) -> set[str | None]:
        return {instance.version_label for instance in self.instances}

    @property
    def deployment_id(self) -> int:
        """The highest DeploymentId that any instance reports."""
        return max((instance.deployment_id for instance in self.instances), default=0)

    @property
    def count(self) -> int | None:
        """The number of instances. None: no report is available."""
        return len(self.instances) if self.is_reported else None

    def size(self, min_size: int) -> int:
        return len(self.instances) if self.is_reported else min_size

    def all_started_run(self, label: str) -> bool:
        """Whether all instances run the version, except those that Auto Scaling has just launched."""
        return bool(self.started) and all(instance.runs(label) for instance in self.started)

    def any_runs(self, label: str) -> bool:
        return any(instance.runs(label) for instance in self.instances)

    def failed(self, label: str, after: int) -> list[Instance]:
        """Returns the instances on which the version failed in a deployment with a higher DeploymentId than `after`.

        A failure with a lower DeploymentId belongs to an earlier deployment of the same version.
        """
        return [
            instance
            for instance in self.instances
            if instance.version_label == label
            and instance.deployment_id > after
            and instance.deployment_status == FAILED
        ]

    def causes(self) -> str:
        """Lists the causes of all instances, without duplicates."""
        return "; ".join(dict.fromkeys(cause for instance in self.instances for cause in instance.causes))

    def describe(self, label: str) -> str:
        """Describes how many instances have each version, beginning with `label`.

        The description is empty if no instance reports.
        """
        if not self.instances:
            return ""
        counts: dict[str, int] = {}
        for instance in self.instances:
            version = instance.version_label or "nothing yet"
            if instance.deployment_status not in (None, DEPLOYED):
                version += f" ({instance.deployment_status.lower()})"
            counts[version] = counts.get(version, 0) + 1
        given_first = sorted(counts.items(), key=lambda item: not item[0].startswith(label))
        parts = (f"{count} {'has' if count == 1 else 'have'} {version}" for version, count in given_first)
        return f"; of {len(self.instances)} instances, " + ", ".join(parts)


NOT_READ = Fleet(InstancesReport.NOT_READ)
THROTTLED = Fleet(InstancesReport.THROTTLED)
BASIC_HEALTH = Fleet(InstancesReport.NOT_AVAILABLE)


def reported(instances: tuple[Instance, ...]) -> Fleet:
    return Fleet(InstancesReport.AVAILABLE, instances)


def own_causes(instance: Instance) -> list[str]:
    """Returns the causes of an instance's health, except for "Incorrect application version".

    The instance's version label already shows that the version is incorrect.
    """
    return [cause.rstrip(".") for cause in instance.causes if not cause.startswith(WRONG_VERSION)]


def in_parentheses(instance: Instance) -> str:
    causes = own_causes(instance)
    return f" ({'; '.join(causes)})" if causes else ""
