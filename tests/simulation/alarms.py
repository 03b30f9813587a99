"""A model of CloudWatch alarms. Each environment has two alarms, which change independently of the versions."""

from collections.abc import Sequence
from datetime import datetime

from tests.simulation.chance import Chance, Clock
from wardrop.errors import NotNow, Unavailable
from wardrop.evidence.alarms import Alarm, AlarmsReading, AlarmState, reading_of


def entries_of(environment: str) -> list[str]:
    return [f"{environment}-5xx", f"{environment}-latency-*"]


class ModelAlarms:
    """Replaces the adapter `Alarms`. Calls may be throttled or denied."""

    def __init__(self, environments: Sequence[str], clock: Clock, chance: Chance) -> None:
        self._clock, self._chance = clock, chance
        self._names = {name: [f"{name}-5xx", f"{name}-latency-p99"] for name in environments}
        self._alarms: dict[str, Alarm] = {}
        self._raised: list[tuple[datetime, str]] = []
        self.restore()

    def restore(self) -> None:
        """Creates the alarms that do not exist."""
        for name in (name for names in self._names.values() for name in names if name not in self._alarms):
            self._alarms[name] = Alarm(name, AlarmState.OK, self._clock.now)

    def change(self, environment: str) -> str:
        """Deletes an alarm, or sets its state. Returns the change."""
        name = self._chance.dice.choice(self._names[environment])
        state = self._chance.dice.choice([None, *[AlarmState.OK] * 3, *AlarmState])
        if state is None:
            self._alarms.pop(name, None)
            return f"{name} was deleted"
        before = self._alarms.get(name)
        if before is None or before.state is not state:
            self._alarms[name] = Alarm(name, state, self._clock.now)
            if state is AlarmState.ALARM:
                self._raised.append((self._clock.now, name))
        return f"{name} is {state}"

    def read(self, entries: Sequence[str]) -> AlarmsReading:
        if self._chance.strikes(0.2):
            raise self._chance.dice.choice([NotNow("Rate exceeded"), Unavailable("not permitted")])
        return reading_of(entries, self._alarms.values())

    # For the invariants, which compare the verdicts with the actual states

    def names(self, environment: str) -> list[str]:
        return self._names[environment]

    def in_alarm(self, environment: str) -> set[str]:
        states = ((name, self._alarms.get(name)) for name in self._names[environment])
        return {name for name, alarm in states if alarm and alarm.state is AlarmState.ALARM}

    def are_complete(self, environment: str) -> bool:
        return all(name in self._alarms for name in self._names[environment])

    def raised_since(self, environment: str, since: datetime) -> set[str]:
        return {name for at, name in self._raised if at >= since and name in self._names[environment]}
