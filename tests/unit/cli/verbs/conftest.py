"""A small stack, and the variables with which the command finds it."""

from collections.abc import Iterator

import pytest

from tests.unit.cli.small_stack import SmallStack, running


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallStack]:
    with running() as stack:
        for name, value in {
            "AWS_ENDPOINT_URL": stack.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "eu-central-1",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "COLUMNS": "80",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("WARDROP_STACK", raising=False)
        yield stack
