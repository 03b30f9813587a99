"""Applications and their versions."""

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
    label: str
    description: str | None
    bucket: str | None
    key: str | None
    status: str
    created: datetime
    updated: datetime
    _judged: tuple[str, bool] | None = None

    def answers(self) -> bool | None:
        """Whether what now lies under the key can answer at `/`; None when it cannot be read.

        A version made without a source bundle is AWS's sample application.
        """
        if self.bucket is None or self.key is None:
            return True
        bundle = bundles.find(self.account, self.bucket, self.key)
        if bundle is None:
            return None
        if self._judged is None or self._judged[0] != bundle.etag:
            self._judged = (bundle.etag, bundles.answers(bundle.value))
        return self._judged[1]

    def describe(self) -> dict[str, Any]:
        source = {"S3Bucket": self.bucket, "S3Key": self.key} if self.bucket else None
        return {
            "ApplicationVersionArn": self.arn,
            "ApplicationName": self.application_name,
            "Description": self.description,
            "VersionLabel": self.label,
            "SourceBundle": source,
            "DateCreated": self.created,
            "DateUpdated": self.updated,
            "Status": self.status,
        }


@dataclass
class Application:
    arn: str
    name: str
    description: str | None
    created: datetime
    versions: dict[str, ApplicationVersion] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        off = {"Enabled": False, "DeleteSourceFromS3": False}
        lifecycle = {"MaxCountRule": off | {"MaxCount": 200}, "MaxAgeRule": off | {"MaxAgeInDays": 180}}
        return {
            "ApplicationArn": self.arn,
            "ApplicationName": self.name,
            "Description": self.description,
            "DateCreated": self.created,
            "DateUpdated": self.created,
            "Versions": list(reversed(self.versions)),
            "ConfigurationTemplates": [],
            "ResourceLifecycleConfig": {"VersionLifecycleConfig": lifecycle},
        }
