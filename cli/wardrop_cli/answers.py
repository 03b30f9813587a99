"""The parts of the stack's answers that the screens need. docs/commands.md describes every field."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Done:
    text: str
    deployment: str | None = None


@dataclass(frozen=True)
class Origin:
    commit: str | None = None
    build: str | None = None
    changes: str | None = None


@dataclass(frozen=True)
class Asked:
    by: str
    at: datetime
    because: str | None = None
    now: bool = False
    rollback: bool = False


@dataclass(frozen=True)
class Moment:
    at: datetime
    state: str
    reason: str


@dataclass(frozen=True)
class Deployment:
    id: str
    label: str
    state: str
    reason: str
    since: datetime
    dropped_by: str | None = None
    origin: Origin | None = None
    requested: Asked | None = None
    history: list[Moment] = field(default_factory=list)


ENDED = frozenset({"succeeded", "superseded", "declined", "cancelled", "failed", "rolled_back", "rollback_failed"})


@dataclass(frozen=True)
class DropOutcome:
    status: str | None = None
    reason: str | None = None
    label: str | None = None
    deployments: dict[str, str] = field(default_factory=dict)
    """The environment of each deployment, keyed by the id of the deployment."""


@dataclass(frozen=True)
class Event:
    at: datetime
    severity: str
    message: str


@dataclass(frozen=True)
class Instance:
    id: str
    version_label: str | None = None
    status: str | None = None
    causes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    status: str
    health: str
    version_label: str | None = None
    causes: list[str] = field(default_factory=list)
    instances: list[Instance] | None = None
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Followed:
    environment: str
    application: str
    deployment: Deployment
    cause: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    reading: Reading | None = None

    @property
    def has_ended(self) -> bool:
        return self.deployment.state in ENDED


@dataclass(frozen=True)
class Deployments:
    environment: str
    deployments: list[Deployment] = field(default_factory=list)


@dataclass(frozen=True)
class GoodVersion:
    label: str
    at: datetime
    origin: Origin | None = None


@dataclass(frozen=True)
class Quarantined:
    label: str
    at: datetime
    because: str = ""


@dataclass(frozen=True)
class Hold:
    by: str
    at: datetime
    because: str = ""


@dataclass(frozen=True)
class Environment:
    environment: str
    application: str
    status: str
    health: str
    version_label: str | None = None
    instances: dict[str, int] | None = None
    deployments: list[Deployment] = field(default_factory=list)
    good_versions: list[GoodVersion] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    hold: Hold | None = None
    pause: Hold | None = None
    drifted: list[str] = field(default_factory=list)
    availability: str | None = None
    interruption: str | None = None
    availability_doubt: str | None = None
    guard: str | None = None


@dataclass(frozen=True)
class Configuration:
    application: str
    parameter: str
    source: str
    version: int | None = None
    error: str | None = None
    stages: list[list[str]] = field(default_factory=list)
    """The stages in the order of promotion. Without a configuration or from an older stack, the list is empty."""


@dataclass(frozen=True)
class Quota:
    used: int
    quota: int
    at: datetime


@dataclass(frozen=True)
class Environments:
    environments: list[Environment]
    configurations: list[Configuration] = field(default_factory=list)
    quota: Quota | None = None
