"""Fixtures for what is tried on the stand-in cloud with the project's own template."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.integration.shop import Shop


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Shop]:
    """The shop at rest. After each test it is at rest again, no message is dead, and no function was forbidden."""
    shop = Shop(cloud)
    yield shop
    shop.settle()
    shop.check()
