"""The whole function watch_environments. AWS and the ledger are in memory."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.unit.samples import NOW, deployment_settings, environment, event_files, seconds
from tests.unit.world import World
from wardrop.alerts.model import Alert
from wardrop.configuration.load import RememberedConfigurations
from wardrop.deployments.change import Change
from wardrop.deployments.standing import Standing
from wardrop.environments.model import Environment
from wardrop.environments.settings import DeploymentSettings
from wardrop.errors import Malformed
from wardrop.health.alarm import AlarmEvent
from wardrop.health.events import read_event
from wardrop.health.failed_updates import FailedUpdates
from wardrop.health.incident import Incident
from wardrop.health.update_incidents import UpdateIncidents
from wardrop.health.watch import WatchEnvironments

EVENT_FILES = event_files("watch_environments")


OWN_ALARMS = {"wardrop-DropsDeadAlarm-1A2B3C4D5E6F", "wardrop-MailboxDeadAlarm-1A2B3C4D5E6F"}


class WatchedWorld(World):
    def __init__(self, *environments: Environment) -> None:
        """The settings of all environments have been read since their last update."""
        super().__init__(*environments)
        self.record_settings(*self.beanstalk.described)
        configurations = RememberedConfigurations(self.configurations)
        explains = self.verb(FailedUpdates, configurations=configurations)
        update_incidents = self.verb(UpdateIncidents, configurations=configurations, failed_updates=explains)
        self.watch = self.verb(
            WatchEnvironments, update_incidents=update_incidents, failed_updates=explains, own_alarms=OWN_ALARMS
        )

    def record_standing(self, standing: Standing) -> None:
        self.ledger.write(Change(standing=standing))

    def record_settings(self, *names: str) -> None:
        for name in names:
            updated_at = environment().updated_at
            settings = deployment_settings(at=NOW - seconds(60), environment_updated_at=updated_at)
            self.ledger.environments.keep_settings(name, settings)

    def settings(self) -> Mapping[str, DeploymentSettings | None]:
        """By environment whose settings are in the ledger."""
        names = self.ledger.environments.active().with_settings
        return {name: self.ledger.environments.read(name).settings for name in names}

    def incident(self, name: str = "shop-staging") -> Incident:
        return self.ledger.incidents.read([name])[name]

    def receive(self, event: dict[str, Any], now: datetime = NOW) -> None:
        """A batch from the queue, without malformed messages."""
        events = []
        for record in event["Records"]:
            try:
                events.append(read_event(record["body"]))
            except Malformed:
                continue
        self.watch.on_alarms([event for event in events if isinstance(event, AlarmEvent)], now)
        self.watch.on_events([event for event in events if not isinstance(event, AlarmEvent)], now)


def alerts_of_file(name: str, *environments: Environment) -> list[Alert]:
    """The alerts of an event file of watch_environments, in the order of writing."""
    world = WatchedWorld(*environments)
    world.receive(EVENT_FILES[name])
    return world.alerts


def health_event(message: str, at: datetime = NOW, name: str = "shop-staging", event_id: str = "1") -> dict[str, Any]:
    """A batch with one health event."""
    detail = {
        "Status": "Environment health changed",
        "EventDate": round(at.timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": message,
        "EnvironmentName": name,
        "Severity": "WARN",
    }
    body = {"id": event_id, "detail-type": "Health status change", "source": "aws.elasticbeanstalk", "detail": detail}
    return {"Records": [{"messageId": event_id, "body": json.dumps(body)}]}


def batch_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Records": [record for event in events for record in event["Records"]]}
