"""Selects the environments whose health is checked, and the environments whose settings are read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from wardrop.environments.model import Environment, Health
from wardrop.environments.settings import READ_AGAIN_AFTER, SettingsReading

MOST_READ = 10
"""The largest number of updated or new environments whose settings are requested in one minute."""

MOST_READ_AGAIN = 1
"""The largest number of environments whose settings are requested in one minute because they were last read long ago.
"""

HAS_SETTINGS = ("Ready", "Updating", "Aborting")


@dataclass(frozen=True)
class Snapshot:
    """The data that each run reads first. A run is started by the schedule or by a batch of events."""

    environments: Mapping[str, Environment]
    """The environments that DescribeEnvironments returned, keyed by name."""

    deploying: Collection[str]
    """Names of environments with an active deployment."""

    now: datetime

    def to_check(self, more: Iterable[str]) -> list[str]:
        """Returns the environments with bad health, and the environments in `more`."""
        bad = {name for name, environment in self.environments.items() if self._may_be_bad(environment)}
        return sorted(bad.union(more))

    def _may_be_bad(self, environment: Environment) -> bool:
        """Info counts only if the environment is not being changed, because health is Info during every change."""
        is_being_changed = environment.name in self.deploying or not environment.is_ready
        return environment.health.is_at_least(Health.WARNING if is_being_changed else Health.INFO)


def settings_due(readings: Mapping[str, SettingsReading], snapshot: Snapshot) -> list[str]:
    """Returns the environments whose settings are to be read now. Environments that are being updated come first.

    Otherwise, the order changes every minute, so that an environment whose settings cannot be read does not delay the
    others.
    """

    def order(environment: Environment) -> tuple[bool, int]:
        return environment.is_ready, crc32(f"{snapshot.now:%H:%M} {environment.name}".encode())

    present = [environment for environment in snapshot.environments.values() if environment.status in HAS_SETTINGS]
    updated = [environment for environment in present if _is_unread(readings.get(environment.name), environment)]
    if updated:
        return [environment.name for environment in sorted(updated, key=order)[:MOST_READ]]
    names = {environment.name for environment in present}
    old = [name for name, reading in readings.items() if snapshot.now - reading.at >= READ_AGAIN_AFTER]
    return sorted(names.intersection(old), key=lambda name: readings[name].at)[:MOST_READ_AGAIN]


def _is_unread(reading: SettingsReading | None, environment: Environment) -> bool:
    return reading is None or reading.environment_updated_at != environment.updated_at
