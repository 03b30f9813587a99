"""An environment as a person's request finds it, and what the request changes there."""

from collections.abc import Sequence
from dataclasses import dataclass

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.configuration.principal import Caller
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Hold, Standing
from wardrop.environments.model import Environment, Instance


@dataclass(frozen=True)
class Place:
    name: str
    standing: Standing
    active: Sequence[Deployment] = ()
    environment: Environment | None = None
    """None if Beanstalk does not show it any more."""

    instances: Sequence[Instance] | None = None
    past: Sequence[Deployment] = ()
    """The newest first."""

    @property
    def begun(self) -> Deployment | None:
        return next((one for one in self.active if not one.is_waiting), None)

    @property
    def waiting(self) -> list[Deployment]:
        return [one for one in self.active if one.is_waiting]

    def tells(self, kind: Kind, caller: Caller, text: str) -> Alert:
        """Of the environment as a whole; the next change of its standing has another id."""
        return new_alert(
            kind,
            f"environment/{self.name}/{self.standing.revision}",
            caller.at,
            text,
            application=self.environment.application if self.environment else None,
            environment=self.name,
        )


@dataclass(frozen=True)
class Change:
    """All of it is written, or nothing."""

    told: str
    deployments: Sequence[Deployment] = ()
    standing: Standing | None = None
    alerts: Sequence[Alert] = ()
    queued: str | None = None
    """The id of a new deployment."""


def because(text: str | None) -> str:
    return f": {text}" if text else ""


def since(hold: Hold) -> str:
    return f"since {hold.at:%Y-%m-%d %H:%M} UTC by {hold.by}"


def spoken(deployment: Deployment) -> str:
    return f"{deployment.state.replace('_', ' ')}: {deployment.reason}"
