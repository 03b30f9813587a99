"""Callers, snapshots and targets for the tests of requests."""

from datetime import timedelta
from typing import Any

from tests.unit.samples import NEW, NOW, OLD, environment, standing
from wardrop.commands.answers import RefusalCode
from wardrop.commands.caller import Caller
from wardrop.commands.queueing import RequestedVersion, Target
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment

STAGING = "shop-staging"
JANE = "arn:aws:sts::123456789012:assumed-role/release-managers/jane"
JOE = "arn:aws:iam::123456789012:user/joe"


def caller(arn: str = JANE, minutes: float = 60) -> Caller:
    """The caller of a request that arrives this number of minutes after NOW."""
    return Caller(arn=arn, at=NOW + timedelta(minutes=minutes))


def snapshot(*active: Deployment, **differs: Any) -> EnvironmentSnapshot:
    plain: dict[str, Any] = {"name": STAGING, "standing": standing(), "active": active, "environment": environment()}
    return EnvironmentSnapshot(**(plain | differs))


def target(**differs: Any) -> Target:
    plain: dict[str, Any] = {
        "environment": environment(),
        "rules": Rules(),
        "created_at": {OLD: NOW - timedelta(days=1), NEW: NOW},
    }
    return Target(**(plain | differs))


def version(label: str = NEW) -> RequestedVersion:
    return RequestedVersion(label, None)


def accepted(decision: Any) -> Accepted:
    assert isinstance(decision, Accepted), decision
    return decision


def refused(answer: Any, reason: str = "", code: RefusalCode = RefusalCode.CONFLICT) -> None:
    assert (answer.code, bool(answer.advice)) == (code, True)
    assert reason in answer.reason
