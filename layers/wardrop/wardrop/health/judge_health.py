"""Health of environments, judged against what people have been told of it; what is new is told once."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wardrop.alerts.model import Alert, HealthChange, alert
from wardrop.aws.ledger.incidents import Incidents
from wardrop.aws.ledger.ledger import Ledger
from wardrop.configuration.load import Recent
from wardrop.environments.model import Environment, Health
from wardrop.errors import Outdated
from wardrop.health.context import Circumstances, Lookups
from wardrop.health.incident import Evidence, Incident, Told, Transition, under_way
from wardrop.health.judge import judge

MOST_TRIES = 3

_logger = logging.getLogger(__name__)


@dataclass
class Heard:
    """What a batch of events tells of one environment's health."""

    application: str | None = None
    transitions: list[Transition] = field(default_factory=list)
    terminated_at: datetime | None = None


@dataclass(frozen=True)
class JudgeHealth:
    ledger: Ledger
    incidents: Incidents
    configurations: Recent
    circumstances: Circumstances

    def __call__(
        self,
        heard: Mapping[str, Heard],
        seen: Mapping[str, Environment],
        open_incidents: Collection[str],
        deploying: Collection[str],
        now: datetime,
    ) -> dict[str, Exception]:
        """Judge what was heard of, what is not well, and what has an incident; returns what could not be judged.

        One environment's trouble does not hold up the others. Where somebody else judges at the same time and
        will not give way, that is Outdated.
        """
        unwell = {name for name, one in seen.items() if _is_unwell(one, name in deploying)}
        names = {*heard, *unwell, *open_incidents}
        if not names:
            return {}
        records = self.incidents.of(names)
        lookups = self.circumstances.lookups()
        failed: dict[str, Exception] = {}
        for name in sorted(names):
            told = heard.get(name, Heard())
            try:
                self._judge(name, told, seen.get(name), records.get(name), name in deploying, lookups, now)
            except Outdated as error:
                _logger.info("others judge the health of %s at this moment", name)
                failed[name] = error
            except Exception as error:  # one environment's trouble must not hold up the others
                _logger.exception("the health of %s could not be judged", name)
                failed[name] = error
        return failed

    def _judge(
        self,
        name: str,
        heard: Heard,
        shown: Environment | None,
        record: Incident | None,
        deploys: bool,
        lookups: Lookups,
        now: datetime,
    ) -> None:
        application = shown.application if shown else record.application if record else heard.application
        if application is None:
            _logger.info("%s is not shown, and no event names its application: not ours", name)
            return
        alert_from = Health(self.configurations.of(application, now).of(name).alert_from)
        for tries in range(MOST_TRIES):
            if tries:
                record = self.incidents.of([name]).get(name)
            deployment = under_way(self.ledger.now(name).deployments) if deploys else None
            evidence = Evidence(name, application, shown, tuple(heard.transitions), heard.terminated_at, deployment)
            judgement = judge(record, evidence, alert_from, now)
            if judgement.incident is None:
                return
            alerts = [self._alert(told, shown, lookups, now) for told in judgement.told]
            try:
                self.incidents.change(judgement.incident, alerts)
            except Outdated:
                if tries == MOST_TRIES - 1:
                    raise
                continue
            if judgement.told:
                _logger.warning("%s: %s", name, judgement.reason)
            return

    def _alert(self, told: Told, shown: Environment | None, lookups: Lookups, now: datetime) -> Alert:
        found, record = lookups.of(told, shown, now), told.incident
        change = HealthChange(
            before=record.before,
            now=record.health,
            causes=found.causes or ([told.causes] if told.causes else []),
            instances=found.instances,
        )
        over = record.recovered_at or told.at
        return alert(
            told.kind,
            f"{record.id}/{record.change}",
            told.at,
            f"{told.text}{found.missing}",
            severity=told.severity,
            title=told.title,
            application=record.application,
            environment=record.environment,
            environment_id=record.environment_id,
            version_label=shown.version_label if shown else None,
            incident=record.id,
            change=record.change,
            lasted=max(0, int(((told.at if told.is_trouble else over) - record.opened_at).total_seconds())),
            health=change,
            running=found.running,
            last_deployment=found.last_deployment,
            events=found.events,
            next_step=found.next_step,
        )


def _is_unwell(shown: Environment, deploys: bool) -> bool:
    """Info says nothing while something is done to an environment."""
    busy = deploys or not shown.is_ready
    return (shown.health.severity or 0) > (1 if busy else 0)
