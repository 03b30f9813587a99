"""What a look at a deployment may lead to; each step carries its reason, which log, ledger and alert read."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.deployments.deployment import Timers
from wardrop.deployments.standing import GoodVersion
from wardrop.deployments.state import State
from wardrop.environments.model import Progress


@dataclass(frozen=True)
class Wait:
    """Nothing to do but to tell why."""

    reason: str


@dataclass(frozen=True)
class AskApproval:
    """A person has to say yes."""

    reason: str


@dataclass(frozen=True)
class Prepare:
    """Change the deployment policy, in an update of its own: version and settings never go together."""

    options: dict[str, str]
    """Of the namespace aws:elasticbeanstalk:command."""

    reason: str


@dataclass(frozen=True)
class Deploy:
    """Claim the environment and call UpdateEnvironment with the label that is wanted."""

    reason: str


@dataclass(frozen=True)
class Adopt:
    """The lost answer is found: the running update is ours."""

    request_id: str
    reason: str


@dataclass(frozen=True)
class Requeue:
    """The claim is void; nothing of ours has begun."""

    reason: str


@dataclass(frozen=True)
class Recheck:
    """What counts only if it lasts, for or against the deployment; by default nothing does any more."""

    reason: str
    timers: Timers


@dataclass(frozen=True)
class Report:
    """Beanstalk has come further; people who watch are told."""

    progress: Progress
    reason: str


@dataclass(frozen=True)
class Remind:
    """It takes too long; a person is told, and watching goes on."""

    reason: str


@dataclass(frozen=True)
class Bake:
    """It is live; now it has to stay well."""

    reason: str


@dataclass(frozen=True)
class RollBack:
    """Back to the first of these whose bundle is sound."""

    targets: list[GoodVersion]
    environment_updated_at: datetime
    reason: str
    quarantine: bool


@dataclass(frozen=True)
class End:
    """The deployment is over."""

    state: State
    reason: str
    quarantine: bool = False
    """An instance ran the version here, and failed."""


Step = Wait | AskApproval | Prepare | Deploy | Adopt | Requeue | Recheck | Report | Remind | Bake | RollBack | End
