"""The lines about promotions of followed versions. `--wait` does not follow promotions."""

from collections.abc import Iterator, Sequence
from shlex import quote

from wardrop_cli.answers import Environments, Followed
from wardrop_cli.screens.words import state


def promotions(existing: Environments, followed: Sequence[Followed]) -> Iterator[str]:
    """A line for each active deployment of a followed version in another environment."""
    seen = {each.environment for each in followed}
    labels = {each.deployment.label for each in followed}
    for environment in existing.environments:
        for deployment in environment.deployments:
            if environment.environment in seen or deployment.label not in labels:
                continue
            name, label = environment.environment, deployment.label
            step = f"wardrop watch {name}"
            if deployment.state == "awaiting_approval":
                step = f"wardrop approve {name} {quote(label)} --wait"
            yield f"{label} is {state(deployment.state)} for {name}, and --wait does not follow it there. Next: {step}"
