"""Patches that make moto faster, and make it behave as AWS does."""

from typing import Any, Protocol

from moto.cloudwatch.models import Alarm

from local.aws.alarms import State
from local.aws.patches import alarms, events, functions, logs, objects, policies, queues, speed, tables, topics


class Listener(Protocol):
    """Receives notifications from the patches, in the thread that serves the request."""

    def arrived(self, source_arn: str) -> None:
        """A queue has a new message, or a stream has a new record."""

    def happened(self, envelope: dict[str, Any]) -> None:
        """A service that moto simulates sends an event to the event bus."""

    def alarm_changed(self, alarm: Alarm, before: State, after: State) -> None: ...

    def mailed(self, to: str, subject: str, text: str) -> None: ...

    def invoke(self, name: str, payload: bytes, waits: bool) -> tuple[bytes, str | None] | None:
        """Invokes the function with this name or ARN. If `waits` is True, the invocation is synchronous.

        Returns the response and the error type, or None if the stand-in does not run the function.
        """


def install(listener: Listener) -> None:
    speed.install()
    policies.install()
    queues.install(listener.arrived)
    events.install(listener.happened)
    objects.install(listener.happened)
    tables.install(listener.arrived)
    alarms.install(listener.alarm_changed)
    topics.install(listener.mailed)
    functions.install(listener.invoke)
    logs.install()
