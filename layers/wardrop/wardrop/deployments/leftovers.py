"""Finds the versions whose `.ebextensions` may be in force.

AWS does not document whether Beanstalk keeps the settings of a version whose deployment fails.
"""

from wardrop.deployments.history import CLOCK_SKEW
from wardrop.deployments.replacement import Doubt
from wardrop.deployments.situation import Need, Situation
from wardrop.environments import events

UNKNOWN_LABEL = ""
"""The label to use if the environment's version has none. For example, AWS's sample application has no label."""


def running_labels(situation: Situation) -> list[str]:
    """Returns the labels of the versions whose settings may be in force. A failed deployment may result in several."""
    labels = {situation.environment.version_label or UNKNOWN_LABEL}
    labels |= {label for label in situation.fleet.labels if label}
    labels |= set(situation.standing.unsettled) - {situation.deployment.target_label}
    return sorted(labels)


def needs(situation: Situation) -> Need:
    """Requests the events since a version was last proven good, if an update began after that time.

    Example: a deployment is proven, and its update ended at 12:05:00. The DateUpdated 12:05:02 shows that no update
    has begun since then. The DateUpdated 12:40:00 shows that an update has begun.
    """
    settled_at = situation.standing.settled_at
    if settled_at is None or situation.environment.updated_at - settled_at <= CLOCK_SKEW:
        return Need.NOTHING
    return Need.EVENTS


def doubt(situation: Situation) -> Doubt | None:
    """Returns the reason why settings of a version that Wardrop did not deploy may be in force, if there is a reason.

    There is a reason if no version was ever proven good. There is also one if an update failed after a version was last
    proven good, and Wardrop did not record the RequestId of this update. The update may still be Wardrop's, because the
    response to the call may have been lost.
    """
    standing = situation.standing
    if standing.settled_at is None:
        return Doubt(
            f"Wardrop has not yet proven a deployment in {standing.environment}, so unknown settings may be in force"
        )
    ours = {*standing.request_ids, *situation.deployment.request_ids}
    later = [event for event in situation.events if event.at > standing.settled_at]
    theirs = events.unsuccessful([event for event in later if event.request_id not in ours])
    if not theirs:
        return None
    at = theirs[-1].at
    failed = f"an update that started at {at:%Y-%m-%d %H:%M} UTC did not succeed, and is not recorded as Wardrop's"
    return Doubt(f"{failed}, so its settings may be in force", at)
