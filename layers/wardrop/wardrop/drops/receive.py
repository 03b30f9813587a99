"""From a dropped file to an application version and a queued deployment."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import new_alert
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles, Dropped
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.configuration.load import Configurations
from wardrop.configuration.rules import OnFailure, Rules
from wardrop.configuration.schema import Configuration
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment, Moment, deployment_id
from wardrop.deployments.state import State
from wardrop.drops import bundle
from wardrop.drops.drop import (
    Address,
    Drop,
    application_of,
    arrival,
    check_size,
    describe,
    distinct,
    label_of,
    read_key,
    tag_value,
)
from wardrop.drops.receipt import Receipt, ReceiptStatus
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
        """The same drop again changes nothing, and gets the receipt that it had."""
        if receipt := self.ledger.receipt(drop.id):
            return self._tagged(drop, receipt)
        try:
            receipt = self._receive(drop, now)
        except (Rejected, Refused) as refusal:
            receipt = self._reject(drop, refusal.reason, now)
        except Outdated:
            # Two deliveries of one event at once: whoever came first has written the receipt.
            first = self.ledger.receipt(drop.id)
            if first is None:
                raise
            receipt = first
        return self._tagged(drop, receipt)

    def _receive(self, drop: Drop, now: datetime) -> Receipt:
        address = read_key(drop.key, self.prefix)
        check_size(drop.size)
        there = self._environments(address.application)
        configured = self.configurations.checked(address.application, there, now)
        environments, note = _targets(address, configured, there)
        dropped = self.bundles.open(drop)
        check_size(dropped.size)
        inspected = bundle.inspect(dropped.file, address.file, dropped.size)
        version, is_new = self._make_version(drop, dropped, address, inspected, now)
        wanting = environments if is_new else [one for one in environments if self._wants(one, version.label)]
        stage = [environment.name for environment in wanting]
        deployments = [
            _deployment(drop, dropped, version, configured.rules(name, _on_failure(dropped)), address, stage, name, now)
            for name in stage
        ]
        if deployments:
            reason = f"{version.label} is queued for {' and '.join(one.environment for one in deployments)}"
        else:
            ran = " and ".join(environment.name for environment in environments)
            reason = note or f"{version.label} runs on all instances of {ran} already; there is nothing to deploy"
        alerts = [alert_of(deployment) for deployment in deployments]
        if not deployments:
            made = new_alert(
                Kind.VERSION_MADE,
                drop.id,
                now,
                reason,
                application=address.application,
                version_label=version.label,
            )
            alerts.append(made)
        receipt = Receipt(
            drop=drop.id,
            status=ReceiptStatus.ACCEPTED,
            reason=reason,
            at=now,
            application=address.application,
            label=version.label,
            deployments=[deployment.id for deployment in deployments],
        )
        self.ledger.write(Change(deployments, alerts=alerts), receipt)
        self.mailbox.wake(WakeUp(environment=one.environment, cause=one.id) for one in deployments)
        return receipt

    def _environments(self, application: str) -> dict[str, Environment]:
        """By name. Raises Rejected if there is no such application."""
        there = self.beanstalk.environments_of(application)
        if not there and not self.beanstalk.has_application(application):
            raise Rejected(f"there is no application {application}, or Wardrop may not see it")
        return there

    def _make_version(
        self, drop: Drop, dropped: Dropped, address: Address, inspected: bundle.Bundle, now: datetime
    ) -> tuple[Version, bool]:
        """The version for these bytes, and whether they are new; a crash half-way is taken up again."""
        release = self.bundles.keep(drop, address.application)
        label = label_of(
            address.file,
            stated=dropped.metadata.get("version-label"),
            application=address.application,
            implementation_version=inspected.implementation_version,
            content_hash=release.sha256,
        )
        taken: str | None = None
        by_origin = hashlib.sha256(drop.id.encode()).hexdigest()
        for candidate in (label, distinct(label, release.sha256), distinct(label, by_origin)):
            wanted = Version(
                application=address.application,
                label=candidate,
                description=describe(drop, dropped.uploaded_at, dropped.metadata.get("dropped-by")),
                release=release,
                drop=drop.id,
                reserved_at=now,
                settings=inspected.settings,
                unread=inspected.unread,
            )
            version = self.ledger.reserve(wanted, instead_of=taken)
            if version is None:
                continue
            if version.drop != drop.id and self.bundles.prove(version.release):
                # These bytes had a version, whose bundle is not what it was: they come back under another label.
                taken = version.label
                continue
            if self._create(version, drop):
                return version, version.drop == drop.id
            # Somebody made a version of this label without Wardrop.
            taken = version.label
        raise Rejected(f"the label {label}, and those made of it, stand for other bundles; state another version-label")

    def _create(self, version: Version, drop: Drop) -> bool:
        """False if the label stands for another bundle.

        Where there is no room, the drop waits for a clean-up; it is rejected if one has run since it came.
        """
        release = version.release
        try:
            return self.beanstalk.create_version(
                version.application, version.label, version.description, release.bucket, release.key
            )
        except NoRoom as full:
            if self.clean_ups.make_room(drop.event_time, f"the drop of {drop.key}"):
                raise NotNow(f"{full.reason}; clean-up makes room first") from full
            raise Rejected(
                f"{full.reason}; clean-up has made no room: see what it keeps, and why, with clean --dry-run; "
                "keep fewer or have AWS raise the quota, then drop it again"
            ) from full

    def _wants(self, environment: Environment, label: str) -> bool:
        """Whether there is something to deploy, as there is while anything waits or moves there.

        Raises Rejected if the version is quarantined there.
        """
        known = self.ledger.now(environment.name)
        if condemned := known.standing.quarantine_of(label):
            raise Rejected(
                f"{label} is quarantined in {environment.name}: {condemned.because}; "
                f"wardrop deploy {environment.name} {label} brings it back all the same"
            )
        if environment.version_label != label or not environment.is_ready or known.deployments:
            return True
        if not environment.reports_instances:
            return False
        instances = self.beanstalk.instances(environment.name)
        return not instances or not all(instance.runs(label) for instance in instances)

    def _reject(self, drop: Drop, reason: str, now: datetime) -> Receipt:
        receipt = Receipt(drop=drop.id, status=ReceiptStatus.REJECTED, reason=reason, at=now)
        told = new_alert(
            Kind.DROP_REJECTED,
            drop.id,
            now,
            f"{drop.key}: {reason}",
            application=application_of(drop.key, self.prefix),
        )
        try:
            self.ledger.write(Change(alerts=[told]), receipt)
        except Outdated:
            return self.ledger.receipt(drop.id) or receipt
        return receipt

    def _tagged(self, drop: Drop, receipt: Receipt) -> Receipt:
        tags = {
            "wardrop-status": receipt.status,
            "wardrop-version": receipt.label or "none",
            "wardrop-deployment": " ".join(receipt.deployments) or "none",
            "wardrop-reason": receipt.reason,
        }
        self.bundles.tag(drop, {name: tag_value(value) for name, value in tags.items()})
        return receipt


def _targets(
    address: Address, configured: Configuration, there: dict[str, Environment]
) -> tuple[list[Environment], str | None]:
    """Where the drop goes, and why it goes nowhere if it does not. Raises Rejected."""
    names = ", ".join(sorted(there)) or "none"
    if address.environment is not None:
        wanted = [address.environment]
    elif configured.stages:
        wanted = [entry.name for entry in configured.stages[0]]
    elif len(there) == 1:
        wanted = list(there)
    elif not there:
        return [], f"nothing is deployed: {address.application} has no environment"
    else:
        return [], (
            f"nothing is deployed: {address.application} has the environments {names}, and no "
            "configuration says which comes first; drop the file below one of them to deploy it"
        )
    if missing := [name for name in wanted if name not in there]:
        raise Rejected(f"application {address.application} has no environment {', '.join(missing)}; it has {names}")
    return [there[name] for name in wanted], None


def _on_failure(dropped: Dropped) -> OnFailure | None:
    """What the drop's metadata states; None if it states nothing. Raises Rejected for any other word."""
    stated = dropped.metadata.get("on-failure")
    if stated is None:
        return None
    if stated not in set(OnFailure):
        raise Rejected(f"the metadata on-failure is {stated}; it may be {' or '.join(OnFailure)}")
    return OnFailure(stated)


def _deployment(
    drop: Drop,
    dropped: Dropped,
    version: Version,
    rules: Rules,
    address: Address,
    stage: list[str],
    environment: str,
    now: datetime,
) -> Deployment:
    dropped_by = dropped.metadata.get("dropped-by")
    reason = f"{version.label} was dropped as {drop.key}" + (f", by {dropped_by} as stated" if dropped_by else "")
    return Deployment(
        id=deployment_id(now, drop.id, environment),
        application=version.application,
        environment=environment,
        label=version.label,
        state=State.QUEUED,
        reason=reason,
        arrival=arrival(dropped.uploaded_at, drop),
        drop=drop.id,
        dropped_by=dropped_by,
        release=version.release,
        rules=rules,
        promotes=address.environment is None,
        stage=stage,
        replacing_options=version.replacing_options,
        history=[Moment(now, State.QUEUED, reason)],
    )
