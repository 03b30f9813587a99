"""Reads the situation of a deployment. Only the data that the next step needs is read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.cloudwatch import Alarms
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import WakeUp, without_snapshots
from wardrop.configuration.load import Configurations
from wardrop.deployments import checking, freshness, gate, lifecycle
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.leftovers import UNKNOWN_LABEL, doubt, running_labels
from wardrop.deployments.replacement import BundleFiles, files_of
from wardrop.deployments.situation import Need, Situation
from wardrop.environments import fleet
from wardrop.environments.fleet import Fleet
from wardrop.environments.model import Environment, Event
from wardrop.environments.settings import DeploymentSettings, read_settings
from wardrop.errors import NotNow, Unavailable
from wardrop.evidence.alarms import AlarmsReading
from wardrop.evidence.run_checks import Checks
from wardrop.structs import replace as with_fields


@dataclass(frozen=True)
class SituationReading:
    beanstalk: Beanstalk
    ledger: Ledger
    alarms: Alarms
    checks: Checks
    configurations: Configurations
    settle: timedelta

    def __call__(
        self, deployment: Deployment, record: EnvironmentRecord, wake_ups: Sequence[WakeUp], now: datetime
    ) -> Situation | None:
        """Reads the situation, or returns None if Beanstalk does not list the environment.

        The environment is read from Beanstalk if no wake-up contains a recent state, or if the step needs the current
        state. Raises NotNow if Beanstalk throttles a required call.
        """
        name, update = deployment.environment, deployment.update
        read = ((wake_up.snapshot_at, wake_up.snapshot) for wake_up in wake_ups)
        recent = freshness.most_recent(read, update.claimed_at if update else None, now)
        environment = recent or self.beanstalk.environments([name]).get(name)
        if environment is None:
            return None
        situation = Situation(
            deployment,
            record.standing,
            environment,
            self.settle,
            now,
            is_tick=any(wake_up.is_tick for wake_up in wake_ups),
            is_snapshot=recent is not None,
        )
        if situation.is_snapshot and Need.CURRENT_ENVIRONMENT in lifecycle.needs(situation):
            return self(deployment, record, without_snapshots(wake_ups), now)
        if Need.CONFIGURATION in lifecycle.needs(situation):
            situation = self._with_configuration(situation)
        needs = lifecycle.needs(situation)
        if situation.is_snapshot and Need.CURRENT_ENVIRONMENT in needs:
            return self(situation.deployment, record, without_snapshots(wake_ups), now)
        return self._checked(self._read(needs, situation, record))

    def is_confirmed(self, situation: Situation) -> bool:
        """Whether Beanstalk still shows the state that the wake-up contained."""
        name = situation.environment.name
        return self.beanstalk.environments([name]).get(name) == situation.environment

    def _with_configuration(self, situation: Situation) -> Situation:
        application = situation.deployment.application
        loaded = self.configurations.load(
            application, lambda: self.beanstalk.environments_of(application), situation.now
        )
        return gate.with_configuration(situation, loaded)

    def _read(self, needs: Need, situation: Situation, record: EnvironmentRecord) -> Situation:
        environment = situation.environment
        observed = replace(
            situation,
            events=self._events(situation, needs) if Need.EVENTS in needs else (),
            fleet=self._fleet(environment, needs),
            alarms=self._alarms(situation.deployment) if Need.ALARMS in needs else None,
        )
        if Need.SETTINGS not in needs:
            return observed
        settings = self._settings(environment, record, situation.now)
        return replace(observed, settings=settings, files=self._files(observed))

    def _checked(self, situation: Situation) -> Situation:
        """Runs the checks that are due, and adds their results to the deployment."""
        due = lifecycle.checks_due(situation)
        if due is None:
            return situation
        return checking.recorded(situation, due, self.checks.run(due.checks, due.subject))

    def _events(self, situation: Situation, needs: Need) -> Sequence[Event]:
        update = situation.deployment.update
        since = [update.environment_updated_at] if update else []
        if Need.SETTINGS in needs and situation.standing.settled_at is not None:
            since.append(situation.standing.settled_at)
        return self.beanstalk.events(situation.environment.name, min(since)) if since else ()

    def _fleet(self, environment: Environment, needs: Need) -> Fleet:
        if not needs & (Need.INSTANCES | Need.PROGRESS):
            return fleet.NOT_READ
        if not environment.reports_instances:
            return fleet.BASIC_HEALTH
        try:
            return fleet.reported(self.beanstalk.instances(environment.name))
        except NotNow:
            if Need.INSTANCES in needs:
                raise
            return fleet.THROTTLED

    def _alarms(self, deployment: Deployment) -> AlarmsReading:
        """If the alarms cannot be read, the other evidence is still used."""
        try:
            return self.alarms.read(deployment.watched_alarms.entries)
        except (NotNow, Unavailable) as error:
            return AlarmsReading(unread=error.reason)

    def _settings(self, environment: Environment, record: EnvironmentRecord, now: datetime) -> DeploymentSettings:
        """Reads the settings from Beanstalk, because outdated ones could make the sentence about availability wrong."""
        options = self.beanstalk.settings(environment.application, environment.name)
        read = read_settings(options, environment, now)
        return with_fields(read, version_quota_use=record.settings.version_quota_use if record.settings else None)

    def _files(self, situation: Situation) -> BundleFiles:
        application, target = situation.deployment.application, situation.deployment.target_label
        versions = self.ledger.versions.find_all(application, {target, *running_labels(situation)} - {UNKNOWN_LABEL})
        running = {label: versions.get(label) for label in running_labels(situation)}
        return BundleFiles(
            files_of(target, versions.get(target)),
            {label: files_of(label, version) if version else None for label, version in running.items()},
            doubt(situation),
        )
