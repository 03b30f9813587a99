"""Fixtures for what is tried on the stand-in cloud with the project's own template."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.integration.shop import APPLICATION, UNBAKED, Shop


@pytest.fixture(scope="package")
def cloud() -> Iterator[Cloud]:
    """The stand-in cloud with the project's own template.

    It starts once for each group of modules in `tests/groups.py`.
    """
    with Cloud(speed=400) as running:
        yield running


@pytest.fixture(scope="module")
def least_privilege(cloud: Cloud) -> Iterator[None]:
    """Whatever a module's tests had the functions do, their roles allow it."""
    yield
    assert Shop(cloud).forbidden() == []


@pytest.fixture
def shop(cloud: Cloud, least_privilege: None) -> Iterator[Shop]:  # noqa: ARG001 - asks for what comes after
    """The shop at rest; after each test it is at rest again, and no message is dead.

    What is live is good at once here: two minutes of baking are real ones.
    """
    shop = Shop(cloud)
    shop.configure(APPLICATION, UNBAKED)
    yield shop
    shop.settle()
    assert shop.dead() == {}
