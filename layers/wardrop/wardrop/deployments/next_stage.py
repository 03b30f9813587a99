"""Reads the environments to which a successful deployment is promoted."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.configuration.load import Configurations
from wardrop.deployments import gate, promotion
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.deployments.steps import Wait


@dataclass(frozen=True)
class NextStageReading:
    beanstalk: Beanstalk
    ledger: Ledger
    configurations: Configurations

    def __call__(self, good: Deployment, standing: Standing, now: datetime) -> promotion.NextStage | Wait:
        """Returns the next stage of a good version, or a Wait if the configuration cannot be read."""
        if not good.promotes or promotion.not_promoted(good, standing):
            return promotion.NO_STAGE
        loaded = self.configurations.load(
            good.application, lambda: self.beanstalk.environments_of(good.application), now
        )
        if held := gate.promotion_barrier(good, loaded):
            return held
        names = loaded.stage_after(good.environment)
        if not names:
            return promotion.NO_STAGE
        peers = [self.ledger.environments.read(name) for name in good.stage if name != good.environment]
        pending = {peer.standing.environment for peer in peers if _is_pending_in(peer, good)}
        reached = {name for name in names if good.drops & self._drops(name)}
        rules = {name: loaded.rules(name) for name in names}
        return promotion.NextStage(rules, [peer.standing for peer in peers], pending, reached)

    def _drops(self, environment: str) -> set[str]:
        """Returns the ids of all drops in the environment's active deployments and newest finished deployments."""
        environments = self.ledger.environments
        deployments = [*environments.read(environment).deployments, *environments.history(environment)]
        return set().union(*(deployment.drops for deployment in deployments))


def _is_pending_in(peer: EnvironmentRecord, good: Deployment) -> bool:
    """Whether a deployment that promotes the same drop is active in the environment."""
    return any(deployment.promotes and deployment.drops & good.drops for deployment in peer.deployments)
