"""Reports state changes of CloudWatch alarms to the listener."""

import threading
from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import Alarm

from local.aws.alarms import State


def install(on_alarm: Callable[[Alarm, State, State], None]) -> None:
    make, update, lock = Alarm.__init__, Alarm.update_state, threading.Lock()

    def made(alarm: Alarm, *args: Any, **given: Any) -> None:
        make(alarm, *args, **given)
        alarm.state_value = "INSUFFICIENT_DATA"  # until the first evaluation

    def update_state(alarm: Alarm, reason: str, reason_data: str, state_value: str) -> None:
        with lock:
            before = State.of(alarm)
            update(alarm, reason, reason_data, state_value)
            after = State.of(alarm)
        if before.value != after.value:
            on_alarm(alarm, before, after)

    Alarm.__init__, Alarm.update_state = made, update_state
