"""The mailbox: a FIFO queue with one message group for each environment.

SQS gives the messages of a group to one invocation at a time, so only one invocation at a time works on an environment.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from wardrop.environments.model import Environment
from wardrop.foreign_json import decode
from wardrop.structs import replace

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_AT_ONCE = 10
TICK = "tick"
"""The prefix of the cause in wake-ups from the schedule that runs every minute."""


class WakeUp(msgspec.Struct, frozen=True, kw_only=True):
    """A message that requests an evaluation of an environment.

    The message contains the cause of the request, and may contain the environment's state as the sender read it.
    """

    environment: str
    cause: str
    """The cause, such as the id of an event or the time of a scheduled run.

    SQS drops a second message with the same cause for the same environment.
    """

    snapshot: Environment | None = None
    snapshot_at: datetime | None = None

    @property
    def is_tick(self) -> bool:
        return self.cause.partition("/")[0] == TICK


def without_snapshots(wake_ups: Iterable[WakeUp]) -> list[WakeUp]:
    """Copies the wake-ups without the environment's state, so that the receiver reads the current state."""
    return [replace(wake_up, snapshot=None, snapshot_at=None) for wake_up in wake_ups]


class Mailbox:
    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def wake(self, wake_ups: Iterable[WakeUp]) -> None:
        """Raises an error if SQS did not accept all messages. Waking an environment twice does no harm."""
        waiting = list(wake_ups)
        for start in range(0, len(waiting), MOST_AT_ONCE):
            entries: list[Any] = [
                {
                    "Id": str(number),
                    "MessageBody": msgspec.json.encode(wake_up).decode(),
                    "MessageGroupId": wake_up.environment,
                    # For five minutes, SQS drops further messages with the same id. So each cause needs its own id.
                    "MessageDeduplicationId": _deduplication_id(wake_up),
                }
                for number, wake_up in enumerate(waiting[start : start + MOST_AT_ONCE])
            ]
            failed = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed")
            if failed:
                raise RuntimeError(f"{len(failed)} wake-ups were not accepted: {failed[0].get('Message')}")


def read_wake_up(body: str) -> WakeUp:
    """Raises Malformed."""
    return decode(body, WakeUp, "a wake-up")


def _deduplication_id(wake_up: WakeUp) -> str:
    return f"{wake_up.cause}/{wake_up.environment}"[-128:]
