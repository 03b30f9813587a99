"""Checks before a deployment that the version in Beanstalk and its bundle in S3 are unchanged."""

from dataclasses import dataclass
from typing import assert_never

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Access, Bundles
from wardrop.environments.version import ApplicationVersion, Release


@dataclass(frozen=True)
class VersionCheck:
    beanstalk: Beanstalk
    bundles: Bundles

    def problem(self, application: str, label: str, release: Release | None) -> str | None:
        """The reason why the version cannot be deployed. None: version and bundle are unchanged.

        Without a release, Wardrop did not copy the bundle. Then only the existence of version and bundle is checked.
        """
        if release is None:
            version = self.beanstalk.version(application, label)
            if version is None:
                return f"Beanstalk does not have version {label} any more"
            is_gone = self._access(version) is Access.GONE
            return f"its bundle {version.place} does not exist any more" if is_gone else None
        if wrong := self.bundles.prove(release):
            return wrong
        if self.beanstalk.refers_to(application, label, release.bucket, release.key):
            return None
        return f"version {label} in Beanstalk does not refer to its bundle {release.place} any more"

    def doubt(self, application: str, label: str) -> str | None:
        """The reason why it cannot be told that a version of somebody else can be deployed again. None: it can be.

        A denied access is only a doubt: with an operations role, Beanstalk reads the bundle with other permissions.
        """
        version = self.beanstalk.version(application, label)
        if version is None:
            return f"{label} cannot be rolled back to, because Beanstalk does not have it any more"
        match self._access(version):
            case Access.GONE:
                return f"{label} cannot be rolled back to, because its bundle {version.place} does not exist any more"
            case Access.DENIED:
                return (
                    f"cannot tell whether {label} can be rolled back to, because its bundle {version.place} may not be "
                    "read; add the bucket to the stack's parameter BundleBuckets"
                )
            case Access.READABLE | None:
                return None
            case unreachable:
                assert_never(unreachable)

    def _access(self, version: ApplicationVersion) -> Access | None:
        """None: the version has no bundle, such as AWS's sample application."""
        return self.bundles.access(version.bucket, version.key) if version.bucket and version.key else None
