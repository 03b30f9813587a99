"""Which environments a tick or a batch of events checks, and whose settings a tick reads."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from wardrop.environments.model import Environment, Health
from wardrop.environments.settings import READ_AGAIN_AFTER, SettingsReading
from wardrop.health.evidence import is_bad

MOST_READ = 10
"""How many environments' settings a tick has read because the environment was updated or is new."""

MOST_READ_AGAIN = 1
"""How many environments' settings a tick has read because the last reading is old."""

HAS_SETTINGS = ("Ready", "Updating", "Aborting")


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


def settings_due(readings: Mapping[str, SettingsReading], snapshot: Snapshot) -> list[str]:
    """The environments whose settings are read now. Those that are being updated come first.

    If more are due than a tick reads, their order differs from minute to minute. So an environment whose settings
    cannot be read does not keep the others waiting.
    """

    def order(environment: Environment) -> tuple[bool, int]:
        return environment.is_ready, crc32(f"{snapshot.now:%H:%M} {environment.name}".encode())

    shown = [environment for environment in snapshot.environments.values() if environment.status in HAS_SETTINGS]
    updated = [environment for environment in shown if _is_unread(readings.get(environment.name), environment)]
    if updated:
        return [environment.name for environment in sorted(updated, key=order)[:MOST_READ]]
    names = {environment.name for environment in shown}
    old = [name for name, reading in readings.items() if snapshot.now - reading.at >= READ_AGAIN_AFTER]
    return sorted(names.intersection(old), key=lambda name: readings[name].at)[:MOST_READ_AGAIN]


def _is_unread(reading: SettingsReading | None, environment: Environment) -> bool:
    return reading is None or reading.environment_updated_at != environment.updated_at
