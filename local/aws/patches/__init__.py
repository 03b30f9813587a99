"""Patches of moto: behaviour of AWS that Wardrop relies on, and speed. Each patch names the behaviour of AWS."""

from typing import Any, Protocol

from moto.cloudwatch.models import Alarm

from local.aws.alarms import State
from local.aws.patches import alarms, events, functions, objects, policies, queues, speed, tables, topics


class Listener(Protocol):
    """Is notified of events in moto. Every method is called in the thread that serves the request."""

    def arrived(self, source_arn: str) -> None:
        """A queue or a stream has something new."""

    def happened(self, envelope: dict[str, Any]) -> None:
        """There is an event for the event bus."""

    def alarm_changed(self, alarm: Alarm, before: State, after: State) -> None: ...

    def mailed(self, to: str, subject: str, text: str) -> None: ...

    def invoke(self, name: str, payload: bytes, waits: bool) -> tuple[bytes, str | None] | None:
        """Runs a function, which is named or has its ARN. `waits`: the caller wants the answer.

        Returns the answer and the type of its error, or None for a function that does not run here.
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
