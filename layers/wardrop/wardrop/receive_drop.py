"""From a dropped file to an application version and a queued deployment."""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles, Dropped
from wardrop.aws.ledger import Ledger, Receipt
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.aws.parameters import Parameters
from wardrop.domain import alert, bundle, configuration
from wardrop.domain.alert import Alert, Kind
from wardrop.domain.configuration import Configuration
from wardrop.domain.deployment import Deployment, Moment, State
from wardrop.domain.drop import (
    Address,
    Drop,
    arrival,
    check_size,
    describe,
    distinct,
    label_of,
    read_key,
    tag_value,
)
from wardrop.domain.environment import Environment, Health
from wardrop.domain.release import Version
from wardrop.errors import Outdated, Refused, Rejected

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReceiveDrop:
    bundles: Bundles
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    parameters: Parameters
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
        configured, alerts = self._configuration(address.application, now)
        environments, note = self._targets(address, configured)
        dropped = self.bundles.open(drop)
        check_size(dropped.size)
        inspected = bundle.inspect(dropped.file, address.file, dropped.size)
        version, is_new = self._make_version(drop, dropped, address, inspected, now)
        deployments = [
            self._deployment(drop, dropped, version, configured, environment, now)
            for environment in environments
            if is_new or not self._runs_everywhere(environment, version.label)
        ]
        if deployments:
            reason = f"{version.label} is queued for {' and '.join(one.environment for one in deployments)}"
        else:
            ran = " and ".join(environment.name for environment in environments)
            reason = note or f"{version.label} runs on all instances of {ran} already; there is nothing to deploy"
        alerts += [alert.of(deployment) for deployment in deployments]
        if not deployments:
            about = {"application": address.application, "version_label": version.label}
            alerts.append(alert.alert(Kind.VERSION_MADE, drop.id, now, reason, **about))
        receipt = Receipt(
            drop=drop.id,
            status="accepted",
            reason=reason,
            at=now,
            application=address.application,
            label=version.label,
            deployments=[deployment.id for deployment in deployments],
        )
        self.ledger.accept(receipt, deployments, alerts)
        self.mailbox.wake(WakeUp(environment=one.environment, cause=one.id) for one in deployments)
        return receipt

    def _configuration(self, application: str, now: datetime) -> tuple[Configuration, list[Alert]]:
        """What is configured now, or the last that could be read when what stands there now cannot be."""
        text = self.parameters.configuration(application)
        if text is None:
            return Configuration(), []
        try:
            configured = configuration.parse(text)
        except configuration.InvalidConfiguration as error:
            last_good = self.ledger.configuration(application)
            instead = "the last good one stays in force" if last_good else "the defaults are in force"
            told = f"the configuration of {application} is refused, {instead}: {error}"
            _logger.warning(told)
            subject = f"{application}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"
            refused = alert.alert(Kind.CONFIGURATION_REFUSED, subject, now, told, application=application)
            return configuration.parse(last_good) if last_good else Configuration(), [refused]
        self.ledger.keep_configuration(application, text)
        return configured, []

    def _targets(self, address: Address, configured: Configuration) -> tuple[list[Environment], str | None]:
        """Where the drop goes, and why it goes nowhere if it does not. Raises Rejected."""
        there = self.beanstalk.environments_of(address.application)
        names = ", ".join(sorted(there)) or "none"
        if not there and not self.beanstalk.has_application(address.application):
            raise Rejected(f"there is no application {address.application}, or Wardrop may not see it")
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
            if self.beanstalk.create_version(
                version.application,
                version.label,
                version.description,
                version.release.bucket,
                version.release.key,
            ):
                return version, version.drop == drop.id
            # Somebody made a version of this label without Wardrop.
            taken = version.label
        raise Rejected(f"the label {label}, and those made of it, stand for other bundles; state another version-label")

    def _runs_everywhere(self, environment: Environment, label: str) -> bool:
        """Whether there is nothing to deploy; not while anything waits or moves there."""
        if environment.version_label != label or not environment.is_ready:
            return False
        if self.ledger.now(environment.name).deployments:
            return False
        if not environment.reports_instances:
            return True
        instances = self.beanstalk.instances(environment.name)
        return bool(instances) and all(instance.runs(label) for instance in instances)

    def _deployment(
        self,
        drop: Drop,
        dropped: Dropped,
        version: Version,
        configured: Configuration,
        environment: Environment,
        now: datetime,
    ) -> Deployment:
        settings = configured.of(environment.name)
        dropped_by = dropped.metadata.get("dropped-by")
        reason = f"{version.label} was dropped as {drop.key}" + (f", by {dropped_by} as stated" if dropped_by else "")
        return Deployment(
            id=f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}",
            application=version.application,
            environment=environment.name,
            label=version.label,
            state=State.QUEUED,
            reason=reason,
            arrival=arrival(dropped.uploaded_at, drop),
            drop=drop.id,
            dropped_by=dropped_by,
            release=version.release,
            accept=[Health(accepted) for accepted in settings.accept],
            bad_for=int(settings.bad_for.total_seconds()),
            history=[Moment(now, State.QUEUED, reason)],
        )

    def _reject(self, drop: Drop, reason: str, now: datetime) -> Receipt:
        receipt = Receipt(drop=drop.id, status="rejected", reason=reason, at=now)
        try:
            self.ledger.reject(receipt, alert.alert(Kind.DROP_REJECTED, drop.id, now, f"{drop.key}: {reason}"))
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
