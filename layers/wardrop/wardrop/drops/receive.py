"""Receives a drop: creates an application version and queues its deployments, or rejects the drop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.versions import Reservation, Reserved
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.configuration.in_force import InForce
from wardrop.configuration.load import Configurations
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.drops.bundle import inspect
from wardrop.drops.delivery import Delivery
from wardrop.drops.drop import Drop, check_size
from wardrop.drops.effort import Effort
from wardrop.drops.empty import why_replaced
from wardrop.drops.inspected_drop import InspectedDrop, read_metadata
from wardrop.drops.joining import (
    RunningUnconfirmed,
    check_quarantine,
    is_replaced_on,
    join,
    needs_instances,
    to_join,
)
from wardrop.drops.key import Address, application_of, read_key
from wardrop.drops.label import candidate_labels, new_version, states_label
from wardrop.drops.outcome import DropDeployments, Outcome, accepted, queued_deployments, rejected, replaced
from wardrop.drops.receipt import Receipt
from wardrop.drops.targets import Targets, check_first_stage, check_platform, check_tier, target_environments
from wardrop.environments.fleet import reported
from wardrop.environments.model import Environment
from wardrop.environments.version import Release, Version
from wardrop.errors import NoRoom, NotNow, Outdated, Refused, Rejected

MOST_TRIES = 4
"""The maximum number of attempts. If another invocation changes the ledger during an attempt, Wardrop tries again."""


@dataclass(frozen=True)
class ReceiveDrop:
    bundles: Bundles
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    configurations: Configurations
    clean_ups: CleanUps
    processor_time: Callable[[], float]
    """Returns the processor time that the process has used, in seconds. Wardrop limits an inspection by this time."""

    prefix: str = ""

    def __call__(self, delivery: Delivery) -> Receipt:
        """Processes a drop. A repeated delivery of the same event changes nothing and returns the first receipt."""
        receipt = self.ledger.receipts.find(delivery.drop.id) or self._decide_and_write(delivery)
        self.bundles.tag(delivery.drop, receipt.tags)
        return receipt

    def _decide_and_write(self, delivery: Delivery) -> Receipt:
        """Raises Outdated if the ledger was changed during every attempt."""
        for _ in range(MOST_TRIES - 1):
            try:
                return self._write(self._receive(delivery))
            except Outdated:
                # If the same event was delivered twice at the same time, the other invocation may have written the
                # receipt first.
                if first := self.ledger.receipts.find(delivery.drop.id):
                    return first
        return self._write(self._receive(delivery))

    def _write(self, outcome: Outcome) -> Receipt:
        self.ledger.write(outcome.change, outcome.receipt, outcome.version)
        self.mailbox.wake(
            WakeUp(environment=deployment.environment, cause=deployment.id) for deployment in outcome.change.deployments
        )
        return outcome.receipt

    def _receive(self, delivery: Delivery) -> Outcome:
        drop, now = delivery.drop, delivery.now
        try:
            address = read_key(drop.key, self.prefix)
            if drop.size == 0 and (reason := why_replaced(drop, self.bundles.newest(drop), now)):
                return replaced(drop, reason, now)
            return self._accept(delivery, address)
        except (Rejected, Refused) as refusal:
            return rejected(drop, refusal.reason, application_of(drop.key, self.prefix), now)

    def _accept(self, delivery: Delivery, address: Address) -> Outcome:
        """Accepts the drop. After a crash between two steps, the next delivery repeats the steps without harm."""
        drop, now = delivery.drop, delivery.now
        check_size(drop.size)
        environments = self._environments(address.application)
        configuration = self.configurations.load(address.application, lambda: environments, now)
        check_first_stage(address, configuration, environments, delivery.waited)
        targets = target_environments(address, configuration.configuration, environments)
        check_tier(targets)
        inspected = self._inspect(drop, address)
        check_platform(targets, inspected)
        reserved = self._make_version(inspected, delivery)
        rollout = self._roll_out(inspected, reserved, targets, configuration, now)
        if rollout.confirmed and delivery.is_first:
            raise RunningUnconfirmed(reserved.version, rollout.confirmed)
        return accepted(drop, reserved.version, targets, rollout, now)

    def _environments(self, application: str) -> dict[str, Environment]:
        """The environments, keyed by name. Raises Rejected if the application does not exist."""
        environments = self.beanstalk.environments_of(application)
        if not environments and not self.beanstalk.has_application(application):
            raise Rejected(
                f"the application {application} does not exist, or Wardrop's role has no permission to read it; check "
                "the key of the file, and the stack's parameter Applications"
            )
        return environments

    def _inspect(self, drop: Drop, address: Address) -> InspectedDrop:
        dropped = self.bundles.open(drop)
        check_size(dropped.size)
        contents = inspect(dropped.file, address.file, dropped.size, Effort(self.processor_time))
        return InspectedDrop(drop, address, dropped.uploaded_at, read_metadata(dropped.metadata), contents)

    def _make_version(self, inspected: InspectedDrop, delivery: Delivery) -> Reserved:
        """Finds or creates the application version with this content."""
        release = self.bundles.keep(delivery.drop, inspected.address.application)
        labels = candidate_labels(inspected, release.sha256)
        unusable: str | None = None
        for label in labels:
            version = new_version(inspected, label, release, delivery.now)
            reserved = self.ledger.versions.reserve(Reservation(version, states_label(inspected), unusable))
            if reserved is None:
                # The label belongs to other content.
                continue
            if self._has_its_bundle(reserved.version, release) and self._create(reserved.version, delivery):
                return reserved
            unusable = reserved.version.label
        raise Rejected(
            f"the version label {labels[0]} and its variants belong to other bundles; "
            "drop the file again with another version-label in its metadata"
        )

    def _has_its_bundle(self, version: Version, copy: Release) -> bool:
        """Whether S3 still has the version's bundle unchanged.

        The bundle may be from an earlier drop with the same content.
        """
        return version.release == copy or self.bundles.prove(version.release) is None

    def _create(self, version: Version, delivery: Delivery) -> bool:
        """Creates the version. Returns False if the label refers to another bundle in Beanstalk.

        If the quota is used up, the drop waits for a clean-up. If a clean-up has run since the first delivery and
        there is still no room, the drop is rejected.
        """
        release = version.release
        try:
            return self.beanstalk.create_version(
                version.application, version.label, version.description, release.bucket, release.key
            )
        except NoRoom as full:
            if self.clean_ups.make_room(delivery.first_at, f"the drop of {delivery.drop.key}"):
                raise NotNow(f"{full.reason}; a clean-up has been requested to make room") from full
            raise Rejected(
                f"{full.reason}; a clean-up has run, but there is still no room. The command `clean` with `dry_run` "
                "shows why each version is kept. Keep fewer versions or ask AWS for a higher quota, and drop the file "
                "again"
            ) from full

    def _roll_out(
        self,
        inspected: InspectedDrop,
        reserved: Reserved,
        targets: Targets,
        configuration: InForce,
        now: datetime,
    ) -> DropDeployments:
        """Queues deployments to the targets. Raises Rejected if the content is quarantined in a target.

        If the content is not new, a target may already run or deploy it. Therefore Wardrop reads the targets' records.
        """
        version, names = reserved.version, [environment.name for environment in targets.environments]
        if reserved.is_first:
            return DropDeployments(queued_deployments(inspected, version, names, configuration, now))
        joined: dict[str, tuple[Deployment, Standing]] = {}
        missing: list[str] = []
        confirmed: list[Standing] = []
        for environment in targets.environments:
            record = self.ledger.environments.read(environment.name)
            check_quarantine(version, record.standing)
            if deployment := self._to_join(inspected, version, environment, record):
                joined[environment.name] = deployment, record.standing
            elif record.deployments or not self._runs(version, environment, inspected):
                missing.append(environment.name)
            else:
                confirmed.append(record.standing.started(inspected.arrival))
        queued = queued_deployments(inspected, version, names, configuration, now)
        return DropDeployments(
            [deployment for deployment in queued if deployment.environment in missing],
            [join(deployment, standing, inspected, names, now) for deployment, standing in joined.values()],
            confirmed,
        )

    def _to_join(
        self, inspected: InspectedDrop, version: Version, environment: Environment, record: EnvironmentRecord
    ) -> Deployment | None:
        """Returns the deployment that the drop joins, or None if the drop needs its own deployment."""
        deployment = to_join(inspected, version, environment, record)
        if deployment is None or not needs_instances(deployment, environment):
            return deployment
        is_replaced = is_replaced_on(self.beanstalk.instances(environment.name), deployment)
        return None if is_replaced else deployment

    def _runs(self, version: Version, environment: Environment, inspected: InspectedDrop) -> bool:
        """Whether the environment is Ready and every started instance runs the content.

        If the drop states a label, the instances must run that label.
        """
        label = environment.version_label
        if label is None or not environment.is_ready:
            return False
        if label != version.label:
            running = None if states_label(inspected) else self.ledger.versions.find(version.application, label)
            if running is None or not running.has_bytes_of(version):
                return False
        if not environment.reports_instances:
            return True
        return reported(self.beanstalk.instances(environment.name)).all_started_run(label)
