"""Drops of a history: uploads, their events, the receipts, and sweeps for lost events."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from tests.simulation.chance import Chance
from tests.simulation.memory import Configured, Crash, Crashing, MemoryLedger
from tests.simulation.uploads import EventQueue, Upload
from tests.simulation.world import ModelBeanstalk
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.schema import Configuration
from wardrop.drops.drop import Drop
from wardrop.drops.receipt import Receipt
from wardrop.drops.receive import ReceiveDrop
from wardrop.drops.sweep import SweepDrops
from wardrop.errors import NotNow, Outdated

SWEEP_AFTER = timedelta(minutes=5)


class NoMailbox:
    """The looks of a history come by chance, so wake-ups change nothing."""

    def wake(self, wake_ups: Iterable[WakeUp]) -> None:
        list(wake_ups)


class Drops:
    """Replaces the function `receive_drop`. `chance` decides about its events and crashes only."""

    def __init__(
        self, beanstalk: ModelBeanstalk, ledger: MemoryLedger, configuration: Configuration, chance: Chance
    ) -> None:
        self._bucket, self.queue, self._chance = beanstalk.bucket, EventQueue(chance), chance
        crashing = (Crashing(part, chance) for part in (self._bucket, beanstalk, ledger))
        bundles, calls, records = crashing
        others: dict[str, object] = {
            "mailbox": NoMailbox(),
            "configurations": Configured(configuration, chance),
            "clean_ups": None,
        }
        self._receive = ReceiveDrop(bundles, calls, records, **others, processor_time=lambda: 0.0)
        self._sweep = SweepDrops(bundles, records, Crashing(self.queue, chance), SWEEP_AFTER)

    def happened(self, upload: Upload) -> None:
        self.queue.happened(upload.drop)

    def process(self, now: datetime, done: Callable[[Upload, Receipt], None]) -> list[str]:
        """Processes delivered events, and calls `done` with each upload and its receipt. Returns notes."""
        notes: list[str] = []

        def process(drop: Drop) -> bool:
            try:
                receipt = self._receive(drop, now)
            except (Crash, NotNow, Outdated) as error:
                notes.append(f"{drop.key} is not received: {type(error).__name__} {error}")
                return False
            notes.append(f"{drop.key} is received: {receipt.reason}")
            done(self._bucket.uploads[drop.id], receipt)
            return True

        self.queue.deliver(process)
        return notes

    def sweep(self, now: datetime) -> list[str]:
        """Returns the ids of lost drops that were found."""
        try:
            return self._sweep(now)
        except (Crash, Outdated):
            return []
