"""Sweeps the drop bucket: finds the drops whose events did not arrive, and sends them to the drop queue."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.aws.drop_bucket import DropBucket
from wardrop.aws.drop_queue import DropQueue
from wardrop.aws.ledger.ledger import Ledger
from wardrop.drops.drop import Drop
from wardrop.drops.lost import Interval, Position, interval
from wardrop.errors import NotNow

MOST_PAGES = 20
"""The number of pages that one sweep reads. A page has up to 1,000 object versions."""

MOST_SENT = 100
"""The number of lost drops that one sweep sends."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SweepDrops:
    bucket: DropBucket
    ledger: Ledger
    queue: DropQueue
    wait: timedelta
    """The time within which the event of a file has to arrive."""

    def __call__(self, now: datetime) -> list[str]:
        """Sends each lost drop once, and returns the ids.

        A drop is sent before the state is written. If the function is killed between these steps, the next sweep sends
        the drop again. Because of the receipt, the second delivery does nothing.
        """
        try:
            return self._sweep(now)
        except NotNow as error:
            _logger.error("the next sweep will try again: %s", error.reason)
            return []

    def _sweep(self, now: datetime) -> list[str]:
        state = self.ledger.sweeps.read()
        candidates, position = self._list(interval(state.since, self.wait, now), state.position)
        received = self._received(candidates)
        lost = [drop for drop in candidates if drop not in received and not state.is_sent(drop)][:MOST_SENT]
        self.queue.send(lost)
        for drop in lost:
            _logger.warning("no event about %s has arrived, but the sweep found the file", drop.id)
        if (after := state.after(lost, received, position, now)) != state:
            self.ledger.sweeps.write(after)
        return [drop.id for drop in lost]

    def _list(self, uploads: Interval, position: Position | None) -> tuple[list[Drop], Position | None]:
        """Reads the next pages of the bucket's objects.

        Returns the drops that were uploaded in the interval, and the position after these pages.
        """
        candidates: list[Drop] = []
        for _ in range(MOST_PAGES):
            page = self.bucket.list(position)
            candidates += [listed.drop(self.bucket.name) for listed in page.objects if uploads.contains(listed)]
            position = page.end
            if position is None:
                break
        return candidates, position

    def _received(self, candidates: Collection[Drop]) -> set[Drop]:
        """Returns the drops that were processed.

        They have a receipt. In a bucket without versioning, their objects may have tags instead.
        """
        ids = self.ledger.receipts.existing(drop.id for drop in candidates)
        return {
            drop for drop in candidates if drop.id in ids or (drop.version_id is None and self.bucket.has_outcome(drop))
        }
