"""The invariants of uploads: each upload has one receipt, and is deployed unless its content runs already."""

from collections import defaultdict
from datetime import UTC, datetime

from tests.simulation.environment import ModelEnvironment
from tests.simulation.memory import MemoryLedger
from tests.simulation.requirement import Requirement
from tests.simulation.uploads import Content, Received, Upload
from tests.simulation.world import ModelBeanstalk
from wardrop.deployments.standing import Standing
from wardrop.drops.receipt import Receipt, ReceiptStatus

NEVER = datetime.min.replace(tzinfo=UTC)
NO_ARRIVAL = NEVER, NEVER, ""


class UploadInvariants:
    def __init__(self, require: Requirement, beanstalk: ModelBeanstalk, ledger: MemoryLedger) -> None:
        self._require, self._beanstalk, self._ledger = require, beanstalk, ledger
        self.receipts: dict[str, Receipt] = {}
        """By id of the drop."""

        self.promoted: set[str] = set()
        """The ids of deployments of drops that are promoted."""

        self._quarantined: defaultdict[str, set[Content | None]] = defaultdict(set)
        """The contents that were quarantined at some time, by environment."""

    def record_quarantines(self, standing: Standing) -> None:
        contents = {self._beanstalk.contents.get(version.label) for version in standing.quarantined}
        self._quarantined[standing.environment] |= contents

    def received(self, received: Received) -> None:
        """Each drop has one receipt, however often its event is delivered."""
        upload, receipt = received.upload, received.receipt
        first = self.receipts.setdefault(upload.drop.id, receipt)
        self._require(receipt == first, f"{upload.drop.id} has two receipts")
        match receipt.status:
            case ReceiptStatus.ACCEPTED:
                if upload.promotes:
                    self.promoted.update(receipt.deployments)
                models = [self._beanstalk.models[name] for name in upload.targets if name not in receipt.environments]
                for model in models:
                    if model.exists and received.is_new:
                        self._of_known_content(upload, model)
            case ReceiptStatus.REJECTED:
                self._of_rejection(upload, receipt, held_too_long=received.is_held_too_long and upload.promotes)
            case ReceiptStatus.REPLACED:
                self._require(not upload.content.data, f"{upload.drop.key} has content, but counts as empty")

    def _of_known_content(self, upload: Upload, model: ModelEnvironment) -> None:
        running = {self._beanstalk.contents.get(label) for label in model.labels}
        summary = f"{upload.drop.key} is not deployed to {model.name}"
        self._require(running == {upload.content}, f"{summary}, but the instances run {model.labels}")

    def _of_rejection(self, upload: Upload, receipt: Receipt, *, held_too_long: bool) -> None:
        """A drop is rejected if an environment did not exist at some time since the upload, or quarantined the content.

        A drop without an environment in its key is also rejected if its configuration could not be read for too long.

        The first delivery of the event may reject the drop and crash. Then the rejection is reported at the second
        delivery, when the environment may exist again, or the content may no longer be quarantined.
        """
        for name in upload.targets:
            self.record_quarantines(self._ledger.read(name).standing)
        quarantined = set[Content | None]().union(*(self._quarantined[name] for name in upload.targets))
        models = [self._beanstalk.models[name] for name in upload.targets]
        exist = all(model.exists and model.created_at <= upload.at for model in models)
        is_right = not upload.content.data or not exist or upload.content in quarantined or held_too_long
        self._require(is_right, f"{upload.drop.key} is rejected: {receipt.reason}")

    def without_receipt(self) -> list[str]:
        uploads = self._beanstalk.bucket.newest_uploads
        return [upload.drop.id for upload in uploads if upload.drop.id not in self.receipts]

    def at_rest(self, decided_at: dict[str, datetime]) -> None:
        """No upload is ignored, also if its event was lost. An upload that found its content running is not undone."""
        ignored = self.without_receipt()
        self._require(not ignored, f"{ignored} have no receipt")
        for name, model in self._beanstalk.models.items():
            arrivals = [deployment.arrival for deployment in self._ledger.environments.history(name)]
            upload = self.found_running(name, max(arrivals, default=NO_ARRIVAL))
            if upload and model.exists and max(model.foreign_at, decided_at[name]) < upload.at:
                self._of_known_content(upload, model)

    def found_running(self, name: str, since: tuple[datetime, datetime, str]) -> Upload | None:
        """The newest upload after a drop that has no deployment, because the environment ran its content."""
        found = [
            upload
            for upload in self._beanstalk.bucket.uploads.values()
            if name in upload.targets and upload.arrival > since and self._is_accepted(upload)
        ]
        newest = max(found, key=lambda upload: upload.arrival, default=None)
        is_deployed = newest is not None and name in self.receipts[newest.drop.id].environments
        return None if is_deployed else newest

    def _is_accepted(self, upload: Upload) -> bool:
        receipt = self.receipts.get(upload.drop.id)
        return receipt is not None and receipt.status is ReceiptStatus.ACCEPTED
