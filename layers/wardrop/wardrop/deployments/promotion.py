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

    pending: Collection[str] = ()
    """The other environments of the current stage in which a deployment of the same drop is active."""

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
    remaining = [name for name in next_stage.rules if name not in next_stage.reached]
    barriers = [peer for peer in next_stage.peers if peer.hold is not None or not _is_good_in(peer, good)]
    if not remaining or not barriers:
        return None
    final = next((peer for peer in barriers if peer.environment not in next_stage.pending), None)
    if final is None:
        return f"the version is promoted when it is also good in {' and '.join(peer.environment for peer in barriers)}"
    is_held = f"{final.environment} is held: {final.hold.because}" if final.hold else None
    because = is_held or f"it is not the newest good version of {final.environment}"
    commands = " and ".join(f"wardrop deploy {name} {good.label}" for name in remaining)
    return f"the version is not promoted, because {because}; to deploy it anyway: {commands}"


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


def _is_good_in(peer: Standing, good: Deployment) -> bool:
    """Whether the newest good version of the environment is this version, or has the same bundle."""
    newest = peer.good[0] if peer.good else None
    if newest is None or newest.label == good.label:
        return newest is not None
    return newest.release is not None and good.release is not None and newest.release.sha256 == good.release.sha256


def _promoted(good: Deployment, rules: Rules, stage: list[str], environment: str, now: datetime) -> Deployment:
    """Creates the deployment of a good version to an environment of the next stage."""
    reason = f"{good.label} is good in {' and '.join(good.stage)}, and is promoted"
    return replace(following(good, environment, rules, reason, now), stage=stage)
