"""Reads the settings of an environment after each update of it, and keeps them in the ledger."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.environments.model import Environment
from wardrop.environments.settings import read_settings
from wardrop.guard.request import GuardRequest
from wardrop.structs import replace


@dataclass(frozen=True)
class GuardConfiguration:
    beanstalk: Beanstalk
    ledger: Ledger

    def __call__(self, request: GuardRequest, now: datetime) -> str:
        """Returns what was done, for the log. Raises NotNow: the next tick asks again."""
        name = request.environment
        environment = request.recent_snapshot(now) or self.beanstalk.environments([name]).get(name)
        if environment is None:
            return "Beanstalk does not show the environment"
        self._keep_settings(environment, now)
        return "the settings are recorded"

    def _keep_settings(self, environment: Environment, now: datetime) -> None:
        options = self.beanstalk.settings(environment.application, environment.name)
        settings = read_settings(options, environment, now)
        quota_use = self.ledger.versions.room()
        self.ledger.environments.keep_settings(environment.name, replace(settings, version_quota_use=quota_use))
