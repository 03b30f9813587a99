"""Which environments need a look, on a tick or by an event, and what people should know of their health."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

import msgspec
from msgspec.structs import replace

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.aws.metrics import count
from wardrop.environments import policy as preflight
from wardrop.environments.model import Environment
from wardrop.environments.policy import VersionRoom
from wardrop.errors import Malformed, NotNow, Outdated
from wardrop.health import alarm
from wardrop.health import events as beanstalk_event
from wardrop.health.alarm import AlarmEvent
from wardrop.health.events import BeanstalkEvent
from wardrop.health.judge_health import Heard, JudgeHealth

SPREAD = 9
"""Minutes, after which the settings of every environment have been read again."""

STUCK = timedelta(minutes=5)
"""An alert that was not sent for so long goes into the stream again."""

_logger = logging.getLogger(__name__)


class _Source(msgspec.Struct, frozen=True):
    source: str = ""


def read_event(body: str) -> BeanstalkEvent | AlarmEvent:
    """Raises Malformed."""
    try:
        if msgspec.json.decode(body, type=_Source).source == alarm.SOURCE:
            return msgspec.json.decode(body, type=AlarmEvent)
        return msgspec.json.decode(body, type=BeanstalkEvent)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Malformed(f"not an event of Beanstalk: {error}") from error


@dataclass(frozen=True)
class Watched:
    woken: list[str]
    again: set[str] = field(default_factory=set)
    """Ids of events that have to come back, for something that they tell could not be dealt with."""


@dataclass(frozen=True)
class WatchEnvironments:
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    judge_health: JudgeHealth

    def on_tick(self, tick: str, now: datetime) -> Watched:
        """Wake every environment with an active deployment, and see how all environments are.

        Raises NotNow, and ExceptionGroup where some of them were in trouble, when all else is done.
        """
        self._carry_again(now)
        watched = self.ledger.watched()
        seen = self.beanstalk.all_environments()
        woken = self._wake(dict.fromkeys(watched.deployments, f"tick/{tick}"), seen, now)
        failed = self.judge_health({}, seen, watched.incidents, watched.deployments, now)
        errors = [error for error in failed.values() if not isinstance(error, Outdated)]
        errors += self._read_settings(watched.preflights, seen, now)
        if errors:
            raise ExceptionGroup("health or settings of some environments could not be dealt with", errors)
        return Watched(woken)

    def on_events(self, events: Iterable[BeanstalkEvent], now: datetime) -> Watched:
        """Wake the environments that the events name, if something of ours is going on there; tell what matters."""
        events = list(events)
        named = {event.environment: event.id for event in events if event.environment}
        telling = [event for event in events if beanstalk_event.tells(event)]
        watched = self.ledger.watched()
        causes = {name: f"event/{cause}" for name, cause in named.items() if name in watched.deployments}
        try:
            seen = self._seen({*causes, *(event.environment for event in telling if event.environment)})
        except NotNow as error:
            _logger.info("the next tick looks again: %s", error.reason)
            return Watched([], {event.id for event in telling})
        woken = self._wake(causes, seen, now)
        again = self._tell(telling, seen, watched.deployments, now)
        heard = _heard(telling, now)
        failed = self.judge_health(heard, seen, (), watched.deployments, now) if heard else {}
        return Watched(woken, again | {event.id for event in telling if event.environment in failed})

    def on_alarm(self, event: AlarmEvent, now: datetime) -> None:
        if told := alarm.told(event, now):
            self.ledger.tell(told)

    def _carry_again(self, now: datetime) -> None:
        if carried := self.ledger.carry_again(now - STUCK, now):
            _logger.error("alerts were not sent in time and are carried again: %s", ", ".join(carried))
            count("AlertsStuck")

    def _read_settings(self, kept: set[str], seen: dict[str, Environment], now: datetime) -> list[Exception]:
        """A ninth of the environments at each minute's tick, so that what is kept of their settings stays fresh.

        Returns what went wrong; one environment's trouble does not hold up the others. Raises NotNow.
        """
        minute = int(now.timestamp() // 60) % SPREAD
        due = sorted(name for name in kept if crc32(name.encode()) % SPREAD == minute)
        room = self._version_room(now) if due else None
        errors: list[Exception] = []
        for name in due:
            try:
                self._keep_settings(name, seen.get(name), room, now)
            except NotNow:
                raise
            except Exception as error:
                _logger.exception("the settings of %s could not be read", name)
                errors.append(error)
        return errors

    def _keep_settings(self, name: str, shown: Environment | None, room: VersionRoom | None, now: datetime) -> None:
        if shown is None:
            self.ledger.forget_preflight(name)
            return
        settings = self.beanstalk.settings(shown.application, name)
        self.ledger.keep_preflight(name, replace(preflight.read(settings, shown.tier, now), version_room=room))

    def _version_room(self, now: datetime) -> VersionRoom:
        """Of the whole region, so once in nine minutes serves all environments."""
        kept = self.ledger.version_room()
        if kept is not None and now - kept.at < timedelta(minutes=SPREAD):
            return kept
        room = VersionRoom(at=now, used=self.beanstalk.version_count(), quota=self.beanstalk.version_quota())
        self.ledger.keep_version_room(room)
        return room

    def _seen(self, names: set[str]) -> dict[str, Environment]:
        return self.beanstalk.environments(sorted(names)) if names else {}

    def _wake(self, causes: dict[str, str], seen: dict[str, Environment], now: datetime) -> list[str]:
        if not causes:
            return []
        self.mailbox.wake(
            WakeUp(environment=name, cause=cause, seen=seen.get(name), seen_at=now)
            for name, cause in sorted(causes.items())
        )
        return sorted(causes)

    def _tell(
        self, events: list[BeanstalkEvent], seen: dict[str, Environment], deploying: set[str], now: datetime
    ) -> set[str]:
        """What matters beside health; returns the ids of what could not be told."""
        going = {event.environment for event in events if event.status.startswith("environment termination")}
        failed = set()
        for event in events:
            shown = seen.get(event.environment or "")
            told = beanstalk_event.told(event, shown, now, going=event.environment in going)
            try:
                if told and not self._is_our_update(event, deploying, now):
                    self.ledger.tell(told)
            except Exception:  # one environment's trouble must not hold up the others
                _logger.exception("what Beanstalk tells of %s could not be told", event.environment)
                failed.add(event.id)
        return failed

    def _is_our_update(self, event: BeanstalkEvent, deploying: set[str], now: datetime) -> bool:
        """Whether a deployment of ours failed, which it tells itself."""
        name = event.environment
        if name is None or not beanstalk_event.is_failed_update(event):
            return False
        active = self.ledger.now(name).deployments if name in deploying else []
        return any(one.was_updating_at(event.at(now)) for one in (*active, *self.ledger.history(name, most=1)))


def _heard(events: list[BeanstalkEvent], now: datetime) -> dict[str, Heard]:
    heard: dict[str, Heard] = {}
    for event in events:
        transition = beanstalk_event.transition(event, now)
        if event.environment is None or not (transition or beanstalk_event.is_termination(event)):
            continue
        of_it = heard.setdefault(event.environment, Heard())
        of_it.application = of_it.application or event.application
        if transition:
            of_it.transitions.append(transition)
        else:
            of_it.terminated_at = event.at(now)
    return heard
