"""The instances of an environment, with their deployments and batches, and the colours of health."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

COLORS = {"Ok": "Green", "Info": "Green", "Warning": "Yellow", "Degraded": "Red", "Severe": "Red"}
"""The colours of health statuses. Any other status is Grey (AWS developer guide, "Health colors and statuses")."""


@dataclass(frozen=True)
class Health:
    status: str
    causes: tuple[str, ...] = ()

    @property
    def color(self) -> str:
        return COLORS.get(self.status, "Grey")


@dataclass(frozen=True)
class Deployment:
    """The deployment of a version on an instance. `Environment.deployment_id` explains `deployment_id`."""

    version_label: str
    deployment_id: int
    status: str
    time: datetime
    started: datetime | None = None

    def __str__(self) -> str:
        return f'"{self.version_label}" (deployment {self.deployment_id})'


@dataclass(eq=False)
class Instance:
    launched_at: datetime
    availability_zone: str
    type: str
    deployment: Deployment | None = None
    """The last deployment on the instance. None: the instance is not initialized yet."""
    answers: bool = True
    """Whether the instance answers a request for `/` with a status 2xx."""
    runs: Deployment | None = None
    """The version that the instance runs, if the instance reports another version.

    None: the instance runs the version that it reports.
    """
    is_stuck: bool = False
    """Whether a command hangs. Every later command on the instance also hangs."""
    failing_since: datetime | None = None
    """The time at which a real server stopped answering. None: the server answers."""
    in_service: bool = True
    """Whether the load balancer sends requests to the instance."""
    weight: int = 100
    """The instance's share of the requests, relative to the weights of the other instances."""
    id: str = field(default_factory=lambda: f"i-{secrets.token_hex(9)[:17]}")


def batches(instances: Sequence[Instance], size_type: str, size: int) -> list[Sequence[Instance]]:
    """Divides instances into the batches of a rolling deployment.

    A percentage is rounded up to whole instances. This is an assumption, which agrees with observed batches of 30 % of
    two and of three instances. If a fixed size exceeds the number of instances, there is one batch.
    """
    of = math.ceil(len(instances) * size / 100) if size_type == "Percentage" else size
    return [instances[start : start + of] for start in range(0, len(instances), max(1, of))]
