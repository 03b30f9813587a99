"""The deletions of a clean-up, their order, and the response to a dry run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wardrop.versions.bundles import unreferenced
from wardrop.versions.inventory import ApplicationInventory, RegionInventory
from wardrop.versions.retention import Action, Decision, decide

BATCH_SIZE = 50
"""The number of versions that are marked in one transaction. Their usage is then read once for the whole batch."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag="plan"):
    """The response to a dry run."""

    quota: int
    versions: int
    """The number of application versions in the region that Wardrop's role is allowed to read."""

    versions_to_delete: int
    bundles_to_delete: int
    """The number of bundles, including bundles without a version."""

    bytes_to_free: int
    decisions: list[Decision]
    """The decision on each version, ordered by application and age, the oldest first."""


@dataclass(frozen=True)
class Batch:
    application: ApplicationInventory
    decisions: list[Decision]


def decide_all(region: RegionInventory, now: datetime) -> list[tuple[ApplicationInventory, list[Decision]]]:
    return [(application, decide(application, now)) for application in region.applications]


def batches(decided: Iterable[tuple[ApplicationInventory, list[Decision]]]) -> Iterator[Batch]:
    """Divides the deletions into batches. The application with the oldest version comes first."""
    to_delete = [
        Batch(application, deletions)
        for application, decisions in decided
        if (deletions := [decision for decision in decisions if decision.action is Action.DELETE])
    ]
    for whole in sorted(to_delete, key=lambda batch: batch.decisions[0].created_at):
        for start in range(0, len(whole.decisions), BATCH_SIZE):
            yield Batch(whole.application, whole.decisions[start : start + BATCH_SIZE])


def plan(region: RegionInventory, now: datetime) -> Plan:
    decisions = [decision for _, decided in decide_all(region, now) for decision in decided]
    deletions = [decision for decision in decisions if decision.action is Action.DELETE]
    labels = {(decision.application, decision.label) for decision in deletions}
    remaining = [version for version in region.versions if (version.application, version.label) not in labels]
    bundles = unreferenced(region, deletions, remaining, now)
    return Plan(
        quota=region.quota,
        versions=len(region.versions),
        versions_to_delete=len(region.versions) - len(remaining),
        bundles_to_delete=len(bundles),
        bytes_to_free=sum(bundle.size for bundle in bundles),
        decisions=decisions,
    )
