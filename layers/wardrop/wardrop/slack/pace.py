"""Slack's rate limit: one message a second for each channel, and for each webhook (Slack, "Rate limits")."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SECONDS = 1.0


@dataclass
class Pace:
    clock: Callable[[], float]
    """A monotonic clock: the seconds since a fixed point in time."""

    sleep: Callable[[float], None]
    _answered: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def one_call(self, channel: str) -> Iterator[None]:
        """Waits until a second has passed since the response to the channel's last call.

        Slack received the last call before it responded, so a second after the response is always enough. Example:
        Slack responds to a call of 12:00:00.0 at 12:00:02.5, and the next call waits until 12:00:03.5. A call at
        12:00:01.0 might reach Slack less than a second after the first call.
        """
        self._wait_since(self._answered.get(channel))
        try:
            yield
        finally:
            self._answered[channel] = self.clock()

    def end(self) -> None:
        """Waits until a second after the last call, because another process may run the next invocation at once."""
        self._wait_since(max(self._answered.values(), default=None))
        self._answered.clear()

    def _wait_since(self, answered: float | None) -> None:
        if answered is not None and (seconds := answered + SECONDS - self.clock()) > 0:
            self.sleep(seconds)
