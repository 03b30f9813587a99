"""The ownership of an operation on an environment: whether Wardrop started it."""

from collections.abc import Iterable
from enum import StrEnum


class Ownership(StrEnum):
    """Whether a deployment of Wardrop started the operation.

    If the deployments of an environment have different values, the value that is listed first in this class counts.
    """

    OURS = "ours"
    UNANSWERED = "unanswered"
    """A deployment has not recorded the response of UpdateEnvironment yet. The operation may be this call's update."""

    OVERLAPPING = "overlapping"
    """The operation began while a deployment was updating the environment. Wardrop has not recorded its RequestId."""

    FOREIGN = "foreign"


def combined(ownerships: Iterable[Ownership]) -> Ownership:
    order = list(Ownership)
    return min(ownerships, key=order.index, default=Ownership.FOREIGN)
