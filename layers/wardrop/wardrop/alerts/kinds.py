"""The kinds of alerts: what each is called, how severe it is, and whom it reaches. A new kind is one new row."""

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum, auto
from typing import Self


class Severity(StrEnum):
    """From the least to the most severe."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
    """No user is served, or Wardrop cannot continue without a person."""


class Reach(IntEnum):
    """Where alerts of a kind are sent. Each value includes those above it."""

    EDIT = auto()
    """Slack only, where the deployment's message is edited."""

    THREAD = auto()
    """The SNS topic, without its e-mail subscription. In Slack, a reply in the thread."""

    MESSAGE = auto()
    """E-mail. In Slack, a message of its own where there are no threads."""

    CHANNEL = auto()
    """In Slack, a reply in a thread is also shown in the channel. Every alert above INFO has at least this reach."""


class Tone(Enum):
    """What the colour of a Slack message means."""

    SEVERITY = auto()
    SUCCESS = auto()
    NEUTRAL = auto()


@dataclass(frozen=True)
class Traits:
    icon: str | None
    """None: the icon of the alert's severity is used."""

    headline: str
    """The text after the environment's name. The alert fills in `{label}`, `{rollback}`, `{progress}`, `{health}`."""

    severity: Severity = Severity.INFO
    """The default severity. An alert may have its own, such as the severity of the health status of an incident."""

    reach: Reach = Reach.MESSAGE
    tone: Tone = Tone.SEVERITY
    next_step: str | None = None
    """What to do, with `{application}`, `{environment}` and `{label}`. None: nothing, unless the alert says what."""

    duration: str = ""
    """The end of the headline. It is added if the alert states a duration."""


