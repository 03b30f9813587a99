"""The stand-in's corrections of moto's queues, in the process of the tests."""

import pytest
from moto.sqs import models
from moto.sqs.models import Queue, SQSBackend

from local.aws.patches import queues

BATCH = [
    {"Id": name, "MessageBody": name, "MessageGroupId": name, "MessageDeduplicationId": name}
    | {"MessageAttributes": {}, "DelaySeconds": None}
    for name in ("first", "second")
]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> SQSBackend:
    """Moto is restored after the test."""
    monkeypatch.setattr(models, "unix_time_millis", models.unix_time_millis)
    for owner, names in (
        (Queue, ["_set_attributes", "add_message", "delete_message"]),
        (SQSBackend, ["receive_message", "change_message_visibility"]),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, getattr(owner, name))
    return SQSBackend("us-east-1", "123456789012")


def test_a_message_of_a_batch_gets_no_new_attribute_after_a_receiver_can_copy_it(backend: SQSBackend) -> None:
    arrived: list[set[str]] = []
    queues.install(lambda _: arrived.append(set(vars(queue._messages[-1]))))
    queue = backend.create_queue("mailbox.fifo", {"FifoQueue": "true"})
    backend.send_message_batch("mailbox.fifo", {entry["Id"]: entry for entry in BATCH})
    assert arrived == [set(vars(message)) for message in queue._messages]
    assert len(arrived) == len(BATCH)
