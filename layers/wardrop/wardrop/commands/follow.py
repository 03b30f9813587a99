"""Reads the outcome of a drop, or a deployment with the state of its environment.

Callers repeat the request until the deployment ends.
"""

from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.commands.access import Access
from wardrop.commands.answers import DropOutcome, FollowedDeployment, Refusal, RefusalCode
from wardrop.commands.caller import Caller
from wardrop.commands.followed import EnvironmentReading, cause_of, event_view, instance_view, log_keys
from wardrop.commands.refusals import no_environment
from wardrop.commands.requests import FindDrop, Follow
from wardrop.commands.views import with_history
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment

MOST_EVENTS = 100
"""The maximum number of events in a response. The caller requests the next events with a later `since`."""


@dataclass(frozen=True)
class Follower:
    beanstalk: Beanstalk
    ledger: Ledger
    access: Access

    def drop(self, request: FindDrop, caller: Caller) -> DropOutcome | Refusal:
        receipt = self.ledger.receipts.find(request.drop)
        if receipt is None:
            return DropOutcome(drop=request.drop)
        if receipt.application is not None and (
            refusal := self.access.refusal(request, caller, receipt.application, None)
        ):
            return refusal
        return DropOutcome(
            drop=receipt.drop,
            status=receipt.status,
            reason=receipt.reason,
            label=receipt.label,
            deployments=dict(zip(receipt.deployments, receipt.environments, strict=False)),
        )

    def deployment(self, request: Follow, caller: Caller) -> FollowedDeployment | Refusal:
        name = request.environment
        environment = self.beanstalk.environments([name]).get(name)
        deployment = self._deployment(request)
        if deployment is None and environment is None:
            return no_environment(name)
        application = environment.application if environment else deployment.application if deployment else ""
        if refusal := self.access.refusal(request, caller, application, name):
            return refusal
        if deployment is None:
            return _no_deployment(request)
        return FollowedDeployment(
            environment=name,
            application=application,
            deployment=with_history(deployment),
            cause=cause_of(deployment),
            logs=log_keys(deployment),
            reading=self._reading(environment, request.since or deployment.history[0].at) if environment else None,
        )

    def _deployment(self, request: Follow) -> Deployment | None:
        """Returns the deployment with the id.

        If the request has no id, returns the active deployment or, if there is none, the last finished deployment.
        """
        if request.id is not None:
            return self.ledger.environments.find(request.environment, request.id)
        active = self.ledger.environments.read(request.environment).deployments
        begun = sorted(active, key=lambda deployment: (deployment.is_waiting, deployment.id))
        return next(iter([*begun, *self.ledger.environments.history(request.environment, 1)]), None)

    def _reading(self, environment: Environment, since: datetime) -> EnvironmentReading:
        name = environment.name
        instances = self.beanstalk.instances(name) if environment.reports_instances else None
        return EnvironmentReading(
            status=environment.status,
            health=environment.health,
            version_label=environment.version_label,
            causes=self.beanstalk.health(name)[0] if environment.reports_instances else [],
            instances=[instance_view(instance) for instance in instances] if instances is not None else None,
            events=[event_view(event) for event in self.beanstalk.events(name, since)[:MOST_EVENTS]],
        )


def _no_deployment(request: Follow) -> Refusal:
    which = f"deployment {request.id}" if request.id else "deployment"
    reason = f"{request.environment} has no {which}"
    return Refusal(
        code=RefusalCode.NOT_FOUND, reason=reason, advice=f"see all deployments: wardrop history {request.environment}"
    )
