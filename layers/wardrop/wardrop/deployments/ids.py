"""The ids of deployments."""

import hashlib
from datetime import datetime


def deployment_id(now: datetime, cause: str, environment: str) -> str:
    """Returns an id that begins with the time, so that ids sort by time. The same arguments result in the same id."""
    return f"{now:%Y%m%dT%H%M%S%f}-{hashlib.sha256(f'{cause} {environment}'.encode()).hexdigest()[:8]}"
