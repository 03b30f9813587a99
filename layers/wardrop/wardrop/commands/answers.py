"""The answers of `run_command`: JSON, told apart by the field `answer`."""

from enum import StrEnum

import msgspec

from wardrop.commands.views import ConfigurationView, DeploymentView, EnvironmentView
from wardrop.foreign_text import clean
from wardrop.guard import plan as guard
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect
from wardrop.versions.plan import Plan


class RefusalCode(StrEnum):
    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    """The lists in the configuration do not contain the caller, or cannot be read."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    """The state of the environment does not allow the request."""

    TRY_AGAIN = "try_again"
    """The same request may succeed a moment later."""

    INTERNAL_ERROR = "internal_error"


HTTP_STATUSES = {
    RefusalCode.MALFORMED: 400,
    RefusalCode.UNAUTHENTICATED: 403,
    RefusalCode.FORBIDDEN: 403,
    RefusalCode.NOT_FOUND: 404,
    RefusalCode.CONFLICT: 409,
    RefusalCode.TRY_AGAIN: 503,
    RefusalCode.INTERNAL_ERROR: 500,
}


class Tagged(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag=str.lower):
    """An answer. The field `answer` is the name of the class in lower case."""


class Refusal(Tagged, frozen=True, kw_only=True):
    """The request was refused, and nothing was changed."""

    code: RefusalCode = RefusalCode.CONFLICT
    reason: str
    advice: str
    """The recommended next step."""

    def __post_init__(self) -> None:
        clean(self, "reason", "advice")


class Done(Tagged, frozen=True, kw_only=True):
    text: str
    deployment: str | None = None
    """The id of the deployment that was queued."""

    def __post_init__(self) -> None:
        clean(self, "text")


class Environments(Tagged, frozen=True, kw_only=True):
    environments: list[EnvironmentView]
    configurations: list[ConfigurationView]
    """The configurations of the applications to which these environments belong."""


class Deployments(Tagged, frozen=True, kw_only=True):
    environment: str
    deployments: list[DeploymentView]
    """The newest first."""


class Outcome(StrEnum):
    """The effect of proposed settings, for programs. Each outcome has an exit code in EXIT_CODES."""

    KEEPS_INSTANCES = "keeps_instances"
    REPLACES = "replaces"
    CANNOT_TELL = "cannot_tell"
    REFUSED = "refused"


EXIT_CODES = {Outcome.KEEPS_INSTANCES: 0, Outcome.REFUSED: 8, Outcome.REPLACES: 10, Outcome.CANNOT_TELL: 11}


class Effects(Tagged, frozen=True, kw_only=True):
    """The effect that proposed settings would have on an environment. Nothing was changed."""

    environment: str
    outcome: Outcome
    exit_code: int
    effect: Effect
    sentence: str
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]
    messages: tuple[guard.Message, ...]


Answer = Refusal | Done | Environments | Deployments | Effects | Plan


def effects(environment: str, plan: guard.Plan) -> Effects:
    if plan.effect is Effect.REFUSED:
        outcome = Outcome.REFUSED
    elif any(change.effect.replaces for change in plan.changes):
        outcome = Outcome.REPLACES
    else:
        outcome = Outcome.KEEPS_INSTANCES if plan.keeps_instances else Outcome.CANNOT_TELL
    return Effects(
        environment=environment,
        outcome=outcome,
        exit_code=EXIT_CODES[outcome],
        effect=plan.effect,
        sentence=plan.sentence,
        changes=plan.changes,
        unknown=plan.unknown,
        messages=plan.messages,
    )
