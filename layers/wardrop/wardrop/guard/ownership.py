"""The ownership of an operation on an environment: whether Wardrop started it."""

from collections.abc import Iterable
from enum import StrEnum


class Ownership(StrEnum):
    """Whether a deployment started the operation. If the deployments differ, the first value in this order counts."""

    OURS = "ours"
    UNANSWERED = "unanswered"
    """The deployment has not recorded the answer of UpdateEnvironment yet. The operation may be its update."""

    OVERLAPPING = "overlapping"
    """The operation began during an update by a deployment, but its RequestId is not known as Wardrop's."""

    FOREIGN = "foreign"


def combined(ownerships: Iterable[Ownership]) -> Ownership:
    order = list(Ownership)
    return min(ownerships, key=order.index, default=Ownership.FOREIGN)
