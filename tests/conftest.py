"""Fixtures for all tests."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The stand-in cloud with the project's own template; one for each worker, on free ports."""
    with Cloud(speed=600) as running:
        yield running
