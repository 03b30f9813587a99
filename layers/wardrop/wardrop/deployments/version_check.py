"""Checks before a deployment that the version in Beanstalk and its bundle in S3 are unchanged."""

from dataclasses import dataclass

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.environments.version import Release


@dataclass(frozen=True)
class VersionCheck:
    beanstalk: Beanstalk
    bundles: Bundles

    def problem(self, application: str, label: str, release: Release | None) -> str | None:
        """The reason why the version cannot be deployed. None: version and bundle are unchanged.

        Without a release, Wardrop did not copy the bundle, and only the existence of the version is checked.
        """
        if release is None:
            exists = self.beanstalk.has_version(application, label)
            return None if exists else f"Beanstalk does not have version {label} any more"
        if wrong := self.bundles.prove(release):
            return wrong
        if self.beanstalk.refers_to(application, label, release.bucket, release.key):
            return None
        return f"version {label} in Beanstalk does not refer to its bundle {release.place} any more"
