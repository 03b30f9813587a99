"""The possible steps of a deployment. The reason for each step is in the log, the ledger and the alert."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.deployments.replacement import Replacement
from wardrop.deployments.standing import GoodVersion
from wardrop.deployments.state import State, WaitsFor
from wardrop.deployments.update import Timers
from wardrop.environments.model import Progress
from wardrop.evidence.alarms import WatchedAlarms


@dataclass(frozen=True)
class Wait:
    reason: str
    waits_for: WaitsFor


@dataclass(frozen=True)
class AskApproval:
    reason: str
    replacement: Replacement | None = None
    """The replacement to approve. None: the rules require an approval."""


@dataclass(frozen=True)
class Prepare:
    """Change the deployment policy in a separate update. No update changes both the version and the settings."""

    options: dict[str, str]
    """Options of the namespace aws:elasticbeanstalk:command."""

    reason: str


@dataclass(frozen=True)
class Deploy:
    """Record the claim of an update, and call UpdateEnvironment with the target version's label."""

    reason: str
    replacement: Replacement | None = None
    """The replacement that the update causes or may cause. None: no instance can be replaced."""


@dataclass(frozen=True)
class Adopt:
    """Record the RequestId of an update that counts as Wardrop's, after the response to Wardrop's call was lost."""

    request_id: str
    reason: str


@dataclass(frozen=True)
class Requeue:
    """Remove the claim, because UpdateEnvironment started no update."""

    reason: str


@dataclass(frozen=True)
class Recheck:
    """Replace the timers. The next evaluation checks whether the conditions have lasted long enough."""

    reason: str
    timers: Timers


@dataclass(frozen=True)
class Unhealthy:
    """Report that the version became unhealthy during the bake time, with the cause from the deployment log."""

    reason: str
    timers: Timers


@dataclass(frozen=True)
class AlarmRaised:
    """Record an alarm that went into ALARM before the version could be judged. The alarm counts in the next verdict."""

    reason: str
    alarms: WatchedAlarms


@dataclass(frozen=True)
class Unchecked:
    """Report that a check's result became unknown during the bake time.

    The bake time restarts when the version is proven again.
    """

    reason: str


@dataclass(frozen=True)
class Report:
    """Report that the number of instances with the version has changed."""

    progress: Progress
    reason: str


@dataclass(frozen=True)
class Remind:
    """Report that the deployment takes too long, and continue."""

    reason: str


@dataclass(frozen=True)
class Bake:
    """Begin the bake time, in which the version must stay good."""

    reason: str
    good_since: datetime | None
    """The start of the bake time.

    None: some evidence is not known yet, so the bake time starts at a later evaluation.
    """


@dataclass(frozen=True)
class RollBack:
    """Roll back to the first of these versions whose bundle is unchanged."""

    targets: list[GoodVersion]
    environment_updated_at: datetime
    reason: str
    quarantine: bool


@dataclass(frozen=True)
class End:
    state: State
    reason: str
    quarantine: bool = False
    """Whether to quarantine the version. It is quarantined if it failed after an instance had started to run it."""

    settled_at: datetime | None = None
    """The end of the update that deployed a good version, according to Beanstalk's clock.

    None: no version was proven good.
    """

    repeats: bool = False
    """Whether to queue the version again, because a drop of it is newer than the deployment that superseded it."""


Noted = (
    Wait | AskApproval | Adopt | Requeue | Recheck | Unhealthy | AlarmRaised | Unchecked | Report | Remind | Bake | End
)
"""Steps that change only the ledger."""

Step = Noted | Deploy | Prepare | RollBack


@dataclass(frozen=True)
class Look:
    """The result of one evaluation of an environment. `label` and `step` are None if no deployment is active."""

    label: str | None
    step: Step | None
    reason: str