class Kind(StrEnum):
    traits: Traits

    def __new__(cls, name: str, traits: Traits) -> Self:
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.traits = traits
        return kind

    DROP_REJECTED = "drop_rejected", Traits("⛔", "a dropped file was rejected", Severity.ERROR)
    VERSION_MADE = "version_made", Traits("📦", "{label} was created but not deployed")
    CONFIGURATION_REFUSED = (
        "configuration_refused",
        Traits("⚠️", "the configuration was rejected", Severity.WARNING, next_step="wardrop config show {application}"),
    )

    DEPLOYMENT_QUEUED = "deployment_queued", Traits("🕓", "{label} is queued", reach=Reach.THREAD)
    DEPLOYMENT_WAITING = "deployment_waiting", Traits("⏳", "{label} is waiting", reach=Reach.THREAD)
    DEPLOYMENT_AWAITING_APPROVAL = (
        "deployment_awaiting_approval",
        Traits(
            "✋",
            "{label} is waiting for approval",
            reach=Reach.CHANNEL,
            next_step="wardrop approve {environment} {label}",
        ),
    )
    DEPLOYMENT_APPROVED = "deployment_approved", Traits("👍", "{label} was approved", reach=Reach.THREAD)
    DEPLOYMENT_PREPARING = (
        "deployment_preparing",
        Traits("🔧", "{label}: the deployment policy is updated first", reach=Reach.THREAD),
    )
    DEPLOYMENT_STARTED = "deployment_started", Traits("🚀", "{label} is being deployed")
    DEPLOYMENT_PROGRESSED = "deployment_progressed", Traits("🚀", "{label} is on {progress}", reach=Reach.EDIT)
    DEPLOYMENT_OVERDUE = (
        "deployment_overdue",
        Traits(
            "⏰",
            "{label} is taking longer than expected",
            Severity.WARNING,
            next_step="wardrop status {environment}",
        ),
    )
    DEPLOYMENT_BAKING = (
        "deployment_baking",
        Traits("👀", "{label} is live; monitoring until it has stayed healthy", reach=Reach.THREAD),
    )
    DEPLOYMENT_ROLLING_BACK = (
        "deployment_rolling_back",
        Traits("↩️", "{label} failed; rolling back to {rollback}", Severity.ERROR),
    )
    DEPLOYMENT_SUCCEEDED = (
        "deployment_succeeded",
        Traits("✅", "{label} was deployed", tone=Tone.SUCCESS, duration=" in {duration}"),
    )
    DEPLOYMENT_SUPERSEDED = (
        "deployment_superseded",
        Traits("⏭️", "{label} was superseded", reach=Reach.THREAD, tone=Tone.NEUTRAL),
    )
    DEPLOYMENT_DECLINED = "deployment_declined", Traits("🚫", "{label} was declined", tone=Tone.NEUTRAL)
    DEPLOYMENT_CANCELLED = "deployment_cancelled", Traits("🚫", "{label} was cancelled", tone=Tone.NEUTRAL)
    DEPLOYMENT_FAILED = (
        "deployment_failed",
        Traits("❌", "{label} failed", Severity.ERROR, next_step="wardrop status {environment}"),
    )
    DEPLOYMENT_ROLLED_BACK = (
        "deployment_rolled_back",
        Traits(
            "↩️",
            "{label} failed; rolled back to {rollback}",
            Severity.ERROR,
            next_step="wardrop history {environment}",
            duration=" after {duration}",
        ),
    )
    ROLLBACK_FAILED = (
        "rollback_failed",
        Traits(
            "🚨",
            "{label} failed, and the rollback to {rollback} failed too",
            Severity.CRITICAL,
            next_step="wardrop status {environment}",
        ),
    )

    ENVIRONMENT_HELD = "environment_held", Traits("🔒", "deployments are on hold", Severity.WARNING)
    ENVIRONMENT_PAUSED = "environment_paused", Traits("⏸️", "deployments are paused")
    ENVIRONMENT_RESUMED = "environment_resumed", Traits("▶️", "deployments have resumed")

    INCIDENT_OPENED = "incident_opened", Traits(None, "health is {health}")
    INCIDENT_WORSENED = "incident_worsened", Traits(None, "health worsened to {health}")
    # Health worsened again soon after a recovery. This is sent once, until health has stayed good.
    INCIDENT_FLAPPING = "incident_flapping", Traits("🔁", "health is unstable: {health}")
    INCIDENT_RECOVERED = (
        "incident_recovered",
        Traits("✅", "health recovered", reach=Reach.CHANNEL, tone=Tone.SUCCESS, duration=" after {duration}"),
    )
    ENVIRONMENT_EVENT = "environment_event", Traits(None, "Elastic Beanstalk reported an event")
    MANAGED_UPDATE_FAILED = (
        "managed_update_failed",
        Traits("❌", "a managed platform update failed", Severity.ERROR),
    )

    # The guard's: an update of somebody else replaces instances, the load balancer, or both.
    INSTANCES_BEING_REPLACED = (
        "instances_being_replaced",
        Traits(
            "⚠️",
            "instances are about to be replaced",
            reach=Reach.CHANNEL,
            next_step="aws elasticbeanstalk abort-environment-update --environment-name {environment}",
        ),
    )
    INSTANCES_REPLACED = (
        "instances_replaced",
        Traits("⚠️", "instances have been replaced", next_step="wardrop status {environment}"),
    )
    UPDATE_UNCLEAR = (
        "update_unclear",
        Traits("❔", "it is not certain what an update changes", next_step="wardrop status {environment}"),
    )
    UPDATE_ABORTED = (
        "update_aborted",
        Traits("🛑", "an update was aborted before it replaced instances", Severity.WARNING),
    )
    UPDATE_NOT_ABORTED = (
        "update_not_aborted",
        Traits("⚠️", "an update was not aborted", Severity.ERROR, next_step="wardrop status {environment}"),
    )

    VERSIONS_CLEANED = "versions_cleaned", Traits("🧹", "old application versions were deleted")
    CLEAN_UP_INCOMPLETE = "clean_up_incomplete", Traits("🧹", "clean-up is incomplete", Severity.WARNING)
    VERSION_QUOTA_LOW = (
        "version_quota_low",
        Traits(
            "📦",
            "the quota for application versions is almost used up",
            Severity.WARNING,
            next_step="wardrop clean --dry-run",
        ),
    )
    # A message of Wardrop's own is in a dead-letter queue, or messages to Slack are late.
    DEAD_LETTERS = (
        "dead_letters",
        Traits(
            "🚨",
            "messages are not being processed",
            Severity.ERROR,
            next_step="read the function's log, fix the cause, then redrive or purge the dead-letter queue",
        ),
    )
    DEAD_LETTERS_CLEARED = (
        "dead_letters_cleared",
        Traits("✅", "the alarm on unprocessed messages has ended", tone=Tone.SUCCESS),
    )
