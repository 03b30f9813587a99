"""Promotes a good version to the environments of the next stage."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.following import following
from wardrop.deployments.standing import Standing
from wardrop.structs import replace


@dataclass(frozen=True)
class NextStage:
    """The data that determines the promotion."""

    rules: Mapping[str, Rules]
    """The rules for each environment of the next stage. After the last stage, the mapping is empty."""

    peers: Sequence[Standing]
    """The standings of the other environments of the current stage."""

    reached: Collection[str] = ()
    """The environments of the next stage in which a deployment of the same drop is active or has ended."""


NO_STAGE = NextStage({}, ())


def not_promoted(deployment: Deployment, standing: Standing) -> str | None:
    """Returns the reason why a held environment does not promote its version, or None if no hold prevents it."""
    if deployment.promotes and standing.hold is not None:
        return f"the version is not promoted, because {deployment.environment} is held: {standing.hold.because}"
    return None


def not_promoted_yet(good: Deployment, next_stage: NextStage) -> str | None:
    """Returns the reason why another environment of the current stage prevents the promotion, or None."""
    held = next((peer for peer in next_stage.peers if peer.hold is not None), None)
    if held is not None and held.hold is not None:
        return f"the version is not promoted, because {held.environment} is held: {held.hold.because}"
    awaited = [peer.environment for peer in next_stage.peers if not _is_good_in(peer, good.label)]
    if not awaited:
        return None
    return f"the version is promoted only if it is also the newest good version of {' and '.join(awaited)}"


def promotions(good: Deployment, next_stage: NextStage, now: datetime) -> list[Deployment]:
    """Returns the deployments to the next stage.

    There are none until the version is good in all environments of the current stage.
    """
    if not_promoted_yet(good, next_stage):
        return []
    names = list(next_stage.rules)
    return [
        _promoted(good, rules, names, name, now)
        for name, rules in next_stage.rules.items()
        if name not in next_stage.reached
    ]


def _is_good_in(peer: Standing, label: str) -> bool:
    """Whether the version is the newest good version of the environment."""
    return bool(peer.good) and peer.good[0].label == label


def _promoted(good: Deployment, rules: Rules, stage: list[str], environment: str, now: datetime) -> Deployment:
    """Creates the deployment of a good version to an environment of the next stage."""
    reason = f"{good.label} is good in {' and '.join(good.stage)}, and is promoted"
    return replace(following(good, environment, rules, reason, now), stage=stage)
