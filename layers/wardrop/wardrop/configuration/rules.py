"""The settings of an environment: in the configuration document, and pinned to a deployment."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from wardrop.configuration.check import Check, ConfiguredCheck
from wardrop.configuration.duration import Duration
from wardrop.environments.model import Health
from wardrop.structs import replace

Policy = Literal[
    "rolling", "keep", "AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"
]
"""`rolling` changes AllAtOnce to Rolling, and keeps every other policy of the environment.

`keep` keeps every policy.
"""


class ApprovalRule(StrEnum):
    REQUIRED = "required"
    NONE = "none"


class OnFailure(StrEnum):
    ROLLBACK = "rollback"
    HOLD = "hold"


class Guard(StrEnum):
    """Wardrop's reaction to a change of settings that replaces instances."""

    ALERT = "alert"
    ABORT = "abort"
    """A deployment needs an approval. An update from outside Wardrop is aborted if the abort does less harm."""

    OFF = "off"


class Diagnose(StrEnum):
    """Whether the lines of the deployment log that explain a failure are read and quoted."""

    ON = "on"
    OFF = "off"


class EnvironmentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that are pinned to a deployment. Only this class defines their types and defaults."""

    bake: Duration = Duration(minutes=2)
    policy: Policy = "rolling"
    batch: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]?%$|^100%$")] | Annotated[int, msgspec.Meta(ge=1)] = "30%"
    accept: tuple[Health, ...] = (Health.OK, Health.INFO)
    bad_for: Duration = Duration(minutes=3)
    deadline: Duration | None = None
    """The time after which a deployment is reported as late.

    None: Wardrop computes the time from the deployment policy, the batch size and the command timeout.
    """

    on_failure: OnFailure = OnFailure.ROLLBACK
    freeze: list[str] = []
    guard: Guard = Guard.ALERT
    diagnose: Diagnose = Diagnose.ON
    alarms: list[str] = []
    """The CloudWatch alarms that count against a version. A name that ends in `*` is a pattern."""
    checks: tuple[Check, ...] = ()


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """Marks a deployment whose configuration could not be read when the deployment was queued.

    The deployment is held until its rules have been read.
    """

    on_failure: OnFailure | None = None
    """The value of `on_failure` in the drop's metadata. None: the metadata has no such value."""


class Rules(EnvironmentSettings, frozen=True, kw_only=True):
    """The settings that are pinned to one deployment, including whether an approval is required."""

    approval_required: bool = False
    approvers: list[str] = []
    """The ARN patterns that the alert shows. The configuration in force decides who is allowed to approve.

    If the list is empty, everyone who is allowed to call `run_command` is allowed to approve.
    """

    not_read: Unread | None = None
    """Set if the rules could not be read. None: the rules were read from the configuration."""

    def with_on_failure(self, stated: OnFailure | None) -> "Rules":
        """Returns the rules after another drop joins the deployment. `stated` is from the drop's metadata, or None."""
        if stated is None:
            return self
        return replace(self, on_failure=stated, not_read=Unread(on_failure=stated) if self.not_read else None)


def unread_rules(on_failure: OnFailure | None) -> Rules:
    """Returns the rules that apply if the configuration cannot be read. They require an approval."""
    stated = on_failure or OnFailure.ROLLBACK
    return Rules(approval_required=True, on_failure=stated, not_read=Unread(on_failure=on_failure))


class AccessLists(msgspec.Struct, frozen=True, kw_only=True):
    """ARN patterns for each right. An empty list gives the right to everyone who is allowed to call `run_command`."""

    viewers: list[str]
    operators: list[str]
    approvers: list[str]


class EnvironmentConfiguration(EnvironmentSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An environment's entry in the document."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]$")]
    approval: ApprovalRule | None = None
    """Whether deployments need an approval.

    None: environments of the first stage need no approval, and all others do.
    """

    checks: tuple[ConfiguredCheck, ...] = ()
    approvers: list[str] | None = None
    """The callers who are allowed to approve.

    None: the application's list applies. The same rule applies to `operators` and `viewers`.
    """

    operators: list[str] | None = None
    viewers: list[str] | None = None

    alert_from: Health = Health.WARNING
    """The least severe health status that is reported.

    This setting is read every minute and is not pinned to a deployment.
    """

    def rules(self, *, approval_required: bool, approvers: list[str], on_failure: OnFailure | None) -> Rules:
        """Returns the rules for one deployment. `on_failure` is from the drop's metadata, or None."""
        pinned = {name: getattr(self, name) for name in EnvironmentSettings.__struct_fields__}
        pinned["on_failure"] = on_failure or self.on_failure
        pinned["checks"] = tuple(check.pinned for check in self.checks)
        return Rules(**pinned, approval_required=approval_required, approvers=approvers)
