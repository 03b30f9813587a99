"""Fixtures for tests on the stand-in cloud with the project's own template."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.integration.shop import APPLICATION, UNBAKED, Shop

KEYS = {
    "DropKeyArn": "arn:aws:kms:us-east-1:123456789012:key/drops",
    "ReleaseKeyArn": "arn:aws:kms:us-east-1:123456789012:key/releases",
}
"""Both buckets are encrypted with KMS keys of the customer, so that the tests need every permission for such keys."""

CHECK_FUNCTIONS = "arn:aws:lambda:us-east-1:123456789012:function:shop-smoke-test"


@pytest.fixture(scope="package")
def cloud() -> Iterator[Cloud]:
    """The stand-in cloud with the project's own template.

    It starts once for each group of modules in `tests/groups.py`.
    """
    with Cloud(speed=400, parameters=KEYS | {"CheckFunctions": CHECK_FUNCTIONS}) as running:
        yield running


@pytest.fixture(scope="module")
def least_privilege(cloud: Cloud) -> Iterator[None]:
    """Fails if the functions made a call that their roles do not allow."""
    yield
    assert Shop(cloud).forbidden_calls() == []


@pytest.fixture
def shop(cloud: Cloud, least_privilege: None) -> Iterator[Shop]:  # noqa: ARG001 - requested for its check
    """The shop, with nothing active. After each test nothing is active again, and the dead-letter queues are empty.

    Deployments do not bake, because a bake takes minutes of real time.
    """
    shop = Shop(cloud)
    shop.configure(APPLICATION, UNBAKED)
    yield shop
    shop.settle()
    assert shop.dead_letters() == {}
