"""Fixtures for all unit tests: invalid credentials, and few examples for each property."""

import logging
import os
from functools import cache

import botocore.session
import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "unit", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
# `make mutants` runs a test several times in one process, and its results must not depend on chance.
settings.register_profile(
    "mutants",
    settings.get_profile("unit"),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
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


# Each session of botocore would read the models of the services again.
botocore.session.create_loader = cache(botocore.session.create_loader)


@pytest.fixture(autouse=True)
def _records_reach_pytest() -> None:
    """Sends the records of Wardrop's modules to pytest, because the import of a function redirects them."""
    logging.getLogger("wardrop").propagate = True
