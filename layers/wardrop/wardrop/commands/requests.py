"""What people may ask `run_command`, and what it answers: JSON, told apart by `command` and by `answer`."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, get_args

import msgspec

from wardrop.deployments.deployment import Asked, Deployment, Moment
from wardrop.deployments.standing import Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import State
from wardrop.environments.availability import availability
from wardrop.environments.model import Environment, Instance
from wardrop.environments.settings import DeploymentSettings
from wardrop.versions.plan import Plan

MAX_BYTES = 4096

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Because = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Command(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="command", tag=str.lower
):
    """A request; `command` is the class's name in small letters."""


class Deploy(Command, frozen=True, kw_only=True):
    environment: Name
    label: Name
    now: bool = False
    because: Because | None = None

    def __post_init__(self) -> None:
        if self.now and self.because is None:
            raise ValueError("`now` passes freeze, pause and queue, so it needs `because`")


class Rollback(Command, frozen=True, kw_only=True):
    environment: Name
    to: Name | None = None
    because: Because | None = None


class Approve(Command, frozen=True, kw_only=True):
    environment: Name
    label: Name


class Decline(Command, frozen=True, kw_only=True):
    environment: Name
    label: Name
    because: Because | None = None


class Cancel(Command, frozen=True, kw_only=True):
    environment: Name
    label: Name | None = None
    """None: everything that waits there."""


class Pause(Command, frozen=True, kw_only=True):
    environment: Name
    because: Because | None = None


class Resume(Command, frozen=True, kw_only=True):
    environment: Name


class Pin(Command, frozen=True, kw_only=True):
    application: Name
    label: Name


class Unpin(Command, frozen=True, kw_only=True):
    application: Name
    label: Name


class Clean(Command, frozen=True, kw_only=True):
    dry_run: bool = False
    """Only tell what would be done, and why."""

    application: Name | None = None

    def __post_init__(self) -> None:
        if self.application is not None and not self.dry_run:
            raise ValueError("clean-up is for all applications; `application` goes with `dry_run`")


class Status(Command, frozen=True, kw_only=True):
    of: Name | None = None
    """An application or an environment; None is all of them."""


class History(Command, frozen=True, kw_only=True):
    environment: Name
    most: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


ToEnvironment = Deploy | Rollback | Approve | Decline | Cancel | Pause | Resume
"""What changes something in an environment."""

Request = ToEnvironment | Pin | Unpin | Clean | Status | History
COMMANDS = ", ".join(str(one.__struct_config__.tag) for one in get_args(Request))


class Why(StrEnum):
    MALFORMED = "malformed"
    NOBODY = "nobody"
    """AWS names no principal."""

    UNKNOWN = "unknown"
    REFUSED = "refused"
    LATER = "later"
    """The same request may succeed in a moment."""

    BROKEN = "broken"


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag=str.lower):
    """`answer` is the class's name in small letters."""


class Refusal(Answer, frozen=True, kw_only=True):
    """Nothing was changed."""

    why: Why = Why.REFUSED
    reason: str
    advice: str
    """What to do next."""


class Done(Answer, frozen=True, kw_only=True):
    text: str
    deployment: str | None = None
    """The id of the deployment that was queued."""


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment that is active, or was."""

    id: str
    label: str
    state: State
    reason: str
    since: datetime
    """When it came into this state, or waited for another reason."""

    dropped_by: str | None = None
    asked: Asked | None = None
    approved_by: str | None = None
    moments: list[Moment] = []


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    at: datetime


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An environment as Beanstalk shows it, and what Wardrop knows of it."""

    environment: str
    application: str
    status: str
    health: str
    label: str | None
    instances: dict[str, int] | None
    """By the version that they report; None where they do not report, or were not asked."""

    deployments: list[Going]
    good: list[Proven]
    quarantined: list[QuarantinedVersion]
    hold: Hold | None
    paused: Hold | None
    preflight: str | None
    """What a deployment would do to the service, by the settings that were read last."""


class Environments(Answer, frozen=True, kw_only=True):
    environments: list[Shown]


class Deployments(Answer, frozen=True, kw_only=True):
    environment: str
    deployments: list[Going]
    """The newest first."""


Reply = Refusal | Done | Environments | Deployments | Plan


def read(body: bytes) -> Request | Refusal:
    if len(body) > MAX_BYTES:
        return malformed(f"the request has {len(body)} bytes, and may have {MAX_BYTES}")
    try:
        request: Request = msgspec.json.decode(body, type=Request)
    except msgspec.MsgspecError as error:
        return malformed(str(error))
    return request


def malformed(reason: str) -> Refusal:
    advice = f'send a JSON object such as {{"command": "status"}}; commands are {COMMANDS}'
    return Refusal(why=Why.MALFORMED, reason=reason, advice=advice)


def going(deployment: Deployment, *, moments: bool = False) -> Going:
    return Going(
        id=deployment.id,
        label=deployment.label,
        state=deployment.state,
        reason=deployment.reason,
        since=deployment.history[-1].at,
        dropped_by=deployment.dropped_by,
        asked=deployment.asked,
        approved_by=deployment.approved_by,
        moments=deployment.history if moments else [],
    )


def shown(
    environment: Environment,
    instances: Sequence[Instance] | None,
    standing: Standing,
    active: Sequence[Deployment],
    found: DeploymentSettings | None,
) -> Shown:
    fleet = Counter(one.version_label or "none" for one in instances) if instances is not None else None
    size = len(instances) if instances is not None else found.min_size if found else 1
    return Shown(
        environment=environment.name,
        application=environment.application,
        status=environment.status,
        health=environment.health,
        label=environment.version_label,
        instances=dict(fleet) if fleet is not None else None,
        deployments=[going(one) for one in sorted(active, key=lambda one: one.id)],
        good=[Proven(label=one.label, at=one.at) for one in standing.good],
        quarantined=standing.quarantined,
        hold=standing.hold,
        paused=standing.paused,
        preflight=f"a deployment {availability(found, size, [])}" if found else None,
    )
