"""Drops of a history: uploads, their events, the receipts, and sweeps for lost events."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from tests.simulation.chance import Chance
from tests.simulation.memory import Configured, Crash, Crashing, MemoryLedger
from tests.simulation.uploads import EventQueue, Received, Upload
from tests.simulation.world import ModelBeanstalk
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.schema import Configuration
from wardrop.drops.delivery import Delivery
from wardrop.drops.joining import CONFIRMATION_SECONDS, RunningUnconfirmed
from wardrop.drops.receive import ReceiveDrop
from wardrop.drops.sweep import SweepDrops
from wardrop.drops.targets import HELD_FOR
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
        self._bucket, self.queue = beanstalk.bucket, EventQueue(beanstalk.clock, chance)
        self.configurations = Configured(configuration, chance)
        self._held_too_long: set[str] = set()
        """The ids of drops for which the configuration could not be read, although the last attempt was due."""

        crashing = (Crashing(part, chance) for part in (self._bucket, beanstalk, ledger))
        bundles, calls, records = crashing
        others: dict[str, object] = {
            "mailbox": NoMailbox(),
            "configurations": self.configurations,
            "clean_ups": None,
        }
        self._receive = ReceiveDrop(bundles, calls, records, **others, processor_time=lambda: 0.0)
        self._sweep = SweepDrops(bundles, records, Crashing(self.queue, chance), SWEEP_AFTER)

    def happened(self, upload: Upload) -> None:
        self.queue.happened(upload.drop)

    def process(self, done: Callable[[Received], None]) -> list[str]:
        """Processes delivered events. Returns notes. Calls `done` with each result."""
        notes: list[str] = []

        def process(delivery: Delivery) -> int | None:
            drop = delivery.drop
            try:
                receipt = self._receive(delivery)
            except (Crash, NotNow, Outdated) as error:
                notes.append(f"{drop.key} is not received: {type(error).__name__} {error}")
                return CONFIRMATION_SECONDS if isinstance(error, RunningUnconfirmed) else 0
            finally:
                if self.configurations.is_held and delivery.waited >= HELD_FOR:
                    self._held_too_long.add(drop.id)
            notes.append(f"{drop.key} is received: {receipt.reason}")
            is_new, is_held_too_long = receipt.at == delivery.now, drop.id in self._held_too_long
            done(Received(self._bucket.uploads[drop.id], receipt, is_new, is_held_too_long))
            return None

        self.queue.deliver(process)
        return notes

    def sweep(self, now: datetime) -> list[str]:
        """Returns the ids of lost drops that were found."""
        try:
            return self._sweep(now)
        except (Crash, Outdated):
            return []
