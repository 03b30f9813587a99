"""Who started an operation on an environment."""

from collections.abc import Iterable
from enum import StrEnum


class Ownership(StrEnum):
    """In the order in which they count, if several deployments have different answers."""

    OURS = "ours"
    UNANSWERED = "unanswered"
    """A deployment has called UpdateEnvironment and does not know the answer yet. The operation may be that update."""

    OVERLAPPING = "overlapping"
    """The operation began while a deployment was updating the environment, but it is not a known update of ours."""

    FOREIGN = "foreign"


def combined(ownerships: Iterable[Ownership]) -> Ownership:
    order = list(Ownership)
    return min(ownerships, key=order.index, default=Ownership.FOREIGN)
