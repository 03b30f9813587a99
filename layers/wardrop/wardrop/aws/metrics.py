"""Wardrop's own metrics. CloudWatch reads them from the log.

The only dimension of the metrics is `service`, the name of the stack. There are no dimensions for environments and
applications, because CloudWatch treats each combination of dimensions as a separate metric. CloudWatch charges for a
metric in each hour in which it has a value.
"""

import os
from enum import StrEnum

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

from wardrop.deployments.state import State

NAMESPACE = "Wardrop"


class Metric(StrEnum):
    DROPS_ACCEPTED = "DropsAccepted"
    DROPS_REJECTED = "DropsRejected"
    DROPS_REPLACED = "DropsReplaced"
    DEPLOYMENTS_SUCCEEDED = "DeploymentsSucceeded"
    DEPLOYMENTS_SUPERSEDED = "DeploymentsSuperseded"
    DEPLOYMENTS_DECLINED = "DeploymentsDeclined"
    DEPLOYMENTS_CANCELLED = "DeploymentsCancelled"
    DEPLOYMENTS_FAILED = "DeploymentsFailed"
    DEPLOYMENTS_ROLLED_BACK = "DeploymentsRolledBack"
    DEPLOYMENTS_ROLLBACK_FAILED = "DeploymentsRollbackFailed"
    DEPLOYMENT_SECONDS = "DeploymentSeconds"
    """The time from the first update of the environment to the end of the deployment."""

    INCIDENTS_OPENED = "IncidentsOpened"
    ALERTS_SENT = "AlertsSent"
    ALERTS_STUCK = "AlertsStuck"
    SLACK_RATE_LIMITED = "SlackRateLimited"
    SLACK_UNREACHABLE = "SlackUnreachable"
    SLACK_CREDENTIALS_REFUSED = "SlackCredentialsRefused"
    SLACK_OUT_OF_TIME = "SlackOutOfTime"
    VERSIONS_DELETED = "VersionsDeleted"
    BYTES_FREED = "BytesFreed"
    VERSIONS_NOT_DELETED = "VersionsNotDeleted"
    VERSIONS_IN_REGION = "VersionsInRegion"
    VERSION_QUOTA = "VersionQuota"
    BEANSTALK_CALLS_THROTTLED = "BeanstalkCallsThrottled"


UNITS = {Metric.DEPLOYMENT_SECONDS: MetricUnit.Seconds, Metric.BYTES_FREED: MetricUnit.Bytes}


def outcome(state: State) -> Metric:
    """Returns the metric that counts the deployments that ended in this state."""
    return Metric[f"DEPLOYMENTS_{state.name}"]


def count(metric: Metric, how_many: float = 1) -> None:
    """Adds a value to a metric.

    The class Metrics of Powertools is not used, because it would log a warning for each invocation without a metric.
    """
    unit, stack = UNITS.get(metric, MetricUnit.Count), os.environ.get("STACK_NAME", "wardrop")
    dimensions = {"service": stack}
    with single_metric(metric, unit, how_many, namespace=NAMESPACE, default_dimensions=dimensions):
        pass  # the metric is written when the block ends
