"""Keeps to Slack's rate limit: one message a second for each channel and each webhook (Slack, "Rate limits")."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SECONDS = 1.0


@dataclass
class Pace:
    clock: Callable[[], float]
    """Returns the seconds since a fixed point in time, from a monotonic clock."""

    sleep: Callable[[float], None]
    _answered: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def one_call(self, channel: str) -> Iterator[None]:
        """Waits until a second has passed since the response to the channel's last call.

        Slack received the last call before it responded, so a second after the response is always enough. Example: a
        call is sent at 12:00:00.0, and Slack responds at 12:00:02.5. The next call waits until 12:00:03.5. Slack may
        have received the first call only at 12:00:02.4, so a call at 12:00:01.0 could be too early.
        """
        self._wait_since(self._answered.get(channel))
        try:
            yield
        finally:
            self._answered[channel] = self.clock()

    def end(self) -> None:
        """Waits until a second has passed since the last response.

        The next invocation may run in another process, which does not know the time of this response.
        """
        self._wait_since(max(self._answered.values(), default=None))
        self._answered.clear()

    def _wait_since(self, answered: float | None) -> None:
        if answered is not None and (seconds := answered + SECONDS - self.clock()) > 0:
            self.sleep(seconds)
