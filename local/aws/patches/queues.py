"""SQS, where moto's queues are not as AWS's."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from moto.sqs import models as sqs_models
from moto.sqs.models import Message, Queue, SQSBackend

DEDUPLICATION_SECONDS = 300
_sequence = itertools.count(18_000_000_000_000_000_000)


def install(on_arrival: Callable[[str], None]) -> None:
    # moto makes two dates to read the clock, for every message of a queue that is looked into.
    setattr(sqs_models, "unix_time_millis", lambda: time.time() * 1000)  # noqa: B010

    def add_message(queue: Queue, message: Message) -> None:
        # Developer guide, "Using the message deduplication ID": for five minutes after sending, also when the
        # first message is deleted; within the group if DeduplicationScope is messageGroup. A message that was
        # moved to a dead-letter queue is not deduplicated. Sequence numbers rise (moto: random).
        with queue._messages_lock:
            if queue.fifo_queue and not message.approximate_receive_count:
                scope = message.group_id if queue.deduplication_scope == "messageGroup" else None
                seen: dict[Any, float] = queue.__dict__.setdefault("_seen", {})
                now, key = time.monotonic(), (scope, message.deduplication_id)
                if now - seen.get(key, -DEDUPLICATION_SECONDS) < DEDUPLICATION_SECONDS:
                    return
                seen[key] = now
                message.sequence_number = f"{next(_sequence):020}"
            queue._messages.append(message)
            queue._messages_lock.notify_all()
        on_arrival(queue.queue_arn)

    receive, delete, change = SQSBackend.receive_message, Queue.delete_message, SQSBackend.change_message_visibility

    def receive_message(backend: SQSBackend, queue_name: str, count: int, _: int, *given: Any) -> list[Message]:
        # moto changes the list of messages without its lock, and uses a processor while it waits for a blocked FIFO
        # group; here no call waits. A message that is visible again is not pending any more. moto notices that for
        # one message after the other, and so returns the last message of a FIFO group first.
        queue = backend.get_queue(queue_name)
        with queue._messages_lock:
            queue.pending_messages.difference_update([one for one in queue.pending_messages if one.visible])
            found: list[Message] = receive(backend, queue_name, count, 0, *given)
            return found

    def delete_message(queue: Queue, receipt_handle: str) -> None:
        with queue._messages_lock:
            delete(queue, receipt_handle)

    set_attributes = Queue._set_attributes

    def _set_attributes(queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        # API reference, SetQueueAttributes: other attributes stay (moto removes the policy)
        policy = {"Policy": queue.policy} if "_policy_json" in queue.__dict__ else {}
        set_attributes(queue, policy | attributes, now)

    Queue._set_attributes = _set_attributes

    def change_message_visibility(backend: SQSBackend, queue_name: str, **given: Any) -> None:
        queue = backend.get_queue(queue_name)
        with queue._messages_lock:
            change(backend, queue_name, **given)
        on_arrival(queue.queue_arn)  # it may be visible again

    Queue.add_message = add_message
    Queue.delete_message = delete_message
    SQSBackend.receive_message = receive_message
    SQSBackend.change_message_visibility = change_message_visibility
