"""The facts that the checks read. A fact that could not be read is a CannotTell with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wardrop_cli.answers import Configuration, Environment
from wardrop_cli.doctor.findings import CannotTell

NOT_READ = CannotTell("it was not read")


@dataclass(frozen=True)
class Stack:
    """The stack, as CloudFormation describes it."""

    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    """The ARN of the stack."""


class SwitchKind(StrEnum):
    RULE = "rule"
    SCHEDULE = "schedule"
    MAPPING = "event source mapping"


@dataclass(frozen=True)
class Switch:
    """A resource that starts a function, and that a user can disable."""

    logical_id: str
    kind: SwitchKind
    name: str
    """The physical name, or the UUID of an event source mapping."""

    state: str | CannotTell
    """The state in AWS's spelling, such as ENABLED or Enabled."""


@dataclass(frozen=True)
class DeadLetters:
    """A dead-letter queue."""

    logical_id: str
    url: str
    messages: int | CannotTell
    oldest: timedelta | None = None
    """The age of the oldest message. None: the age was not read, or there is no message."""


@dataclass(frozen=True)
class Bucket:
    name: str
    exists: bool | CannotTell
    has_events: bool | CannotTell = NOT_READ
    is_versioned: bool | CannotTell = NOT_READ


class SecretFault(StrEnum):
    MISSING = "there is no secret with the ARN in SlackSecretArn"
    NOT_JSON = "the value is not a JSON object"
    NEITHER = "the value has neither `bot_token` nor `webhook_url`"
    NOT_A_BOT_TOKEN = "`bot_token` does not begin with xoxb-"  # noqa: S105 - no secret
    NOT_HTTPS = "`webhook_url` is not an https URL"


class SecretForm(StrEnum):
    BOT = "a bot token"
    WEBHOOK = "an incoming webhook"


@dataclass(frozen=True)
class Slack:
    """None of the fields contains a part of the secret."""

    arn: str
    secret: SecretForm | SecretFault | CannotTell
    channel: str
    late: bool | CannotTell
    """Whether the alarm reports that a post has waited for more than 15 minutes."""


@dataclass(frozen=True)
class Rights:
    """The actions that AWS's policy simulator denies to the role of AdvanceDeployment."""

    denied: tuple[str, ...]
    environment: str
    """The environment whose update was simulated. The other environments were not simulated."""


@dataclass(frozen=True)
class Overview:
    """The answer of the stack to the request `status`."""

    environments: list[Environment]
    configurations: list[Configuration]


@dataclass(frozen=True)
class NotAnswered:
    """The reason why the stack did not answer the request, and the advice of the command."""

    reason: str
    advice: str


@dataclass(frozen=True)
class Quota:
    used: int
    limit: int


@dataclass(frozen=True)
class Platform:
    name: str
    branch_state: str
    """The state of the platform branch, such as Supported or Retired. Empty: Beanstalk states no state."""

    is_recommended: bool


@dataclass(frozen=True)
class FailedUpdate:
    at: datetime
    reason: str


@dataclass(frozen=True)
class Installed:
    """The facts about an environment that are read with the user's own credentials, and not from the stack."""

    name: str
    application: str
    has_enhanced_health: bool
    has_operations_role: bool
    platform: Platform | CannotTell
    failed_updates: list[FailedUpdate] | CannotTell
    """The managed updates that failed since the last one that succeeded, the newest first."""


@dataclass(frozen=True)
class Readings:
    stack_name: str
    region: str
    command_version: str
    stack_version: str | None
    """None: the stack does not state its version."""

    stack: Stack | CannotTell
    switches: list[Switch] | CannotTell
    drop_bucket: Bucket
    release_bucket: Bucket
    dead_letters: list[DeadLetters] | CannotTell
    slack: Slack | CannotTell | None
    """None: the stack has no Slack."""

    rights: Rights | CannotTell
    overview: Overview | NotAnswered
    quota: Quota | CannotTell
    installed: list[Installed] | CannotTell
