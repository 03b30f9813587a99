import pytest

from tests.unit.memory_table import MemoryTable
from tests.unit.slack.world import World
from wardrop.aws.ledger.threads import Threads


@pytest.fixture
def threads() -> Threads:
    return Threads(MemoryTable())


@pytest.fixture
def world(threads: Threads) -> World:
    return World(threads)
