"""Receives a drop: makes an application version of the file and queues its deployments, or rejects it."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.configuration.load import Configurations
from wardrop.drops.bundle import inspect
from wardrop.drops.drop import Drop, check_size
from wardrop.drops.inspected_drop import InspectedDrop, read_metadata
from wardrop.drops.key import Address, application_of, read_key
from wardrop.drops.label import candidate_labels, new_version
from wardrop.drops.outcome import Outcome, accepted, queued_deployments, rejected
from wardrop.drops.receipt import Receipt
from wardrop.drops.targets import check_platform, check_tier, target_environments
from wardrop.environments.model import Environment
from wardrop.environments.version import Version
from wardrop.errors import NoRoom, NotNow, Outdated, Refused, Rejected


@dataclass(frozen=True)
class ReceiveDrop:
    bundles: Bundles
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    configurations: Configurations
    clean_ups: CleanUps
    prefix: str = ""

    def __call__(self, drop: Drop, now: datetime) -> Receipt:
        """A second delivery of the same event changes nothing and returns the first receipt."""
        receipt = self.ledger.receipts.find(drop.id) or self._write(self._receive(drop, now))
        self.bundles.tag(drop, receipt.tags)
        return receipt

    def _receive(self, drop: Drop, now: datetime) -> Outcome:
        try:
            return self._accept(drop, now)
        except (Rejected, Refused) as refusal:
            return rejected(drop, refusal.reason, application_of(drop.key, self.prefix), now)

    def _accept(self, drop: Drop, now: datetime) -> Outcome:
        """A crash between any two steps does no harm: the next delivery repeats them."""
        address = read_key(drop.key, self.prefix)
        check_size(drop.size)
        environments = self._environments(address.application)
        configuration = self.configurations.checked(address.application, environments, now)
        targets = target_environments(address, configuration, environments)
        check_tier(targets)
        inspected = self._inspect(drop, address)
        check_platform(targets, inspected)
        version = self._make_version(inspected, now)
        stage = [target.name for target in targets.environments if self._is_to_be_deployed(version, target, drop)]
        deployments = queued_deployments(inspected, version, stage, configuration, now)
        return accepted(drop, version, targets, deployments, now)

    def _write(self, outcome: Outcome) -> Receipt:
        try:
            self.ledger.write(outcome.change, outcome.receipt)
        except Outdated:
            # Of two deliveries at the same time, the other one has written its receipt first.
            first = self.ledger.receipts.find(outcome.receipt.drop)
            if first is None:
                raise
            return first
        self.mailbox.wake(
            WakeUp(environment=deployment.environment, cause=deployment.id) for deployment in outcome.change.deployments
        )
        return outcome.receipt

    def _environments(self, application: str) -> dict[str, Environment]:
        """By name. Raises Rejected if there is no such application."""
        environments = self.beanstalk.environments_of(application)
        if not environments and not self.beanstalk.has_application(application):
            raise Rejected(
                f"there is no application {application}, or Wardrop may not see it; check the key of the file, "
                "and the stack's parameter Applications"
            )
        return environments

    def _inspect(self, drop: Drop, address: Address) -> InspectedDrop:
        dropped = self.bundles.open(drop)
        check_size(dropped.size)
        contents = inspect(dropped.file, address.file, dropped.size)
        return InspectedDrop(drop, address, dropped.uploaded_at, read_metadata(dropped.metadata), contents)

    def _make_version(self, inspected: InspectedDrop, now: datetime) -> Version:
        """The version of these bytes: a new one, or the one that they have already."""
        drop = inspected.drop
        release = self.bundles.keep(drop, inspected.address.application)
        labels = candidate_labels(inspected, release.sha256)
        unusable: str | None = None
        for label in labels:
            version = self.ledger.versions.reserve(new_version(inspected, label, release, now), instead_of=unusable)
            if version is None:
                # Other bytes have the label.
                continue
            if self._has_its_bundle(version, drop) and self._create(version, drop):
                return version
            unusable = version.label
        raise Rejected(
            f"the version label {labels[0]} and the labels made from it belong to other bundles; "
            "drop the file again with another version-label in its metadata"
        )

    def _has_its_bundle(self, version: Version, drop: Drop) -> bool:
        """False if the bundle of an earlier drop of the same bytes is gone or overwritten."""
        return version.drop == drop.id or self.bundles.prove(version.release) is None

    def _create(self, version: Version, drop: Drop) -> bool:
        """False if Beanstalk has another bundle under the label, because somebody made a version without Wardrop.

        Without room for a version, the drop waits for a clean-up. It is rejected if one has run since the drop.
        """
        release = version.release
        try:
            return self.beanstalk.create_version(
                version.application, version.label, version.description, release.bucket, release.key
            )
        except NoRoom as full:
            if self.clean_ups.make_room(drop.event_time, f"the drop of {drop.key}"):
                raise NotNow(f"{full.reason}; a clean-up has been started to make room") from full
            raise Rejected(
                f"{full.reason}; a clean-up has run and made no room. See with clean --dry-run which versions it keeps "
                "and why, keep fewer or have AWS raise the quota, and drop the file again"
            ) from full

    def _is_to_be_deployed(self, version: Version, environment: Environment, drop: Drop) -> bool:
        """A version that runs already is deployed again only while something waits or changes in the environment.

        Raises Rejected if the version is quarantined there.
        """
        if version.drop == drop.id:
            return True
        record, label = self.ledger.environments.read(environment.name), version.label
        if quarantine := record.standing.quarantine_of(label):
            raise Rejected(
                f"{label} is quarantined in {environment.name}: {quarantine.because}; "
                f"to deploy it all the same, run wardrop deploy {environment.name} {label}"
            )
        if environment.version_label != label or not environment.is_ready or record.deployments:
            return True
        if not environment.reports_instances:
            return False
        instances = self.beanstalk.instances(environment.name)
        return not instances or not all(instance.runs(label) for instance in instances)
