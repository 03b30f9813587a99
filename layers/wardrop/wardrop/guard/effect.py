"""The effects that changing settings can have on an environment."""

from collections.abc import Iterable
from enum import StrEnum


class Effect(StrEnum):
    """The effects in order of increasing harm."""

    NOTHING = "nothing"
    UPDATES = "updates"
    """The change is made in place, without interruption."""

    RESTARTS = "restarts"
    """The application servers restart, as in a deployment."""

    REPLACES_IN_BATCHES = "replaces_in_batches"
    REPLACES_AT_ONCE = "replaces_at_once"
    REPLACES_LOAD_BALANCER = "replaces_load_balancer"
    CANNOT_TELL = "cannot_tell"
    """It is not known whether instances are replaced, because necessary data was not read."""

    REFUSED = "refused"
    """Beanstalk does not accept the change."""

    @property
    def harm(self) -> int:
        return list(Effect).index(self)

    @property
    def replaces(self) -> bool:
        """Whether instances are certainly replaced."""
        return self in (Effect.REPLACES_IN_BATCHES, Effect.REPLACES_AT_ONCE, Effect.REPLACES_LOAD_BALANCER)

    @property
    def keeps_instances(self) -> bool:
        """Whether it is certain that neither instances nor the load balancer are replaced.

        False for REFUSED, because Wardrop may only have predicted the refusal.
        """
        return self in (Effect.NOTHING, Effect.UPDATES, Effect.RESTARTS)


def worst(effects: Iterable[Effect]) -> Effect:
    return max(effects, key=lambda effect: effect.harm, default=Effect.NOTHING)
