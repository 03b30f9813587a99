"""The guard's records in the ledger.

The records are the settings that were in force when a version last became good, and the newest update that was started
outside Wardrop.
"""

from collections.abc import Iterable

import msgspec

from wardrop.alerts.model import Alert
from wardrop.aws.ledger.alerts import put_alert
from wardrop.aws.ledger.environments import ACTIVE, GUARDED_UPDATE, put_settings
from wardrop.aws.ledger.item import Key, attributes_of, environment_key
from wardrop.aws.ledger.table import Put, Table, Write, has_revision
from wardrop.environments.settings import DeploymentSettings
from wardrop.guard.drift import GoodSettings
from wardrop.guard.guarded_update import GuardedUpdate


class GuardedUpdates:
    def __init__(self, table: Table) -> None:
        self._table = table

    def keep_good_settings(self, environment: str, good: GoodSettings) -> None:
        self._table.put(Put(_good_settings(environment), msgspec.to_builtins(good)))

    def good_settings(self, environment: str) -> GoodSettings | None:
        """Returns the settings that were in force when a version last became good.

        Returns None if the ledger has no such settings.
        """
        item = self._table.get(_good_settings(environment))
        return msgspec.convert(item, GoodSettings) if item else None

    def write(
        self, update: GuardedUpdate, alerts: Iterable[Alert] = (), settings: DeploymentSettings | None = None
    ) -> None:
        """Writes the update. Also writes the settings, unless they are None.

        Raises Outdated if the update has changed since it was read.
        """
        index = ACTIVE if update.abort is not None and update.abort.is_open else {}
        put = Put(
            environment_key(update.environment, GUARDED_UPDATE),
            attributes_of(update) | index,
            has_revision(update.revision),
        )
        writes: list[Write] = [put_settings(update.environment, settings)] if settings is not None else []
        self._table.write(put, *writes, *map(put_alert, alerts))


def _good_settings(environment: str) -> Key:
    """Returns a key whose sort key does not begin with `now/`, so that advance_deployment does not read the item."""
    return environment_key(environment, "good-settings")
