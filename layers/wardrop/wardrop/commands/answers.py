"""The JSON responses of `run_command`. The field `answer` names the kind of the response."""

from enum import StrEnum

import msgspec

from wardrop.commands.comparison import Difference, Side
from wardrop.commands.followed import EnvironmentReading
from wardrop.commands.views import ConfigurationView, DeploymentView, EnvironmentView
from wardrop.drops.receipt import ReceiptStatus
from wardrop.environments.settings import VersionQuotaUse
from wardrop.foreign_text import clean
from wardrop.guard import plan as guard
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect
from wardrop.versions.plan import Plan


class RefusalCode(StrEnum):
    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    """The lists of callers in the configuration do not contain the caller, or the configuration cannot be read."""

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
    """A response. The field `answer` is the name of the class in lower case, unless the class states another tag."""


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
    """The id of the deployment that was queued or approved."""

    def __post_init__(self) -> None:
        clean(self, "text")


class Environments(Tagged, frozen=True, kw_only=True):
    environments: list[EnvironmentView]
    configurations: list[ConfigurationView]
    """The configurations of the applications to which these environments belong."""

    quota: VersionQuotaUse | None = None
    """The number of application versions in the region at the last clean-up.

    None: no clean-up has counted the versions yet, or the request names an application or an environment.
    """


class Deployments(Tagged, frozen=True, kw_only=True):
    environment: str
    deployments: list[DeploymentView]
    """The deployments, newest first."""


class DropOutcome(Tagged, frozen=True, kw_only=True, tag="drop"):
    """The outcome of a drop."""

    drop: str
    status: ReceiptStatus | None = None
    """The outcome of the drop. None: the drop has not been processed yet, or the bucket has no such object."""

    reason: str | None = None
    label: str | None = None
    deployments: dict[str, str] = {}
    """Maps the id of each deployment to its environment."""

    def __post_init__(self) -> None:
        clean(self, "reason")


class FollowedDeployment(Tagged, frozen=True, kw_only=True, tag="deployment"):
    """One deployment, and the present state of its environment."""

    environment: str
    application: str
    deployment: DeploymentView
    cause: list[str]
    """The lines of the deployment log that name the cause of a failure. If no cause is known, the list is empty."""

    logs: list[str]
    """The keys of the deployment logs in Beanstalk's bucket, oldest first. Some logs may not exist yet."""

    reading: EnvironmentReading | None
    """The current state of the environment. None: Beanstalk does not list the environment."""


class Outcome(StrEnum):
    """The effect of proposed settings, as a value for programs. EXIT_CODES contains the exit code for each value."""

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


class Comparison(Tagged, frozen=True, kw_only=True):
    """The differences between two environments, which may belong to different applications."""

    sides: tuple[Side, Side]
    differences: list[Difference]
    """The settings whose values differ or may differ, in the order of the options."""

    unknown: list[str]
    """The reasons why there may be other differences.

    If all settings of both environments were compared, the list is empty.
    """


class Checked(Tagged, frozen=True, kw_only=True):
    """The result of checking a configuration document. Nothing was stored."""

    application: str
    problem: str | None = None
    """The reason why Wardrop would refuse the document. None: Wardrop would accept the document."""

    environments: list[str] = []
    """The environments that the document configures. If the document has a problem, the list is empty."""

    def __post_init__(self) -> None:
        clean(self, "problem")


class ShownConfiguration(Tagged, frozen=True, kw_only=True, tag="configuration"):
    configuration: ConfigurationView
    document: str | None = None
    """The text of the document in force. None: no document is in force."""


Reading = Environments | Deployments | DropOutcome | FollowedDeployment | Effects | Comparison
Answer = Refusal | Done | Reading | Checked | ShownConfiguration | Plan


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
