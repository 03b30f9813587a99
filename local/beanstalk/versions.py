"""Applications and their versions. The fields have the names that AWS's answers give them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import bundles


@dataclass
class ApplicationVersion:
    """A label for a bundle: bucket and key are remembered, the bytes are not."""

    account: str
    arn: str
    application_name: str
    version_label: str
    description: str | None
    source_bundle: dict[str, str] | None
    status: str
    date_created: datetime
    date_updated: datetime
    _judged: tuple[str, bool] = ("", False)

    def answers(self) -> bool | None:
        """Whether what now lies under the key can answer at `/`; None when it cannot be read.

        A version made without a source bundle is AWS's sample application.
        """
        if self.source_bundle is None:
            return True
        bundle = bundles.find(self.account, self.source_bundle["S3Bucket"], self.source_bundle["S3Key"])
        if bundle is None:
            return None
        if self._judged[0] != bundle.etag:
            self._judged = (bundle.etag, bundles.answers(bundle.value))
        return self._judged[1]


@dataclass
class Application:
    arn: str
    name: str
    description: str | None
    date_created: datetime
    date_updated: datetime
    labelled: dict[str, ApplicationVersion] = field(default_factory=dict)

    @property
    def versions(self) -> list[str]:
        return list(reversed(self.labelled))

    @property
    def resource_lifecycle_config(self) -> dict[str, Any]:
        off = {"Enabled": False, "DeleteSourceFromS3": False}
        rules = {"MaxCountRule": off | {"MaxCount": 200}, "MaxAgeRule": off | {"MaxAgeInDays": 180}}
        return {"VersionLifecycleConfig": rules}
