"""What people are told of events and ticks: watch_environments whole, with everything outside of it in memory."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec

from tests.unit.fakes import Counted, FakeBeanstalk, FakeMailbox, FakeParameters
from tests.unit.samples import NOW, environment, event_files
from wardrop.alerts.model import Alert
from wardrop.configuration.load import Configurations, RememberedConfigurations
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.record import ActiveEnvironments as Active
from wardrop.deployments.record import EnvironmentRecord as Now
from wardrop.deployments.standing import Standing
from wardrop.environments.model import Environment
from wardrop.environments.quota import VersionQuotaUse
from wardrop.environments.settings import DeploymentSettings
from wardrop.errors import Malformed, Outdated
from wardrop.health.alarm import AlarmEvent
from wardrop.health.events import read_event
from wardrop.health.incident import Incident
from wardrop.health.update_incidents import UpdateIncidents
from wardrop.health.watch import WatchEnvironments


class FakeLedger:
    """Deployments and standings as they are put there; alerts are told once."""

    def __init__(self) -> None:
        self.deployments: list[Deployment] = []
        self.past: list[Deployment] = []
        self.standing = Standing(environment="shop-staging")
        self.preflights: dict[str, DeploymentSettings | None] = {}
        self.incidents: dict[str, Incident] = {}
        self.alerts: dict[str, Alert] = {}
        self.stuck: list[str] = []
        self.room: VersionQuotaUse | None = None

    def watched(self) -> Active:
        return Active(
            {one.environment for one in self.deployments if one.is_active},
            set(self.preflights),
            {name for name, one in self.incidents.items() if one.is_open},
        )

    def now(self, name: str) -> Now:
        return Now(self.standing, [one for one in self.deployments if one.environment == name])

    def history(self, name: str, most: int = 20) -> list[Deployment]:
        return [one for one in self.past if one.environment == name][:most]

    def tell(self, alert: Alert) -> bool:
        return self.alerts.setdefault(alert.alert_id, alert) is alert

    def carry_again(self, _before: datetime, _now: datetime) -> list[str]:
        return self.stuck

    def keep_configuration(self, _application: str, _text: str) -> None:
        pass

    def configuration(self, _application: str) -> str | None:
        return None

    def keep_version_room(self, room: VersionQuotaUse) -> None:
        self.room = room

    def version_room(self) -> VersionQuotaUse | None:
        return self.room

    def keep_preflight(self, name: str, found: DeploymentSettings) -> None:
        self.preflights[name] = found

    def forget_preflight(self, name: str) -> None:
        del self.preflights[name]


class FakeIncidents:
    """Refuses what the ledger would refuse: a change of what has changed meanwhile, and one alert twice."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger

    def of(self, names: Collection[str]) -> dict[str, Incident]:
        return {name: one for name, one in self.ledger.incidents.items() if name in names}

    def change(self, incident: Incident, alerts: Iterable[Alert]) -> None:
        before = self.ledger.incidents.get(incident.environment)
        if incident.revision != (before.revision if before else 0):
            raise Outdated("the ledger has changed meanwhile")
        for alert in alerts:
            assert self.ledger.tell(alert), f"{alert.alert_id} is told twice"
        written = msgspec.structs.replace(incident, revision=incident.revision + 1)
        self.ledger.incidents[incident.environment] = written


class World:
    """`shown` is what DescribeEnvironments shows; `calls` counts what is asked outside."""

    def __init__(self, *shown: Environment) -> None:
        self.calls: list[str] = []
        self.beanstalk = FakeBeanstalk(*shown or (environment(), environment(name="shop-prod", id="e-2")))
        self.ledger, self.mailbox, self.parameters = FakeLedger(), FakeMailbox(), FakeParameters()
        self.incidents = FakeIncidents(self.ledger)
        beanstalk, ledger, incidents, mailbox, parameters = (
            self.counted(one) for one in (self.beanstalk, self.ledger, self.incidents, self.mailbox, self.parameters)
        )
        configurations = RememberedConfigurations(Configurations(parameters, ledger))
        update_incidents = UpdateIncidents(ledger, incidents, configurations, beanstalk)
        self.watch = WatchEnvironments(beanstalk, ledger, mailbox, update_incidents)

    def counted(self, one: Any) -> Any:
        return Counted(one, self.calls)

    @property
    def woken(self) -> list[tuple[str, str]]:
        return [(one.environment, one.cause) for one in self.mailbox.woken]

    @property
    def alerts(self) -> list[Alert]:
        return list(self.ledger.alerts.values())

    @property
    def kinds(self) -> list[str]:
        return [str(one.kind) for one in self.alerts]

    def show(self, **differs: Any) -> None:
        """What DescribeEnvironments shows of shop-staging from here on."""
        self.beanstalk.shown["shop-staging"] = environment(**differs)

    def hear(self, event: dict[str, Any], now: datetime = NOW) -> None:
        """One batch, as it comes out of the queue; what is malformed is left out."""
        events = []
        for record in event["Records"]:
            try:
                events.append(read_event(record["body"]))
            except Malformed:
                continue
        for alarm in events:
            if isinstance(alarm, AlarmEvent):
                self.watch.on_alarm(alarm, now)
        self.watch.on_events([one for one in events if not isinstance(one, AlarmEvent)], now)


def told(name: str, *shown: Environment, now: datetime = NOW) -> list[Alert]:
    """The alerts that an event file of watch_environments leads to, the first told first."""
    world = World(*shown)
    world.hear(event_files("watch_environments")[name], now)
    return world.alerts


def health_event(message: str, at: datetime = NOW, name: str = "shop-staging", cause: str = "1") -> dict[str, Any]:
    """A batch of one event that says so of health."""
    detail = {
        "Status": "Environment health changed",
        "EventDate": round(at.timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": message,
        "EnvironmentName": name,
        "Severity": "WARN",
    }
    body = {"id": cause, "detail-type": "Health status change", "source": "aws.elasticbeanstalk", "detail": detail}
    return {"Records": [{"messageId": cause, "body": json.dumps(body)}]}
