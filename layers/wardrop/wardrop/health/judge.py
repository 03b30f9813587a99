"""What Beanstalk tells and shows of an environment's health, judged into what people are told, and once.

Events are evidence of the moment that they name, DescribeEnvironments is evidence of now. Events may come late,
twice, in any order or never: whichever come, in the end an incident is open exactly while health is bad.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from wardrop.alerts.duration import lasting
from wardrop.alerts.model import Kind
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment, Health
from wardrop.health.incident import Evidence, Incident, Phase, Told, Transition

QUIET_AFTER = timedelta(minutes=15)
"""What comes back within this time is the same incident; one that flaps has to stay well for so long to be over."""

OLDEST = timedelta(minutes=15)
"""An event that comes later than this is history: the level has told since."""

SETTLING = timedelta(seconds=30)
"""So long after an event DescribeEnvironments may still show what was before it; the next tick sees."""

AHEAD = timedelta(minutes=5)
"""By more than this no clock of Beanstalk's is ahead of ours."""

ABSENCE = timedelta(minutes=15)
KEPT = timedelta(days=1)
"""A closed incident stays in the ledger for so long, so that what is told again of it opens nothing."""


@dataclass(frozen=True)
class Judgement:
    incident: Incident | None
    """As it is to be written; None if nothing has changed."""

    told: list[Told]

    @property
    def reason(self) -> str:
        return "; ".join(one.text for one in self.told) or "there is nothing new to tell"


def is_bad(health: Health, alert_from: Health) -> bool:
    return (health.severity or 0) >= (alert_from.severity or 0) and health.severity is not None


def judge(record: Incident | None, evidence: Evidence, alert_from: Health, now: datetime) -> Judgement:
    """Fold the evidence into the incident, in the order of time, the level last."""
    fold = _Fold(record, evidence, alert_from, now)
    shown = evidence.environment
    if shown and record and record.environment_id not in (None, shown.id):
        fold.end(now, "another environment has its name now")
    for transition in sorted(evidence.transitions, key=lambda one: one.at):
        fold.hear(transition)
    if evidence.terminated_at:
        fold.end(evidence.terminated_at, "it is terminated")
    if shown:
        fold.show(shown)
    else:
        fold.miss()
    told = [replace(one, text=one.text + _own_work(one, evidence.deployment)) for one in _merged(fold.told)]
    return Judgement(fold.record if fold.record != record else None, told)


