"""The state of an environment at the time of a request, and the result of an accepted request."""

from collections.abc import Sequence
from dataclasses import dataclass

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.commands.caller import Caller
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.model import Environment, Instance


@dataclass(frozen=True)
class EnvironmentSnapshot:
    name: str
    standing: Standing
    active: Sequence[Deployment] = ()
    environment: Environment | None = None
    """The state of the environment. None: Beanstalk does not list the environment."""

    instances: Sequence[Instance] | None = None
    """The reports of the instances. None: the instances do not report, or the reports were not read."""

    finished: Sequence[Deployment] = ()
    """Finished deployments, newest first."""

    @property
    def application(self) -> str | None:
        """The environment's application.

        None: Beanstalk does not list the environment, and Wardrop never deployed to it.
        """
        if self.environment is not None:
            return self.environment.application
        return next((deployment.application for deployment in (*self.active, *self.finished)), None)

    @property
    def running(self) -> Deployment | None:
        """The deployment that has begun but has not ended."""
        return next((deployment for deployment in self.active if not deployment.is_waiting), None)

    @property
    def waiting(self) -> list[Deployment]:
        return [deployment for deployment in self.active if deployment.is_waiting]

    def alert(self, kind: Kind, caller: Caller, text: str) -> Alert:
        """Returns an alert about a change to the environment's standing.

        Its id contains the standing's revision, so every change has its own alert.
        """
        return new_alert(
            kind,
            f"environment/{self.name}/{self.standing.revision}",
            caller.at,
            text,
            application=self.environment.application if self.environment else None,
            environment=self.name,
        )


@dataclass(frozen=True)
class Accepted:
    """The response to an accepted request, and the change that is written before the response is sent."""

    text: str
    change: Change
    deployment: str | None = None
    """The id of the deployment that was queued or approved. None: the request did neither."""
