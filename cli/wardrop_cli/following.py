"""Follows a drop and its deployments until they end. Network failures do not end the wait."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from wardrop_cli.answers import DropOutcome, Followed
from wardrop_cli.decode import decode
from wardrop_cli.failures import Failure, Refused, Unreachable

SECONDS_BETWEEN_LOOKS = 3.0
SECONDS_AT_FIRST, FIRST_SECONDS = 1.0, 15.0
"""For the first 15 seconds, the command asks every second, because a rejected file and a short deployment end soon."""

LONGEST_PAUSE = 30.0


class View(Protocol):
    def show(self, deployments: list[Followed]) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass(frozen=True)
class Clock:
    seconds: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


@dataclass
class Following:
    ask: Callable[..., Mapping[str, Any]]
    view: View
    timeout: float
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self._began_at = self.clock.seconds()
        self._ends_at = self._began_at + self.timeout

    def outcome(self, drop: str) -> Mapping[str, Any] | None:
        """Waits for the outcome of the drop, and returns its document. None: the time is over."""
        while True:
            answer = self._ask_until_answered(command="drop", drop=drop)
            if answer is None or decode(DropOutcome, answer).status is not None:
                return answer
            if not self._pause():
                return None

    def to_the_end(self, deployments: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """Waits until the deployments end, and returns their documents. `deployments` maps each id to the environment.

        If the time is over, some deployments may be missing or may not have ended.
        """
        documents: dict[str, Mapping[str, Any]] = {}
        last_events: dict[str, datetime] = {}
        while True:
            for deployment, environment in deployments.items():
                if deployment in documents and decode(Followed, documents[deployment]).has_ended:
                    continue
                since = last_events.get(deployment)
                request = {"id": deployment, "environment": environment, "since": since and since.isoformat()}
                if (answer := self._ask_until_answered(command="deployment", **request)) is None:
                    return list(documents.values())
                documents[deployment] = answer
                reading = decode(Followed, answer).reading
                if reading and reading.events:
                    last_events[deployment] = reading.events[-1].at
            followed = [decode(Followed, document) for document in documents.values()]
            self.view.show(followed)
            if all(each.has_ended for each in followed) or not self._pause():
                return list(documents.values())

    def _ask_until_answered(self, **request: Any) -> Mapping[str, Any] | None:
        """Repeats the request while the stack cannot be reached, and returns the answer. None: the time is over."""
        is_lost, pause = False, SECONDS_BETWEEN_LOOKS
        while True:
            try:
                answer = self.ask(**request)
            except (Unreachable, Refused) as failure:
                if not _may_pass(failure):
                    raise
                if not is_lost:
                    self.view.note(f"{failure.text}; still trying")
                is_lost, pause = True, min(2 * pause, LONGEST_PAUSE)
                if not self._pause(pause):
                    return None
            else:
                if is_lost:
                    self.view.note("the stack answers again")
                return answer

    def _pause(self, seconds: float | None = None) -> bool:
        """Pauses. Returns False at once if the time is over."""
        now = self.clock.seconds()
        remaining = self._ends_at - now
        if remaining <= 0:
            return False
        is_new = now - self._began_at < FIRST_SECONDS
        self.clock.pause(min(seconds or (SECONDS_AT_FIRST if is_new else SECONDS_BETWEEN_LOOKS), remaining))
        return True


def _may_pass(failure: Failure) -> bool:
    return isinstance(failure, Unreachable) or (isinstance(failure, Refused) and failure.code == "try_again")
