"""Corrects moto's SQS where it differs from AWS."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from moto.sqs import models as sqs_models
from moto.sqs.models import Message, Queue, SQSBackend

DEDUPLICATION_SECONDS = 300
_sequence = itertools.count(18_000_000_000_000_000_000)


def install(on_arrival: Callable[[str], None]) -> None:
    # Moto reads the clock for every message, and creates two datetime objects each time, which is slow. This is faster.
    setattr(sqs_models, "unix_time_millis", lambda: time.time() * 1000)  # noqa: B010

    def add_message(queue: Queue, message: Message) -> None:
        # Developer guide, "Using the message deduplication ID": for five minutes after a message, SQS drops messages
        # with the same deduplication id, even if the first message was deleted. If DeduplicationScope is messageGroup,
        # only messages of the same group are compared. A message that SQS moved to a dead-letter queue is not
        # deduplicated. In SQS, sequence numbers increase, but in moto, they are random.
        # Moto sets the attribute `user_id` only after it has added a message of a batch. Until then, a receiver that
        # copies the message would fail without the attribute, so it is set here.
        message.__dict__.setdefault("user_id", None)
        with queue._messages_lock:
            if queue.fifo_queue and not message.approximate_receive_count:
                scope = message.group_id if queue.deduplication_scope == "messageGroup" else None
                sent_at: dict[Any, float] = queue.__dict__.setdefault("_seen", {})
                now, key = time.monotonic(), (scope, message.deduplication_id)
                if now - sent_at.get(key, -DEDUPLICATION_SECONDS) < DEDUPLICATION_SECONDS:
                    return
                sent_at[key] = now
                message.sequence_number = f"{next(_sequence):020}"
            queue._messages.append(message)
            queue._messages_lock.notify_all()
        on_arrival(queue.queue_arn)

    receive, delete, change = SQSBackend.receive_message, Queue.delete_message, SQSBackend.change_message_visibility

    def receive_message(backend: SQSBackend, queue_name: str, count: int, _: int, *given: Any) -> list[Message]:
        # This method differs from moto's in three ways. It holds the lock while it changes the list of messages. It
        # does not wait in a busy loop while a FIFO group is blocked. Before it looks for messages, it removes every
        # message that is visible again from the pending messages. Moto removes such a message only when it reaches the
        # message. Until it has removed the last one, the group counts as blocked, so moto skips the earlier messages.
        queue = backend.get_queue(queue_name)
        with queue._messages_lock:
            queue.pending_messages.difference_update([message for message in queue.pending_messages if message.visible])
            messages: list[Message] = receive(backend, queue_name, count, 0, *given)
            return messages

    def delete_message(queue: Queue, receipt_handle: str) -> None:
        with queue._messages_lock:
            delete(queue, receipt_handle)

    set_attributes = Queue._set_attributes

    def _set_attributes(queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        # SQS does not change attributes that the request does not contain (API reference, SetQueueAttributes). Moto
        # removes the policy, so the policy is added to the request here.
        policy = {"Policy": queue.policy} if "_policy_json" in queue.__dict__ else {}
        set_attributes(queue, policy | attributes, now)

    Queue._set_attributes = _set_attributes

    def change_message_visibility(backend: SQSBackend, queue_name: str, **given: Any) -> None:
        queue = backend.get_queue(queue_name)
        with queue._messages_lock:
            change(backend, queue_name, **given)
        on_arrival(queue.queue_arn)  # the message may be visible again

    Queue.add_message = add_message
    Queue.delete_message = delete_message
    SQSBackend.receive_message = receive_message
    SQSBackend.change_message_visibility = change_message_visibility
