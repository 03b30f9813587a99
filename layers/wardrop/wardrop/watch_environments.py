"""Which environments need a look: those with active deployments, on a tick or by an event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

import msgspec
from msgspec.structs import replace

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.domain import preflight
from wardrop.domain.environment import Environment
from wardrop.domain.preflight import VersionRoom
from wardrop.errors import Malformed

SPREAD = 9
"""Minutes, after which the settings of every environment have been read again."""


class Detail(msgspec.Struct, frozen=True, rename="pascal"):
    environment_name: str = ""


class BeanstalkEvent(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """An EventBridge envelope of `aws.elasticbeanstalk`: a reason to look, whatever it says.

    Its `resources` are not read: AWS's own samples print `arn:was`.
    """

    id: str
    detail_type: str
    detail: Detail


def read_event(body: str) -> BeanstalkEvent:
    """Raises Malformed."""
    try:
        return msgspec.json.decode(body, type=BeanstalkEvent)
    except msgspec.MsgspecError as error:
        raise Malformed(f"not an event of Beanstalk: {error}") from error


@dataclass(frozen=True)
class WatchEnvironments:
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox

    def on_tick(self, tick: str, now: datetime) -> list[str]:
        """Wake every environment with an active deployment; returns their names."""
        causes = dict.fromkeys(self.ledger.active(), f"tick/{tick}")
        due = self._due(now)
        seen = self._seen({*causes, *due})
        woken = self._wake(causes, seen, now)
        self._read_settings(due, seen, now)
        return woken

    def _due(self, now: datetime) -> list[str]:
        """A ninth of the environments at each minute's tick, so that what is kept of their settings stays fresh."""
        minute = int(now.timestamp() // 60) % SPREAD
        return sorted(name for name in self.ledger.preflighted() if crc32(name.encode()) % SPREAD == minute)

    def _read_settings(self, due: list[str], seen: dict[str, Environment], now: datetime) -> None:
        room = self._version_room(now) if due else None
        for name in due:
            if found := seen.get(name):
                settings = self.beanstalk.settings(found.application, name)
                self.ledger.keep_preflight(name, replace(preflight.read(settings, found.tier, now), version_room=room))
            else:
                self.ledger.forget_preflight(name)

    def _version_room(self, now: datetime) -> VersionRoom:
        """Of the whole region, so once in nine minutes serves all environments."""
        kept = self.ledger.version_room()
        if kept is not None and now - kept.at < timedelta(minutes=SPREAD):
            return kept
        room = VersionRoom(at=now, used=self.beanstalk.version_count(), quota=self.beanstalk.version_quota())
        self.ledger.keep_version_room(room)
        return room

    def on_events(self, events: Iterable[BeanstalkEvent], now: datetime) -> list[str]:
        """Wake the environments that the events name, if something of ours is going on there."""
        told = {event.detail.environment_name: event.id for event in events}
        active = self.ledger.active()
        causes = {name: f"event/{cause}" for name, cause in told.items() if name in active}
        return self._wake(causes, self._seen(set(causes)), now)

    def _seen(self, names: set[str]) -> dict[str, Environment]:
        return self.beanstalk.environments(sorted(names)) if names else {}

    def _wake(self, causes: dict[str, str], seen: dict[str, Environment], now: datetime) -> list[str]:
        if not causes:
            return []
        self.mailbox.wake(
            WakeUp(environment=name, cause=cause, seen=seen.get(name), seen_at=now)
            for name, cause in sorted(causes.items())
        )
        return sorted(causes)
