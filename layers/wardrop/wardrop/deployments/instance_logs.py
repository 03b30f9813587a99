"""Requests the instances' logs if the deployment log does not explain a failure. Adds the cause when the logs arrive.

Beanstalk needs seconds to minutes for these logs. The deployment does not wait for them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert
from wardrop.aws.instance_logs import InstanceLogs
from wardrop.aws.ledger.ledger import Ledger
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.situation import Situation
from wardrop.deployments.state import State
from wardrop.errors import Unavailable
from wardrop.evidence.explanation import Cause, Explanation
from wardrop.evidence.log_request import (
    LogRequest,
    needs_instance_logs,
    patience,
    records_since,
    to_read,
)
from wardrop.structs import replace


@dataclass(frozen=True)
class ExplainByInstances:
    logs: InstanceLogs
    ledger: Ledger
    settle: timedelta

    def request(self, situation: Situation, record: EnvironmentRecord, explanation: Explanation) -> Explanation:
        """Requests the logs with at most one call. An environment has at most one request at a time.

        The request is sent before the rollback, because the rollback may replace the instances, and because Beanstalk
        may refuse the request while an update is in progress.
        """
        deployment, update = situation.deployment, situation.deployment.update
        if update is None or record.log_request is not None or not needs_instance_logs(explanation):
            return explanation
        try:
            self.logs.request(update.environment_id)
        except Unavailable as error:
            reason = f"the logs of the instances could not be requested, because {error.reason}"
            return replace(explanation, instances=reason)
        failed = [instance.id for instance in situation.fleet.instances if instance.version_label == deployment.label]
        request = LogRequest(
            environment=deployment.environment,
            environment_id=update.environment_id,
            deployment=deployment.id,
            since=update.claimed_at,
            at=situation.now,
            instances=failed,
        )
        self.ledger.log_requests.write(request)
        return replace(explanation, instances="Wardrop has requested the logs of the instances")

    def __call__(self, environment: str, now: datetime) -> str | None:
        """Returns the message to log, or None if no logs are expected or if the logs have not arrived yet.

        Raises Outdated if another invocation changed the records.
        """
        request = self.ledger.environments.read(environment).log_request
        if request is None:
            return None
        cause, missing = self._cause(request, now)
        if cause is None and missing is None:
            return None
        deployment = self.ledger.environments.find(environment, request.deployment)
        if deployment is None or deployment.explanation is None:
            self.ledger.log_requests.finish(request)
            return f"the deployment {request.deployment} is no longer recorded, so the cause cannot be added"
        explained = _explained(deployment, cause, missing or "", now)
        self.ledger.log_requests.finish(request, explained, _alert(explained, cause))
        return explained.history[-1].reason

    def _cause(self, request: LogRequest, now: datetime) -> tuple[Cause | None, str | None]:
        """Returns the cause, or the reason why no cause is known. If both are None, the logs may still arrive."""
        # The module is imported here, because its import compiles many patterns.
        from wardrop.evidence.diagnosis import diagnose

        age, missing = now - request.at, "the logs of the instances have not arrived"
        try:
            available = to_read(request, self.logs.available(request))
            for log in available:
                if cause := diagnose(records_since(self.logs.read(log), request.since), starts_inside=True):
                    return cause, None
            if available:
                instances = "1 instance" if len(available) == 1 else f"{len(available)} instances"
                missing = f"Wardrop read parts of the logs of {instances}, but these parts do not name the cause"
        except Unavailable as error:
            available, missing = [], f"the logs of the instances could not be read, because {error.reason}"
        limits = patience(self.settle)
        return None, missing if age >= (limits.for_more if available else limits.for_any) else None


def _explained(deployment: Deployment, cause: Cause | None, missing: str, now: datetime) -> Deployment:
    if deployment.explanation is None:
        raise ValueError(f"{deployment.id} has no explanation to complete")
    explanation = replace(
        deployment.explanation, cause=cause, instances=missing or None, by_instances=cause is not None
    )
    sentence = explanation.sentence if cause else missing
    interim, final = deployment.explanation.sentence, explanation.sentence
    completed = replace(deployment.moved(deployment.state, sentence, now), explanation=explanation)
    if deployment.rollback is not None:  # When the rollback ends, its reason repeats why the rollback started.
        because = _completed(deployment.rollback.because, interim, final)
        completed = replace(completed, rollback=replace(deployment.rollback, because=because))
    return replace(completed, reason=_completed(deployment.reason, interim, final))


def _completed(reason: str, interim: str, final: str) -> str:
    """Replaces the interim explanation in the reason with the final explanation.

    If the reason was shortened, it may lack the interim explanation. Then the final explanation is appended.
    """
    return reason.replace(interim, final) if interim in reason else f"{reason}; {final}"


def _alert(explained: Deployment, cause: Cause | None) -> Alert | None:
    """Returns the alert, or None if the version is healthy again, or if it is baking and no cause is known."""
    match explained.state:
        case State.SUCCEEDED:
            return None
        case State.BAKING:
            kind = Kind.DEPLOYMENT_UNHEALTHY if cause else None
        case _:
            kind = Kind.DEPLOYMENT_EXPLAINED if cause else Kind.DEPLOYMENT_NOT_EXPLAINED
    # With the change number 0, the alert becomes a reply in Slack. The message itself is not edited, because it still
    # shows the deployment's state.
    return replace(alert_of(explained, kind), change=0, log=None) if kind else None
