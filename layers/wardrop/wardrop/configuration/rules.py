"""The settings of an environment: as the document states them, and as a deployment pins them."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from wardrop.configuration.duration import Duration
from wardrop.environments.model import Health

Policy = Literal[
    "rolling", "keep", "AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"
]
"""`rolling` keeps a careful policy of the environment and replaces AllAtOnce; `keep` changes nothing."""


class Approval(StrEnum):
    REQUIRED = "required"
    NONE = "none"


class OnFailure(StrEnum):
    ROLLBACK = "rollback"
    HOLD = "hold"


class Guard(StrEnum):
    """What Wardrop does about a change of settings that replaces instances."""

    ALERT = "alert"
    ABORT = "abort"
    """A deployment is held for approval. An update that somebody else started is aborted, if that does less harm."""

    OFF = "off"


class Diagnose(StrEnum):
    """Whether the lines of the deployment log that explain a failure are read and quoted."""

    ON = "on"
    OFF = "off"


class EnvironmentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that a deployment pins. Each has its type and its default here, and nowhere else."""

    bake: Duration = Duration(minutes=2)
    approvers: list[str] = []
    """Patterns of ARNs. An empty list means that everyone who may call `run_command` may approve."""

    policy: Policy = "rolling"
    batch: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]?%$|^100%$")] | Annotated[int, msgspec.Meta(ge=1)] = "30%"
    accept: tuple[Health, ...] = (Health.OK, Health.INFO)
    bad_for: Duration = Duration(minutes=3)
    deadline: Duration | None = None
    """None: it follows from the policy, the batches and the command timeout."""

    on_failure: OnFailure = OnFailure.ROLLBACK
    freeze: list[str] = []
    guard: Guard = Guard.ALERT
    diagnose: Diagnose = Diagnose.ON


class Rules(EnvironmentSettings, frozen=True, kw_only=True):
    """The settings that are pinned to one deployment, with the approval decided."""

    approval_required: bool = False


class EnvironmentConfiguration(EnvironmentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An environment's entry in the document."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]$")]
    approval: Approval | None = None
    """None: no approval in the first stage, approval in the others."""

    alert_from: Health = Health.WARNING
    """The mildest health status that is reported. It is read every minute, and not pinned."""

    def rules(self, *, approval_required: bool, on_failure: OnFailure | None) -> Rules:
        """`on_failure` is stated by the drop, and None if the drop states nothing."""
        pinned = {name: getattr(self, name) for name in EnvironmentSettings.__struct_fields__}
        pinned["on_failure"] = on_failure or self.on_failure
        return Rules(**pinned, approval_required=approval_required)
