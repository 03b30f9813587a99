"""Which environments need a look: those with active deployments, on a tick or by an event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

import msgspec

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.domain import preflight
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
        active = self.ledger.active()
        woken = self._wake(dict.fromkeys(active, f"tick/{tick}"), now)
        self._read_settings(now)
        return woken

    def _read_settings(self, now: datetime) -> None:
        """A tenth of the environments at each minute's tick, so that what is kept of them stays fresh."""
        minute = int(now.timestamp() // 60) % SPREAD
        due = sorted(name for name in self.ledger.preflighted() if crc32(name.encode()) % SPREAD == minute)
        seen = self.beanstalk.environments(due) if due else {}
        for name in due:
            if found := seen.get(name):
                settings = self.beanstalk.settings(found.application, name)
                self.ledger.keep_preflight(name, preflight.read(settings, found.tier, now))
            else:
                self.ledger.forget_preflight(name)

    def on_events(self, events: Iterable[BeanstalkEvent], now: datetime) -> list[str]:
        """Wake the environments that the events name, if something of ours is going on there."""
        told = {event.detail.environment_name: event.id for event in events}
        active = self.ledger.active()
        return self._wake({name: f"event/{cause}" for name, cause in told.items() if name in active}, now)

    def _wake(self, causes: dict[str, str], now: datetime) -> list[str]:
        if not causes:
            return []
        seen = self.beanstalk.environments(sorted(causes))
        self.mailbox.wake(
            WakeUp(environment=name, cause=cause, seen=seen.get(name), seen_at=now)
            for name, cause in sorted(causes.items())
        )
        return sorted(causes)
