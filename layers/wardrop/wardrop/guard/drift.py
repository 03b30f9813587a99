"""Compares the settings in force with the settings that were in force when a version last became good."""

from datetime import datetime

import msgspec

from wardrop.environments.settings import DeploymentSettings
from wardrop.guard import descriptions
from wardrop.guard.change import Change
from wardrop.guard.effect import Effect
from wardrop.guard.judge import difference
from wardrop.guard.plan import plan
from wardrop.guard.proposal import recorded_in_force

MOST_DRIFTED = 30


class GoodSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force when a version became good."""

    label: str
    good_at: datetime
    settings: DeploymentSettings


def were_in_force(recorded: DeploymentSettings, good_at: datetime) -> bool:
    """Whether the recorded settings were in force when the version became good.

    Example: the settings were recorded after an update that ended at 12:00:00. If a version became good at 12:02:00,
    these settings were in force.
    """
    return recorded.environment_updated_at is not None and recorded.environment_updated_at <= good_at


def drift(good: GoodSettings | None, settings: DeploymentSettings) -> list[str]:
    """Describes each setting whose value now has another meaning than when a version last became good.

    Values that may be secret are neither recorded nor compared.
    """
    if good is None or good.settings.environment_id != settings.environment_id:
        return []
    before, after = recorded_in_force(good.settings, None), recorded_in_force(settings, None)
    planned = plan(before, difference(before.options, after.options), descriptions.recorded())
    changes = [change for change in planned.changes if change.effect is not Effect.NOTHING]
    texts = [_text(change) for change in changes[:MOST_DRIFTED]]
    left = len(changes) - MOST_DRIFTED
    return [*texts, f"and {left} more settings"] if left > 0 else texts


def has_drifted(settings: DeploymentSettings, good_at: datetime | None) -> bool:
    """Whether the settings have drifted. If a later version became good with these settings, they have not drifted."""
    return bool(settings.drifted) and good_at is not None and not were_in_force(settings, good_at)


def _text(change: Change) -> str:
    before, after = change.before or "not set", change.after or "not set"
    return f"{change.subject} is {after}, and was {before}"
