"""The steps that a look at a deployment may lead to. The log, the ledger and the alert use the reason of a step."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.deployments.standing import GoodVersion
from wardrop.deployments.state import State, WaitsFor
from wardrop.deployments.update import Timers
from wardrop.environments.model import Progress


@dataclass(frozen=True)
class Wait:
    reason: str
    waits_for: WaitsFor


@dataclass(frozen=True)
class AskApproval:
    reason: str


@dataclass(frozen=True)
class Prepare:
    """Change the deployment policy in an update of its own: version and settings never go together."""

    options: dict[str, str]
    """Of the namespace aws:elasticbeanstalk:command."""

    reason: str


@dataclass(frozen=True)
class Deploy:
    """Claim the environment and call UpdateEnvironment with the target's label."""

    reason: str


@dataclass(frozen=True)
class Adopt:
    """The answer was lost, and the update is ours."""

    request_id: str
    reason: str


@dataclass(frozen=True)
class Requeue:
    """The claim is void: no update of ours has begun."""

    reason: str


@dataclass(frozen=True)
class Recheck:
    """Conditions count only if they last; these timers replace the ones before."""

    reason: str
    timers: Timers


@dataclass(frozen=True)
class Report:
    """More instances have the version, or fewer."""

    progress: Progress
    reason: str


@dataclass(frozen=True)
class Remind:
    """The deployment takes too long: a person is notified, and Wardrop continues to watch it."""

    reason: str


@dataclass(frozen=True)
class Bake:
    """The version is live and must stay good."""

    reason: str


@dataclass(frozen=True)
class RollBack:
    """To the first of these versions whose bundle is unchanged."""

    targets: list[GoodVersion]
    environment_updated_at: datetime
    reason: str
    quarantine: bool


@dataclass(frozen=True)
class End:
    state: State
    reason: str
    quarantine: bool = False
    """An instance ran the version here, and it failed."""


Noted = Wait | AskApproval | Adopt | Requeue | Recheck | Report | Remind | Bake | End
"""Steps that change the ledger alone."""

Step = Noted | Deploy | Prepare | RollBack


@dataclass(frozen=True)
class Look:
    """What a look at an environment led to, for the log and the metrics. None: no deployment is active."""

    label: str | None
    step: Step | None
    reason: str
