"""Decides whether one of Wardrop's deployments in progress (a rollout) explains bad health.

A good rollout also lowers health. The instances of a batch leave the load balancer, run the command, and return. After
an update of all instances at once, health recovers only after some checks. Bad health that these steps do not explain
is an incident. `docs/alerts.md` lists the rules.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto

from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import CLOCK_SKEW
from wardrop.deployments.state import UPDATING, State
from wardrop.deployments.update import Update
from wardrop.environments.deployment_policy import largest_batch
from wardrop.environments.events import is_out_of_load_balancer
from wardrop.environments.fleet import FAILED, Fleet, own_causes
from wardrop.environments.model import Environment, Health, Instance

IN_PROGRESS = "In Progress"

CHANGES_INSTANCES = (State.DEPLOYING, State.BAKING, State.ROLLING_BACK, State.SUCCEEDED, State.ROLLED_BACK)
"""The states of a deployment in which its update explains bad health.

A failed deployment does not explain bad health.
"""

KEEPS_OLD_INSTANCES = ("Immutable", "TrafficSplitting")
"""The policies that never take an instance of the previous version out of service."""


class Explains(StrEnum):
    YES = auto()
    NO = auto()
    CANNOT_TELL = auto()
    """No instance reports: the instances could not be read, or health is basic, or all instances are being replaced."""


@dataclass(frozen=True)
class Rollout:
    """The update in which a deployment last deployed a version."""

    deployment: Deployment
    update: Update
    ended: datetime | None
    """The end of the update. None: the update is in progress."""

    @property
    def bad_for(self) -> timedelta:
        return self.deployment.rules.bad_for

    def covers(self, at: datetime) -> bool:
        """Whether the update may lower health at the given time. After the update, health may stay low for `bad_for`.

        Example with a `bad_for` of 3 min: the update is claimed at 12:00:00 and ends at 12:06:00. It covers the times
        from 11:59:30 on, because the clocks differ, and before 12:09:00.
        """
        has_begun = at >= self.update.claimed_at - CLOCK_SKEW
        return has_begun and (self.ended is None or at < self.ended + self.bad_for)

    def explains(self, fleet: Fleet, now: datetime) -> Explains:
        """Decides whether the instances' reports are those that a good deployment would also cause."""
        if not self.covers(now):
            return Explains.NO
        if not fleet.instances:
            return Explains.CANNOT_TELL
        if any(self._has_failed(instance, now) for instance in fleet.instances):
            return Explains.NO
        bad = [instance for instance in fleet.instances if self._is_old(instance) and _is_bad(instance)]
        if not all(map(_may_wait_for_command, bad)):
            return Explains.NO
        return Explains.YES if len(bad) <= self._leaving(fleet) else Explains.NO

    def _has_failed(self, instance: Instance, now: datetime) -> bool:
        """Whether the update has failed on the instance.

        It has failed if the instance reports the failure, or if the instance is still not healthy when `bad_for` has
        passed since it reported the version. Example with a `bad_for` of 3 min: the instance reports at 12:02:00 that
        it has deployed the version. At 12:04:59, the status Severe is expected, because the load balancer may still be
        registering the instance. At 12:05:00, the status Severe is an incident.
        """
        if self._is_old(instance):
            return False
        if instance.deployment_status == FAILED:
            return True
        if instance.deployment_status in (None, IN_PROGRESS) or not _is_bad(instance):
            return False
        return instance.deployed_at is None or now - instance.deployed_at >= self.bad_for

    def _is_old(self, instance: Instance) -> bool:
        """Whether the update has not reached the instance. An instance that reports no version has just started."""
        return instance.version_label is not None and instance.deployment_id <= self.update.deployment_id

    def _leaving(self, fleet: Fleet) -> int:
        """Returns the number of old instances that may be out of the load balancer because they wait for the command.

        An instance outside the load balancer receives no requests, so failed requests on it are an incident.

        Example with batches of two: one instance runs the command. One old instance may be bad, because it belongs to
        the same batch. Two bad old instances are an incident.
        """
        settings, number = self.deployment.settings, len(fleet.instances)
        if self.ended is not None or settings is None or settings.policy in KEEPS_OLD_INSTANCES:
            return 0
        batch = number if settings.policy == "AllAtOnce" else largest_batch(settings.batch, number)
        running = sum(instance.deployment_status == IN_PROGRESS for instance in fleet.instances)
        return max(0, batch - running)


def rollout_of(deployment: Deployment, environment: Environment | None) -> Rollout | None:
    """Returns the update in which the deployment last deployed a version.

    Returns None if there is no such update, or if the deployment's state is not in CHANGES_INSTANCES.
    """
    if deployment.update is None or deployment.state not in CHANGES_INSTANCES:
        return None
    return Rollout(deployment, deployment.update, _ended(deployment, deployment.update, environment))


def _ended(deployment: Deployment, update: Update, environment: Environment | None) -> datetime | None:
    """Returns the end of the update: DateUpdated if the environment is Ready, or the first step after the update.

    If the environment is Ready with a DateUpdated before the claim, perhaps no update has started. Then the time of the
    claim counts as the end. Example: an update is claimed at 12:00:00. At 12:01:00, the environment is Ready, and
    DateUpdated is 11:30:00. In this case, 12:00:00 counts as the end.
    """
    if deployment.state in UPDATING:
        is_over = environment is not None and environment.is_ready
        return max(environment.updated_at, update.claimed_at) if environment and is_over else None
    last = max(number for number, moment in enumerate(deployment.history) if number == 0 or moment.state in UPDATING)
    return deployment.history[min(last + 1, len(deployment.history) - 1)].at


def _may_wait_for_command(instance: Instance) -> bool:
    """Whether the instance may be bad only because it is out of the load balancer.

    Such an instance receives no requests that could fail.
    """
    return all(map(is_out_of_load_balancer, own_causes(instance)))


def _is_bad(instance: Instance) -> bool:
    """Whether an instance is unhealthy for a reason other than its version.

    A wrong version does not count, because the instances' versions differ during every deployment.
    """
    is_unhealthy = instance.health is not None and instance.health.is_at_least(Health.WARNING)
    return is_unhealthy and not (instance.causes and not own_causes(instance))
