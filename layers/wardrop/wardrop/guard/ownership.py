"""The ownership of an operation on an environment: whether Wardrop started it."""

from collections.abc import Iterable
from enum import StrEnum


class Ownership(StrEnum):
    """Whether a deployment of Wardrop started the operation.

    If several deployments lead to different values, the value that is listed first counts.
    """

    OURS = "ours"
    UNANSWERED = "unanswered"
    """The deployment has not recorded the response of UpdateEnvironment yet. The operation may be its update."""

    OVERLAPPING = "overlapping"
    """The operation began while a deployment was updating the environment. Its RequestId is not known as Wardrop's."""

    FOREIGN = "foreign"


def combined(ownerships: Iterable[Ownership]) -> Ownership:
    order = list(Ownership)
    return min(ownerships, key=order.index, default=Ownership.FOREIGN)
