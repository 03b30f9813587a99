"""Which environments a tick or a batch of events checks, and whose settings a tick reads."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from wardrop.environments.model import Environment, Health
from wardrop.environments.settings import VersionQuotaUse
from wardrop.health.evidence import is_bad

SETTINGS_CYCLE = 9
"""Minutes in which the settings of every environment are read once. A tick each minute reads a ninth of them."""


@dataclass(frozen=True)
class Snapshot:
    """What one tick or one batch of events has read at its beginning."""

    environments: Mapping[str, Environment]
    """As DescribeEnvironments shows them, by name."""

    deploying: Collection[str]
    """Names of environments with an active deployment."""

    now: datetime

    def to_check(self, more: Iterable[str]) -> list[str]:
        """The environments with bad health, and these."""
        bad = {name for name, environment in self.environments.items() if self._may_be_bad(environment)}
        return sorted(bad.union(more))

    def _may_be_bad(self, environment: Environment) -> bool:
        """Beanstalk shows Info while an environment is being changed, so Info counts only at other times."""
        is_being_changed = environment.name in self.deploying or not environment.is_ready
        return is_bad(environment.health, Health.WARNING if is_being_changed else Health.INFO)


def settings_due(names: Iterable[str], now: datetime) -> list[str]:
    """The environments whose settings the tick of this minute reads.

    An environment whose settings are read at 12:02 is due again at 12:11 and at 12:20.
    """
    minute = int(now.timestamp() // 60) % SETTINGS_CYCLE
    return sorted(name for name in names if crc32(name.encode()) % SETTINGS_CYCLE == minute)


def is_fresh(quota_use: VersionQuotaUse, now: datetime) -> bool:
    """Whether the count of application versions, which is the same for all environments, serves another minute."""
    return now - quota_use.at < timedelta(minutes=SETTINGS_CYCLE)
