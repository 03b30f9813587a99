"""Parts of the sentences that answer a request."""

from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Hold


def because(text: str | None) -> str:
    return f": {text}" if text else ""


def since(hold: Hold) -> str:
    return f"since {hold.at:%Y-%m-%d %H:%M} UTC by {hold.by}"


def state_and_reason(deployment: Deployment) -> str:
    return f"{deployment.state.replace('_', ' ')}: {deployment.reason}"
