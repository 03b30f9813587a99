"""The settings of an environment, in the document and in a deployment, which pins them."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from wardrop.configuration.check import Check, ConfiguredCheck
from wardrop.configuration.duration import Duration
from wardrop.environments.model import Health

Policy = Literal[
    "rolling", "keep", "AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"
]
"""`rolling` replaces AllAtOnce and keeps every other policy of the environment. `keep` keeps every policy."""


class Approval(StrEnum):
    REQUIRED = "required"
    NONE = "none"


class OnFailure(StrEnum):
    ROLLBACK = "rollback"
    HOLD = "hold"


class Guard(StrEnum):
    """Wardrop's reaction to a change of settings that replaces instances."""

    ALERT = "alert"
    ABORT = "abort"
    """A deployment needs approval. Somebody else's update is aborted if the abort does less harm than the update."""

    OFF = "off"


class Diagnose(StrEnum):
    """Whether the lines of the deployment log that explain a failure are read and quoted."""

    ON = "on"
    OFF = "off"


class EnvironmentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that a deployment pins. Only this class defines their types and defaults."""

    bake: Duration = Duration(minutes=2)
    approvers: list[str] = []
    """Patterns of ARNs. If the list is empty, everyone who may call `run_command` may approve."""

    policy: Policy = "rolling"
    batch: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]?%$|^100%$")] | Annotated[int, msgspec.Meta(ge=1)] = "30%"
    accept: tuple[Health, ...] = (Health.OK, Health.INFO)
    bad_for: Duration = Duration(minutes=3)
    deadline: Duration | None = None
    """None: the deadline is computed from the policy, the batches and the command timeout."""

    on_failure: OnFailure = OnFailure.ROLLBACK
    freeze: list[str] = []
    guard: Guard = Guard.ALERT
    diagnose: Diagnose = Diagnose.ON
    alarms: list[str] = []
    """The CloudWatch alarms that count against a version. A name that ends in `*` is a pattern."""
    checks: tuple[Check, ...] = ()


class Rules(EnvironmentSettings, frozen=True, kw_only=True):
    """The settings that are pinned to one deployment. They state whether an approval is required."""

    approval_required: bool = False


class EnvironmentConfiguration(EnvironmentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An environment's entry in the document."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]$")]
    approval: Approval | None = None
    """None: the first stage needs no approval, and all other stages need approval."""

    checks: tuple[ConfiguredCheck, ...] = ()
    alert_from: Health = Health.WARNING
    """The mildest health status that is reported. It is read every minute, and is not pinned."""

    def rules(self, *, approval_required: bool, on_failure: OnFailure | None) -> Rules:
        """The rules for one deployment. `on_failure` is the drop's own setting. None: the drop has no such setting."""
        pinned = {name: getattr(self, name) for name in EnvironmentSettings.__struct_fields__}
        pinned["on_failure"] = on_failure or self.on_failure
        pinned["checks"] = tuple(check.pinned for check in self.checks)
        return Rules(**pinned, approval_required=approval_required)
