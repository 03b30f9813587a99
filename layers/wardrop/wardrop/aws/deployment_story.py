"""Logs and counts each change of a deployment after the ledger has recorded the change."""

import logging

from wardrop.aws.metrics import Metric, count, outcome
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import UPDATING

_logger = logging.getLogger(__name__)


def report(deployment: Deployment) -> None:
    """Logs the change. If the deployment has ended, also counts the deployment.

    The ledger records the end of a deployment only once, so each deployment is counted once.
    """
    keys = {
        "deployment_id": deployment.id,
        "application": deployment.application,
        "environment": deployment.environment,
        "version_label": deployment.label,
        "state": deployment.state,
    }
    _logger.info(deployment.reason, extra=keys)
    if deployment.is_active:
        return
    count(outcome(deployment.state))
    if began := next((moment.at for moment in deployment.history if moment.state in UPDATING), None):
        count(Metric.DEPLOYMENT_SECONDS, (deployment.history[-1].at - began).total_seconds())
