"""Reports state changes of CloudWatch alarms to the listener."""

import threading
from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends

from local.aws.alarms import State
from local.settings import ACCOUNT, REGION


def install(on_alarm: Callable[[Alarm, State, State], None]) -> None:
    make, update, lock = Alarm.__init__, Alarm.update_state, threading.Lock()

    def made(alarm: Alarm, *args: Any, **given: Any) -> None:
        """The state of a new alarm is INSUFFICIENT_DATA. A changed alarm keeps its state (PutMetricAlarm)."""
        make(alarm, *args, **given)
        before = cloudwatch_backends[ACCOUNT][REGION].alarms.get(alarm.name)
        alarm.state_value = before.state_value if before else "INSUFFICIENT_DATA"
        alarm.state_reason = before.state_reason if before else alarm.state_reason
        changed_at = before.state_transitioned_timestamp if before else alarm.state_updated_timestamp
        alarm.state_transitioned_timestamp = changed_at

    def update_state(alarm: Alarm, reason: str, reason_data: str, state_value: str) -> None:
        with lock:
            before = State.of(alarm)
            update(alarm, reason, reason_data, state_value)
            after = State.of(alarm)
        if before.value != after.value:
            alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
            on_alarm(alarm, before, after)

    Alarm.__init__, Alarm.update_state = made, update_state
