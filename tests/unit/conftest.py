"""For every unit test: credentials that open nothing, and few examples of each property."""

import logging
import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "unit", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("unit")

os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_METRICS_DISABLED="true",
    POWERTOOLS_SERVICE_NAME="unit",
    POWERTOOLS_METRICS_NAMESPACE="Wardrop",
)


@pytest.fixture(autouse=True)
def _records_reach_pytest() -> None:
    """A function that was imported has given the records of Wardrop's modules to its own log."""
    logging.getLogger("wardrop").propagate = True
