"""The kinds of alerts, with their headlines, severities and recipients."""

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum, auto
from typing import Self


class Severity(StrEnum):
    """The severities of alerts, in increasing order."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
    """The environment serves no requests, or a user has to act before Wardrop can continue."""


class Reach(IntEnum):
    """Where alerts of a kind are sent. Each value includes the destinations of the values before it."""

    EDIT = auto()
    """Slack only. Wardrop edits the deployment's message and adds no reply."""

    THREAD = auto()
    """Also the SNS topic, but not its e-mail subscription. In Slack, Wardrop adds a reply to the thread."""

    MESSAGE = auto()
    """Also e-mail. A separate message is also posted to an incoming webhook, which has no threads."""

    CHANNEL = auto()
    """Slack also shows the reply in the channel, as it does for every alert with a severity above INFO."""


class Tone(Enum):
    """The meaning of the colour of a Slack message."""

    SEVERITY = auto()
    SUCCESS = auto()
    NEUTRAL = auto()


@dataclass(frozen=True)
class Traits:
    icon: str | None
    """The icon in Slack. None: the alert has the icon of its severity."""

    headline: str
    """The text after the environment's name, with the fields `{label}`, `{rollback}`, `{progress}` and `{health}`."""

    severity: Severity = Severity.INFO
    """The default severity. An alert about an incident has the severity of the health status instead."""

    reach: Reach = Reach.MESSAGE
    tone: Tone = Tone.SEVERITY
    next_step: str | None = None
    """The recommended action, with the fields `{application}`, `{environment}` and `{label}`. None: no action."""

    duration: str = ""
    """The text that is appended to the headline if the alert has a duration."""


class Kind(StrEnum):
    traits: Traits

    def __new__(cls, name: str, traits: Traits) -> Self:
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.traits = traits
        return kind

    DROP_REJECTED = "drop_rejected", Traits("⛔", "a dropped file was rejected", Severity.ERROR)
    VERSION_MADE = "version_made", Traits("📦", "{label} was created but not deployed")
    CONFIGURATION_UNREADABLE = (
        "configuration_unreadable",
        Traits(
            None,
            "the configuration is not in force",
            Severity.WARNING,
            next_step="wardrop config show {application}",
        ),
    )
    CONFIGURATION_MENDED = (
        "configuration_mended",
        Traits("✅", "the configuration is in force again", tone=Tone.SUCCESS),
    )
    CONFIGURATION_FORGOTTEN = (
        "configuration_forgotten",
        Traits("🗑️", "the last good configuration was removed", Severity.WARNING),
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
    # Wardrop sends this alert before the update starts, even if it is not certain that instances are replaced.
    DEPLOYMENT_REPLACES_INSTANCES = (
        "deployment_replaces_instances",
        Traits(
            "⚠️",
            "{label} may replace instances",
            reach=Reach.CHANNEL,
            next_step="to require an approval before a deployment replaces instances, "
            "set guard: abort in the configuration of {environment}",
        ),
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
        Traits("👀", "{label} is live; checking that it stays healthy", reach=Reach.THREAD),
    )
    DEPLOYMENT_UNHEALTHY = "deployment_unhealthy", Traits("👀", "{label} became unhealthy", reach=Reach.THREAD)
    DEPLOYMENT_UNCHECKED = "deployment_unchecked", Traits("❔", "{label} is waiting for a check", reach=Reach.THREAD)
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

    # These alerts follow the alert about the failure, because the logs of the instances arrive later.
    DEPLOYMENT_EXPLAINED = "deployment_explained", Traits("🔎", "why {label} failed", reach=Reach.CHANNEL)
    DEPLOYMENT_NOT_EXPLAINED = (
        "deployment_not_explained",
        Traits("🔎", "the cause of the failure of {label} is not known", reach=Reach.THREAD),
    )

    ENVIRONMENT_HELD = "environment_held", Traits("🔒", "deployments are on hold", Severity.WARNING)
    ENVIRONMENT_PAUSED = "environment_paused", Traits("⏸️", "deployments are paused")
    ENVIRONMENT_RESUMED = "environment_resumed", Traits("▶️", "deployments have resumed")

    INCIDENT_OPENED = "incident_opened", Traits(None, "health is {health}")
    INCIDENT_WORSENED = "incident_worsened", Traits(None, "health worsened to {health}")
    # Health became bad again soon after a recovery. No further alert of this kind is sent until health is stable.
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

    # The guard sends these alerts if an update from outside Wardrop replaces instances or the load balancer.
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
        Traits("❔", "the effect of an update is not certain", next_step="wardrop status {environment}"),
    )
    UPDATE_ABORTED = (
        "update_aborted",
        Traits("🛑", "an update was aborted", Severity.WARNING),
    )
    UPDATE_NOT_ABORTED = (
        "update_not_aborted",
        Traits("⚠️", "an update was not aborted", Severity.ERROR, next_step="wardrop status {environment}"),
    )

    SETTINGS_DRIFTED = (
        "settings_drifted",
        Traits(
            "🧭", "settings differ from those of the last good deployment", next_step="wardrop status {environment}"
        ),
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
    # One of Wardrop's messages is in a dead-letter queue, or messages to Slack are late.
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
