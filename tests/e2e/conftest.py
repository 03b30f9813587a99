"""Fixtures for tests with real clients."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud


@pytest.fixture(scope="package")
def cloud() -> Iterator[Cloud]:
    """The stand-in cloud with the project's own template."""
    with Cloud(speed=600) as running:
        yield running