class _Fold:
    def __init__(self, record: Incident | None, evidence: Evidence, alert_from: Health, now: datetime) -> None:
        self.record, self.told = record, list[Told]()
        self._evidence, self._alert_from, self._now = evidence, alert_from, now
        self._heard_at = record.heard_at if record else None
        self._causes = ""

    def hear(self, transition: Transition) -> None:
        at = transition.at
        known = self.record is not None and at <= self.record.as_of
        if known or self._now - at > OLDEST or at - self._now > AHEAD or self._says_nothing(transition.now):
            return
        self._heard_at, self._causes = at, transition.causes
        self._see(at, transition.now, transition.before, heard=True)

    def show(self, shown: Environment) -> None:
        if self.record is not None and not self._is_anothers(self.record):
            self._change(absent_since=None, environment_id=shown.id)
        if self._says_nothing(shown.health):
            return
        if self.record is None or shown.health is not self.record.health:
            if self._heard_at is not None and self._now - self._heard_at < SETTLING:
                return
            self._causes = ""
        self._see(self._now, shown.health, None)

    def miss(self) -> None:
        """Not shown: terminated, or hidden from our role; an empty answer has to last."""
        if self.record is None or not self.record.is_open:
            return
        since = self.record.absent_since or self._now
        self._change(absent_since=since)
        if self._now - since >= ABSENCE:
            self.end(self._now, f"Beanstalk has not shown it for {lasting(self._now - since)}")

    def end(self, at: datetime, why: str) -> None:
        """Over, without having recovered."""
        if self.record is None or not self.record.is_open or at < self.record.opened_at:
            return
        told = self.record.phase is not Phase.UNTOLD
        self._change(bad_since=None, recovered_at=at, as_of=max(at, self.record.as_of), absent_since=None)
        if told:
            title = f"the incident ends, {why}"
            self._tell(Kind.INCIDENT_RECOVERED, at, Phase.CLOSED, f"{title}; health was {self.record.health}", title)

    def _says_nothing(self, health: Health) -> bool:
        """Info is what Beanstalk shows while anything is done to an environment, however ill it is."""
        shown = self._evidence.environment
        busy = self._evidence.deployment is not None or (shown is not None and not shown.is_ready)
        return health.severity is None or (health is Health.INFO and busy)

    def _is_anothers(self, record: Incident) -> bool:
        shown = self._evidence.environment
        return shown is not None and record.environment_id not in (None, shown.id)

    def _see(self, at: datetime, health: Health, before: Health | None, *, heard: bool = False) -> None:
        bad, record = is_bad(health, self._alert_from), self.record
        if record is None or _is_past(record, at) or self._is_anothers(record):
            if not bad:
                return
            self.record = self._opened(at, health, before)
        else:
            changes: dict[str, Any] = {"health": health, "heard_at": self._heard_at}
            if health is not record.health:
                changes["before"] = record.health
            if bad and record.bad_since is None:
                changes["bad_since"] = at
                changes["flaps"] = record.flaps + (record.phase is Phase.FLAPPING)
            elif not bad and record.bad_since is not None:
                changes |= {"bad_since": None, "recovered_at": at}
            if heard or health is not record.health or changes.keys() & {"bad_since"}:
                changes["as_of"] = max(at, record.as_of)
            self._change(**changes)
        self._consider(at)

    def _consider(self, at: datetime) -> None:
        """What people have been told against what is so."""
        record = self.record
        if record is None:
            return
        if record.bad_since is None:
            self._consider_recovery(record, at)
        elif not self._is_brief(record, at):
            self._consider_trouble(record, at)

    def _consider_trouble(self, record: Incident, at: datetime) -> None:
        worst = record.worst or Health.OK
        worse = (record.health.severity or 0) > (worst.severity or 0)
        known = max(record.health, worst, key=lambda health: health.severity or 0)
        match record.phase:
            case Phase.UNTOLD:
                self._change(worst=known)
                self._tell(Kind.INCIDENT_OPENED, at, Phase.OPEN, _opening(record))
            case Phase.CLOSED:
                well = lasting((record.bad_since or at) - (record.recovered_at or at))
                text = (
                    f"health is {record.health} again, {well} after it had recovered; what comes and goes from "
                    f"here on is not told until it has stayed well for {lasting(QUIET_AFTER)}, unless it gets worse"
                )
                self._change(worst=known, flaps=record.flaps + 1)
                self._tell(Kind.INCIDENT_FLAPPING, at, Phase.FLAPPING, text)
            case _ if worse:
                self._change(worst=known)
                text = f"health got worse, from {worst} to {record.health}; {_source(record)}"
                self._tell(Kind.INCIDENT_WORSENED, at, record.phase, text)

    def _consider_recovery(self, record: Incident, at: datetime) -> None:
        recovered_at = record.recovered_at or at
        lasted = lasting(recovered_at - record.opened_at)
        if record.phase is Phase.OPEN:
            text = f"health is {record.health} again, after {lasted}"
            self._tell(Kind.INCIDENT_RECOVERED, at, Phase.CLOSED, text)
        elif record.phase is Phase.FLAPPING and at - recovered_at >= QUIET_AFTER:
            often = "once" if record.flaps == 1 else f"{record.flaps} times"
            text = f"health has been acceptable for {lasting(QUIET_AFTER)}; it came back {often} within {lasted}"
            self._tell(Kind.INCIDENT_RECOVERED, at, Phase.CLOSED, text)

    def _is_brief(self, record: Incident, at: datetime) -> bool:
        """A deployment of ours takes instances away: what is mild is told only if it lasts."""
        deployment = self._evidence.deployment
        if deployment is None or (record.health.severity or 0) >= (Health.DEGRADED.severity or 0):
            return False
        return at - (record.bad_since or at) < timedelta(seconds=deployment.rules.bad_for)

    def _opened(self, at: datetime, health: Health, before: Health | None) -> Incident:
        evidence = self._evidence
        return Incident(
            id=f"{evidence.name}/{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
            application=evidence.application,
            environment=evidence.name,
            environment_id=evidence.environment.id if evidence.environment else None,
            opened_at=at,
            health=health,
            before=before,
            as_of=at,
            heard_at=self._heard_at,
            bad_since=at,
            revision=self.record.revision if self.record else 0,
        )

    def _change(self, **changes: Any) -> None:
        if self.record is None:
            raise ValueError("there is no incident to change")
        changed = msgspec.structs.replace(self.record, **changes)
        over = changed.recovered_at if not changed.is_open else None
        self.record = msgspec.structs.replace(changed, expires_at=int((over + KEPT).timestamp()) if over else None)

    def _tell(self, kind: Kind, at: datetime, phase: Phase, text: str, title: str | None = None) -> None:
        if self.record is None:
            raise ValueError("there is no incident to tell of")
        self._change(phase=phase, change=self.record.change + 1)
        causes = self._causes if kind is not Kind.INCIDENT_RECOVERED else ""
        self.told.append(Told(kind, at, self.record, text, title, causes))


def _is_past(record: Incident, at: datetime) -> bool:
    """What is seen at this time is no part of it any more."""
    if record.is_open:
        return False
    return record.phase is Phase.UNTOLD or at - (record.recovered_at or record.as_of) > QUIET_AFTER


def _merged(told: list[Told]) -> list[Told]:
    """What was overtaken within one look is told once: only the worse of two, no recovery that did not last."""
    merged: list[Told] = []
    for one in told:
        last = merged[-1] if merged and merged[-1].incident.id == one.incident.id else None
        if last is not None and last.is_trouble and one.kind is Kind.INCIDENT_WORSENED:
            worse = msgspec.structs.replace(one.incident, before=last.incident.before)
            text = {Kind.INCIDENT_OPENED: _opening(worse), Kind.INCIDENT_FLAPPING: last.text}.get(last.kind, one.text)
            merged[-1] = replace(one, kind=last.kind, incident=worse, text=text)
        elif last is not None and not last.is_trouble and one.kind is Kind.INCIDENT_FLAPPING:
            merged[-1] = one
        else:
            merged.append(one)
    return merged


def _opening(record: Incident) -> str:
    change = f"from {record.before} to {record.health}" if record.before else f"to {record.health}"
    return f"health went {change}; {_source(record)}"


def _source(record: Incident) -> str:
    return "Beanstalk tells so" if record.heard_at == record.as_of else "no event of Beanstalk told"


def _own_work(told: Told, deployment: Deployment | None) -> str:
    if deployment is None or not told.is_trouble:
        return ""
    return f"; Wardrop's deployment of {deployment.label} is under way there ({deployment.state})"
